/** A row of the bench for somebody else's environments, beside that of our kernel. */
import type { BenchRow } from '../cases/rows'
import { count } from '../cli/output'
import { significant, spread } from '../timing/statistics'

export interface SteppedBeside {
  who: string
  plan: string
  adapter: string
  /** Of `units` times `numEnvs` x `numSteps` steps each. */
  seconds: number[]
  units: number
  numEnvs: number
  numSteps: number
}

export function besideRow(kernel: BenchRow, stepped: SteppedBeside): BenchRow {
  const { seconds, units, numEnvs, numSteps, who, plan, adapter } = stepped
  const each = seconds.map((s) => s / units)
  const ms = spread(each.map((s) => 1000 * s))
  const sps = spread(each.map((s) => (numEnvs * numSteps) / s))
  return {
    ...kernel,
    ...{ case: `env-step ${kernel.env}`, who, plan, numEnvs, numSteps },
    ...{ ms: significant(ms.median, 4), msMin: significant(ms.min, 4), msMax: significant(ms.max, 4) },
    ...{ sps: Math.round(sps.median), spsMin: Math.round(sps.min), spsMax: Math.round(sps.max) },
    ...{ repeats: seconds.length, iterations: units, dispatches: null, dispatchesPerIteration: null },
    ...{ hostMsPerIteration: null, firstUpdateSeconds: null },
    ...{ adapter, isFallbackAdapter: null, browser: null },
  }
}

/** How many times as fast the kernel is, in words. */
export const timesAsMany = (kernel: BenchRow, row: BenchRow, who: string): string =>
  `  ${count(kernel.sps)} steps/s of the kernel on ${kernel.adapter}, ${count(row.sps)} of ${who}: ` +
  `${(kernel.sps! / row.sps!).toPrecision(3)} times as many.`

/** The rows of our kernels alone, without those of the twins. */
export const kernelRows = (rows: BenchRow[]): BenchRow[] =>
  rows.filter(({ unit, plan, who }) => unit === 'steps' && plan !== 'reference' && who === 'ppo-webgpu')
