/** `bench --growth`: how the time of an iteration grows with each size of a run, and a straight line through it. */

import { findEnv } from '../../envs/registry'
import { type PpoConfig, type PpoOptions, presetOptions, resolveConfig } from '../../src/config/config'
import { networkShape } from '../../src/model/network'
import { TIMED } from '../cases/cases'
import { forwardFlops } from '../cases/flops'
import { gpuWhere, type Source, source, type Where } from '../cases/rows'
import type { Output } from '../cli/output'
import { openRuntime } from '../runtime/open'
import type { RuntimeChoice } from '../runtime/runtime'
import { announceAdapter } from '../setup/setup'
import { significant, spread } from '../timing/statistics'

/** What all sizes have in common; one of them grows. */
const BASE = { numEnvs: 16, numSteps: 32, updateEpochs: 4, numMinibatches: 4, hidden: [64, 64], numAgents: 1 }

/** What grows, and the x of a run: the line is in x. */
export interface Axis {
  name: string
  x: string
  sizes: PpoOptions[]
}

const SPEC = findEnv('CartPole-v1')
const configOf = (options: PpoOptions): PpoConfig =>
  resolveConfig(presetOptions(SPEC, 'default'), { ...options, ...TIMED }, SPEC)

/** A network's multiply-adds of one sample, forward, in thousands. */
const work = (options: PpoOptions): number => forwardFlops(networkShape(SPEC, configOf(options))) / 2000

const AXES: (Axis & { at(options: PpoOptions): number })[] = [
  {
    ...{ name: 'environments', x: 'environments, x 32 steps', at: (o) => o.numEnvs as number },
    sizes: [4, 16, 32, 64, 128].map((numEnvs) => ({ numEnvs })),
  },
  {
    ...{ name: 'width', x: 'thousand multiply-adds of a sample: two layers of 16 to 64 units', at: work },
    sizes: [16, 32, 48, 64].map((width) => ({ hidden: [width, width] })),
  },
  {
    ...{ name: 'depth', x: 'hidden layers of 32 units', at: (o) => (o.hidden as number[]).length },
    sizes: [1, 2, 3, 4].map((depth) => ({ hidden: Array.from({ length: depth }, () => 32) })),
  },
  {
    ...{ name: 'agents', x: 'agents', at: (o) => o.numAgents as number },
    sizes: [1, 2, 4, 8].map((numAgents) => ({ numAgents })),
  },
]

export interface GrowthRow extends Where, Source {
  /** What grows. */
  axis: string
  plan: string
  /** Meaning of x, and the measured times: medians of an iteration, in milliseconds. */
  x: string
  points: { x: number; ms: number }[]
  /** ms = fixed + per * x, and the largest distance of a measured time from it, as a share of the time. */
  fixed: number
  per: number
  off: number
}

/** The plan that `auto` takes, and small repeats: the line has several points. */
export async function measureGrowth(repeats: number, choice: RuntimeChoice, output: Output): Promise<GrowthRow[]> {
  const runtime = await openRuntime(choice)
  try {
    announceAdapter(output, runtime.facts)
    const rows: GrowthRow[] = []
    for (const { name, x, sizes, at } of AXES) {
      const points: GrowthRow['points'] = []
      let plan = ''
      for (const size of sizes) {
        const options = { ...BASE, ...size }
        const timed = { unit: 'iteration' as const, repeats, repeatSeconds: 0.3 }
        output.say(`${name}: ${Object.entries(size).map(([key, value]) => `${key} ${value}`)} ...`)
        const result = await runtime.call('bench', { env: SPEC.id, config: configOf(options), ...timed })
        plan = result.plan
        points.push({
          x: significant(at(options), 4),
          ms: significant((1000 * spread(result.seconds).median) / result.units, 4),
        })
      }
      rows.push({ axis: name, plan, x, points, ...straightLine(points), ...gpuWhere(runtime.facts), ...source() })
    }
    return rows
  } finally {
    await runtime.close()
  }
}

/** The line with the least relative squared errors, without a negative fixed part. */
export function straightLine(points: readonly { x: number; ms: number }[]): Pick<GrowthRow, 'fixed' | 'per' | 'off'> {
  // Weighted by 1 / ms^2: a time of 1 ms that is off by 10 % counts as much as one of 100 ms.
  const sum = (of: (p: { x: number; ms: number }) => number) => points.reduce((s, p) => s + of(p) / p.ms ** 2, 0)
  const [w, wx, wy] = [sum(() => 1), sum(({ x }) => x), sum(({ ms }) => ms)]
  const [wxx, wxy] = [sum(({ x }) => x * x), sum(({ x, ms }) => x * ms)]
  const slope = (w * wxy - wx * wy) / (w * wxx - wx * wx)
  const free = (wy - slope * wx) / w
  const [fixed, per] = free >= 0 ? [free, slope] : [0, wxy / wxx]
  const off = points.reduce((most, { x, ms }) => Math.max(most, Math.abs(fixed + per * x - ms) / ms), 0)
  return { fixed: significant(fixed, 3), per: significant(per, 3), off: significant(off, 2) }
}
