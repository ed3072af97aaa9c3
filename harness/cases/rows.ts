/** One row of the bench: a case at one size, by one implementation, with the origin of the number. */

import { derivedSizes, type PpoConfig } from '../../src/config/config'
import { adapterName } from '../../src/gpu/device'
import { provenance } from '../checkout/provenance'
import type { BenchResult, Unit } from '../protocol/protocol'
import type { RuntimeFacts } from '../runtime/runtime'
import { significant, spread } from '../timing/statistics'
import type { BenchPoint } from './cases'
import { unitFlops } from './flops'

export interface BenchRow {
  case: string
  /** The implementation; ours has `layered`, `fused` and `reference`. */
  who: string
  plan: string
  env: string
  numAgents: number
  numEnvs: number
  numSteps: number
  updateEpochs: number
  numMinibatches: number
  hidden: number[]
  /** What is timed. */
  unit: Unit | 'first-update'
  /** Milliseconds of a unit: median and range over the repeats. */
  ms: number
  msMin: number
  msMax: number
  /** Environment steps per second of all agents; optimiser steps for unit `minibatch`; null for `first-update`. */
  sps: number | null
  spsMin: number | null
  spsMax: number | null
  /** Operations per second of the algorithm (harness/cases/flops.ts). */
  flopsPerSecond: number | null
  repeats: number
  /** Units in each repeat. */
  iterations: number
  /** Per unit, and per whole iteration. */
  dispatches: number | null
  dispatchesPerIteration: number | null
  /** The host's own milliseconds per unit. */
  hostMsPerIteration: number | null
  /** From requesting a device to the metrics of the first iteration, including compilation. */
  firstUpdateSeconds: number | null
  adapter: string
  /** As the adapter reports it; null if there is no adapter or it does not report it. */
  isFallbackAdapter: boolean | null
  browser: string | null
  commit: string | null
  date: string
  node: string
  cpu: string
  cores: number
  /** All options. */
  config: PpoConfig
}

/** A row that was not measured, and why. */
export interface Skipped {
  case: string
  plan: string
  numEnvs: number
  hidden: number[]
  reason: string
}

/** Where a row was measured. */
export type Where = Pick<BenchRow, 'adapter' | 'isFallbackAdapter' | 'browser'>

export const gpuWhere = (facts: RuntimeFacts): Where => ({
  adapter: adapterName(facts),
  isFallbackAdapter: facts.isFallbackAdapter,
  browser: facts.browser,
})

export const cpuWhere = (): Where => ({
  adapter: `CPU, Node ${process.version}`,
  isFallbackAdapter: null,
  browser: null,
})

/** The measurements of a timed case; `null` for what the implementation does not have. */
export type Timed = Pick<BenchResult, 'seconds' | 'units' | 'plan' | 'firstUpdateSeconds'> &
  Pick<BenchRow, 'dispatches' | 'dispatchesPerIteration'> & { hostMs: number | null }

export function timedRow(point: BenchPoint, timed: Timed, where: Where): BenchRow {
  const { spec, config, unit } = point
  const { batchSize } = derivedSizes(config)
  const steps = unit === 'minibatch' ? 1 : batchSize * config.numAgents
  const seconds = timed.seconds.map((s) => s / timed.units)
  const ms = spread(seconds)
  const perSecond = spread(seconds.map((s) => steps / s))
  return {
    ...shapeOf(point),
    ...{ who: 'ppo-webgpu', plan: timed.plan, unit },
    ...{ ms: milli(ms.median), msMin: milli(ms.min), msMax: milli(ms.max) },
    ...{ sps: rate(perSecond.median), spsMin: rate(perSecond.min), spsMax: rate(perSecond.max) },
    flopsPerSecond: unit === 'steps' ? null : significant(unitFlops(unit, spec, config) / ms.median, 4),
    ...{ repeats: seconds.length, iterations: timed.units },
    ...{ dispatches: timed.dispatches, dispatchesPerIteration: timed.dispatchesPerIteration },
    hostMsPerIteration: timed.hostMs === null ? null : significant(timed.hostMs, 3),
    firstUpdateSeconds: significant(timed.firstUpdateSeconds, 3),
    ...where,
    ...source(),
    config: { ...config, plan: planOf(timed.plan) },
  }
}

/** The row of `first-update`: `seconds` until the first metrics, each in a new browser. */
export function firstUpdateRow(
  point: BenchPoint,
  seconds: { load: number; create: number }[],
  timed: Pick<Timed, 'plan' | 'dispatchesPerIteration'>,
  where: Where,
): BenchRow {
  const ms = spread(seconds.map(({ load }) => load))
  const none = { sps: null, spsMin: null, spsMax: null, flopsPerSecond: null, dispatches: null }
  return {
    ...shapeOf(point),
    ...{ who: 'ppo-webgpu', plan: timed.plan, unit: 'first-update' },
    ...{ ms: milli(ms.median), msMin: milli(ms.min), msMax: milli(ms.max) },
    ...none,
    ...{ repeats: seconds.length, iterations: 1 },
    ...{ dispatchesPerIteration: timed.dispatchesPerIteration, hostMsPerIteration: null },
    firstUpdateSeconds: significant(spread(seconds.map(({ create }) => create)).median, 3),
    ...where,
    ...source(),
    config: { ...point.config, plan: planOf(timed.plan) },
  }
}

const milli = (seconds: number): number => significant(seconds * 1000, 4)
const rate = (value: number): number => (value >= 1000 ? Math.round(value) : significant(value, 4))

/** The option for a row's plan; the reference has none. */
const planOf = (plan: string): PpoConfig['plan'] => (plan === 'layered' || plan === 'fused' ? plan : 'auto')

function shapeOf({ name, spec, config }: BenchPoint) {
  const { numAgents, numEnvs, numSteps, updateEpochs, numMinibatches, hidden } = config
  return { case: name, env: spec.id, numAgents, numEnvs, numSteps, updateEpochs, numMinibatches, hidden }
}

export type Source = Pick<BenchRow, 'commit' | 'date' | 'node' | 'cpu' | 'cores'>

export function source(): Source {
  const { commit, date, node, cpu, cores } = provenance()
  return { commit, date, node, cpu, cores }
}
