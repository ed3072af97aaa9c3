/** The summary of a training run: the object that `train --json` prints. */

import { largest } from '../../src/extremes'
import { agentConfig } from '../../src/options/sweep'
import type { Setup } from '../setup/setup'
import type { CurveRow } from './csv'
import { type PopulationSummary, type SweptValues, summarisePopulation, sweptValues } from './population'

export interface AgentSummary {
  seed: number
  episodicReturn: number | null
  solvedAt: number | null
  /** The agent's own values, if options are swept. */
  swept?: SweptValues
}

export interface TrainSummary {
  env: string
  seed: number
  numAgents: number
  /** Timesteps of training until the agent stopped. With several agents, here and below, the mean. */
  timesteps: number
  iterations: number
  episodes: number
  episodicReturn: number | null
  solvedAt: number | null
  /** Seconds of training, from the first dispatch to the last readback. */
  wallSeconds: number
  /** Steps of all agents together per second of training. */
  sps: number
  plan: string
  dispatchesPerIteration: number
  adapter: string
  out: string
  /** SHA-256 over the padded f32 parameters of all agents. */
  weightsHash: string
  /** Why it does not learn; empty where it does. */
  diagnosis: { id: string; text: string; link: string; from: number; until: number; agents: number }[]
  /** With `evalEvery`: the best policy of each agent. */
  best?: (BestScore | null)[]
  /** Only with several agents. */
  population?: PopulationSummary
  agents?: AgentSummary[]
}

/** The best policy of an agent: its evaluation, and its score in other episodes. */
export interface BestScore {
  timesteps: number
  /** The mean return of the evaluation by which it was chosen. */
  evalReturn: number
  /** Of as many episodes with other initial states; null if they were not played. */
  freshReturn: number | null
  freshSeed: number
}

type Trained = Pick<
  TrainSummary,
  'best' | 'wallSeconds' | 'plan' | 'dispatchesPerIteration' | 'adapter' | 'out' | 'weightsHash' | 'diagnosis'
>

export const round = (value: number, digits: number): number => Number(value.toFixed(digits))

/** The mean, or null if an agent has no value: a mean over the others would be too good. */
export function meanOrNull(values: (number | null)[]): number | null {
  if (values.length === 0 || values.some((v) => v === null)) return null
  return average(values as number[])
}

export const average = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/** Standard deviation of all values (dividing by n), NumPy's default. */
export function deviation(values: number[]): number {
  const mean = average(values)
  return Math.sqrt(average(values.map((v) => (v - mean) ** 2)))
}

/** The state of each agent at the end. */
export const agentSummaries = (setup: Setup, rows: CurveRow[][]): AgentSummary[] =>
  rows.map((agent, k) => ({
    seed: agentConfig(setup.config, k).seed,
    episodicReturn: agent.at(-1)?.episodicReturn ?? null,
    solvedAt: agent.at(-1)?.solvedAt ?? null,
    ...sweptOf(setup, k),
  }))

/** Empty if all agents have the same values. */
function sweptOf(setup: Setup, agent: number): { swept?: SweptValues } {
  const swept = sweptValues(setup, agent)
  return Object.keys(swept).length > 0 ? { swept } : {}
}

/** @param rows Each agent's rows, [agent][iteration]. */
export function summarise(setup: Setup, rows: CurveRow[][], trained: Trained): TrainSummary {
  const { spec, config } = setup
  const last = rows.map((agent) => agent.at(-1))
  const mean = (get: (agent: CurveRow[]) => number) => meanOrNull(rows.map(get)) ?? 0
  const agents = agentSummaries(setup, rows)
  const timesteps = last.map((row) => row?.timesteps ?? 0)
  const steps = timesteps.reduce((a, b) => a + b, 0)
  return {
    env: spec.id,
    seed: config.seed,
    numAgents: config.numAgents,
    timesteps: Math.round(steps / rows.length),
    iterations: largest(
      rows.map((agent) => agent.length),
      0,
    ),
    episodes: Math.round(mean((agent) => agent.reduce((sum, row) => sum + row.episodes, 0))),
    episodicReturn: meanOrNull(agents.map((a) => a.episodicReturn)),
    solvedAt: meanOrNull(agents.map((a) => a.solvedAt)),
    wallSeconds: round(trained.wallSeconds, 3),
    sps: trained.wallSeconds > 0 ? Math.round(steps / trained.wallSeconds) : 0,
    plan: trained.plan,
    dispatchesPerIteration: trained.dispatchesPerIteration,
    adapter: trained.adapter,
    out: trained.out,
    weightsHash: trained.weightsHash,
    diagnosis: trained.diagnosis,
    ...(trained.best ? { best: trained.best } : {}),
    ...(agents.length > 1 ? { population: summarisePopulation(setup, rows), agents } : {}),
  }
}
