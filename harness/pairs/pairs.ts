/** `bench --against`: another checkout beside this one, in turn, so that both meet the same machine. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type BenchPoint, benchPoints } from '../cases/cases'
import { packageRoot } from '../checkout/root.js'
import { wishText } from '../chrome/flags'
import { UsageError } from '../cli/errors'
import type { Output } from '../cli/output'
import { openRuntime } from '../runtime/open'
import type { Runtime, RuntimeChoice } from '../runtime/runtime'
import { announceAdapter } from '../setup/setup'
import { significant, spread } from '../timing/statistics'
import { type Cost, costOfCommand, costOfFirstUpdate, costOfReference, costOfUnit } from './sides'

/** A whole command; the other cases are those of the bench. */
export const COMMAND_CASE = 'cartpole-solved'
/** Measured unless --case names others: one number each. */
export const PAIR_CASES = ['minibatch-step', 'rollout-only', 'cartpole-cleanrl', COMMAND_CASE, 'first-update']

const SIDES = ['this', 'other', 'reference'] as const
type Side = (typeof SIDES)[number]

export interface PairRow {
  case: string
  /** `this` checkout and the `other` one, both in the fused plan; the CPU `reference` of this one. */
  side: Side
  /** Medians over the rounds, of a unit, or of the whole command. */
  wallMs: number
  cpuMs: number
  /** How many times as long as `this`: the ratio of each round, median and range. */
  wall: Ratio
  cpu: Ratio
  rounds: number
}

interface Ratio {
  median: number
  min: number
  max: number
}

export interface PairOptions {
  cases: string[]
  /** The other checkout. */
  against: string
  rounds: number
  runtime: RuntimeChoice
  output: Output
}

export async function measurePairs({ cases, against, rounds, runtime: choice, output }: PairOptions) {
  const other = builtCheckout(against, output)
  const runtimes = { this: await openRuntime(choice), other: await openRuntime({ ...choice, root: other }) }
  try {
    announceAdapter(output, runtimes.this.facts)
    const software = runtimes.this.facts.software
    const rows: PairRow[] = []
    for (const name of cases) {
      const costs: Record<Side, Cost[]> = { this: [], other: [], reference: [] }
      for (let round = 0; round < rounds; round++) {
        output.say(`${name}, round ${round + 1} of ${rounds} ...`)
        for (const side of SIDES) costs[side].push(await measureSide(name, side, { software, runtimes, other, choice }))
      }
      for (const side of SIDES) rows.push(pairRow(name, side, costs))
    }
    return rows
  } finally {
    await Promise.all([runtimes.this.close(), runtimes.other.close()])
  }
}

interface Places {
  software: boolean
  runtimes: Record<'this' | 'other', Runtime>
  other: string
  choice: RuntimeChoice
}

function measureSide(name: string, side: Side, { software, runtimes, other, choice }: Places): Promise<Cost> {
  const root = side === 'other' ? other : packageRoot()
  if (name === COMMAND_CASE) {
    const { adapter = 'auto', runtime = 'chrome' } = choice
    return costOfCommand(
      root,
      side === 'reference'
        ? ['--reference']
        : ['--set', 'plan=fused', '--adapter', wishText(adapter), '--runtime', runtime],
    )
  }
  const [point] = benchPoints(name, software ? 'software' : 'hardware')
  if (side === 'reference') return costOfReference(point)
  const fused: BenchPoint = { ...point, config: { ...point.config, plan: 'fused' } }
  return point.firstUpdate ? costOfFirstUpdate({ ...choice, root }, fused) : costOfUnit(runtimes[side], fused)
}

export function pairRow(name: string, side: Side, costs: Record<Side, Cost[]>): PairRow {
  const ratio = (key: keyof Cost): Ratio => {
    const { median, min, max } = spread(costs[side].map((cost, i) => cost[key] / costs.this[i][key]))
    return { median: significant(median, 3), min: significant(min, 3), max: significant(max, 3) }
  }
  const middle = (key: keyof Cost) => significant(spread(costs[side].map((cost) => cost[key])).median, 4)
  return {
    ...{ case: name, side, wallMs: middle('wallMs'), cpuMs: middle('cpuMs') },
    ...{ wall: ratio('wallMs'), cpu: ratio('cpuMs'), rounds: costs[side].length },
  }
}

/** The absolute path of another checkout, whose program is up to date with its sources. */
function builtCheckout(folder: string, output: Output): string {
  const root = resolve(folder)
  const run = join(root, 'harness', 'run.js')
  if (!existsSync(run))
    throw new UsageError(
      `--against: ${folder} is not a checkout of ppo-webgpu (no harness/run.js). Name a folder like that of \`git worktree add ../before main\`.`,
    )
  output.say(`Building ${folder} ...`)
  const { status, stderr } = spawnSync(process.execPath, [run, 'bench', '--help'], { encoding: 'utf8' })
  if (status === 0) return root
  throw new UsageError(
    `--against: ${folder} does not build (${stderr.trim().split('\n').at(-1)}). Run \`npm install\` there.`,
  )
}
