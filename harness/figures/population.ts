/** Summary of a population: its best agent, and statistics over its agents that are robust to a few lucky ones. */

import type { SweepKey } from '../../src/options/options'
import { agentConfig } from '../../src/options/sweep'
import type { Setup } from '../setup/setup'
import type { CurveRow } from './csv'
import { quantile } from './curve'

/** An agent's values of what differs between the agents: options, and parameters of the environment. */
export type SweptValues = Record<string, number | boolean>

export interface PopulationSummary {
  /** Agents that count: with 100 finished episodes and finite weights. The numbers below leave out the others. */
  counted: number
  diverged: number
  /**
   * The agent with the largest return; if several are equal the one solved first, then the first. Null if none counts.
   */
  best: { agent: number; seed: number; episodicReturn: number; solvedAt: number | null; swept: SweptValues } | null
  /** Of the agents' returns over their latest 100 episodes. */
  median: number | null
  /** Interquartile mean, and its 95 % confidence interval by the bootstrap; null below 3 agents. */
  iqm: number | null
  iqmLow: number | null
  iqmHigh: number | null
}

/** Resamples of the bootstrap, and the seed of its random numbers: the same returns give the same interval. */
const RESAMPLES = 10_000
const BOOTSTRAP_SEED = 1

export function sweptValues({ config }: Setup, agent: number): SweptValues {
  const own = agentConfig(config, agent)
  const options = Object.keys(config.sweep).map((key) => [key, own[key as SweepKey]])
  const params = Object.keys(config.envParams).filter((name) => Array.isArray(config.envParams[name]))
  return Object.fromEntries([...options, ...params.map((name) => [name, own.envParams[name]])])
}

/** @param rows Each agent's rows, [agent][iteration]. */
export function summarisePopulation(setup: Setup, rows: CurveRow[][]): PopulationSummary {
  const last = rows.map((agent) => agent.at(-1))
  const counted = last.flatMap((row) =>
    row && row.status !== 'notFinite' && row.episodicReturn !== null
      ? [{ agent: row.agent, seed: row.seed, episodicReturn: row.episodicReturn, solvedAt: row.solvedAt }]
      : [],
  )
  const diverged = last.filter((row) => row?.status === 'notFinite').length
  if (counted.length === 0) {
    return { counted: 0, diverged, best: null, median: null, iqm: null, iqmLow: null, iqmHigh: null }
  }
  const solved = (a: { solvedAt: number | null }) => a.solvedAt ?? Number.POSITIVE_INFINITY
  const best = counted.reduce((a, b) => {
    if (b.episodicReturn !== a.episodicReturn) return b.episodicReturn > a.episodicReturn ? b : a
    return solved(b) < solved(a) ? b : a
  })
  const returns = counted.map((a) => a.episodicReturn)
  const [iqmLow, iqmHigh] = iqmInterval(returns)
  return {
    counted: counted.length,
    diverged,
    best: { ...best, swept: sweptValues(setup, best.agent) },
    median: quantile(returns, 0.5),
    iqm: interquartileMean(returns),
    iqmLow,
    iqmHigh,
  }
}

/** The mean without the floor(n / 4) smallest and largest values (Agarwal et al. 2021, rliable). */
export function interquartileMean(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort()
  return middleMean(sorted, new Uint32Array(sorted.length).fill(1))
}

/** With fewer, resamples say nothing of the spread. */
const FEWEST = 3

/** The 95 % interval of the interquartile mean of independent runs; null below 3 of them. */
export const iqmInterval = (values: ArrayLike<number>): [number, number] | [null, null] =>
  values.length < FEWEST ? [null, null] : bootstrapIqm(values)

/** 2.5 % and 97.5 % percentiles of the interquartile means of resamples with replacement (Efron 1979). */
export function bootstrapIqm(values: ArrayLike<number>, resamples = RESAMPLES): [number, number] {
  const sorted = Float64Array.from(values).sort()
  const random = mulberry32(BOOTSTRAP_SEED)
  const drawn = new Uint32Array(sorted.length)
  const means = Array.from({ length: resamples }, () => {
    drawn.fill(0)
    for (let i = 0; i < sorted.length; i++) drawn[Math.floor(random() * sorted.length)]++
    return middleMean(sorted, drawn)
  })
  return [quantile(means, 0.025), quantile(means, 0.975)]
}

/** Interquartile mean of a sample that contains `sorted[i]` `times[i]` times, `sorted.length` values in all. */
function middleMean(sorted: Float64Array, times: Uint32Array): number {
  const n = sorted.length
  const cut = Math.floor(n / 4)
  let sum = 0
  let seen = 0
  for (let i = 0; i < n; i++) {
    const from = Math.max(seen, cut)
    const to = Math.min(seen + times[i], n - cut)
    if (to > from) sum += (to - from) * sorted[i]
    seen += times[i]
  }
  return sum / (n - 2 * cut)
}

/** Numbers uniform in [0, 1), the same for the same seed (mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}
