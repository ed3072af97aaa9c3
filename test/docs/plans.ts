/** The tables of ARCHITECTURE.md that follow from the plans: which kernels use a buffer, and how many dispatches there are. */
import { findEnv } from '../../envs/registry'
import { type PpoOptions, PRESETS, resolveConfig } from '../../src/config/config'
import { reflectBindings } from '../../src/gpu/reflect'
import { networkShape } from '../../src/model/network'
import { type Adapter, ORDINARY_LIMITS } from '../../src/plan/adapterclass'
import SOURCE from '../../src/plan/buffers.ts?raw'
import { control, gae, measure, normalise, reset, rollout } from '../../src/plan/iteration'
import { linkKernel } from '../../src/plan/kernels'
import { planRun, type RunPlan } from '../../src/plan/runplan'
import { iteration, update } from '../../src/ppo'

/** The most kernels in one cell of a table; more are counted. */
const MOST_NAMES = 7

const LIMITS: Adapter['limits'] = { ...ORDINARY_LIMITS, maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 30 }
const HARDWARE: Adapter = { software: false, quads: 0, limits: LIMITS }
const SOFTWARE: Adapter = { software: true, quads: 1, limits: LIMITS }

function planOf(adapter: Adapter, plan: RunPlan['plan'], options: PpoOptions = {}): RunPlan {
  const spec = findEnv('CartPole-v1')
  const config = resolveConfig(spec.preset, { ...options, plan })
  return planRun(adapter, { spec, config, shape: networkShape(spec, config) })
}

/** Which kernels bind a buffer, and whether they may write it. */
interface Use {
  written: Set<string>
  read: Set<string>
}

/** Every buffer of these plans, in the order of src/plan/buffers.ts; numbered ones as one. */
function usesOf(plans: RunPlan[]): Map<string, Use> {
  const uses = new Map<string, Use>()
  const useOf = (buffer: string): Use => {
    const name = buffer.replace(/_\d+$/, '_i')
    if (!uses.has(name)) uses.set(name, { written: new Set(), read: new Set() })
    return uses.get(name)!
  }
  for (const plan of plans) for (const name of plan.buffers.keys()) useOf(name)
  for (const plan of plans) {
    for (const { stem, bind } of [...reset(plan), ...iteration(plan, 0)]) {
      for (const { name, group, access } of reflectBindings(linkKernel(stem, plan.wanted))) {
        if (group !== 0) continue
        useOf(bind[name] ?? name)[access === 'read_write' ? 'written' : 'read'].add(stem)
      }
    }
  }
  return uses
}

/** The comment next to a buffer, or above it: its type and shape. */
function shapeOf(buffer: string): string {
  const name = buffer.replace(/_i$/, '_\\$\\{i\\}') // as in the template that numbers them
  const made = new RegExp(`^(?: *// (.*)\\n)?.*(?:floats|structsOf)\\(['\`]${name}['\`].*?(?:// (.*))?$`, 'm')
  const found = made.exec(SOURCE)
  const shape = found?.[2] ?? found?.[1]
  if (!shape) throw new Error(`src/plan/buffers.ts: no comment says the shape of ${buffer}. Write it behind the line.`)
  return shape
}

function kernelsText(stems: Set<string>): string {
  if (stems.size > MOST_NAMES) return `${stems.size} kernels`
  return [...stems].map((stem) => `\`${stem}\``).join(', ')
}

/** Buffers, their shapes, and the kernels that write and read them. */
export function bufferRows(): string[][] {
  const normalising = { normObs: true, normReward: true }
  const plans = [
    planOf(HARDWARE, 'fused', normalising),
    planOf(SOFTWARE, 'fused', normalising),
    planOf(HARDWARE, 'layered', normalising),
  ]
  return [...usesOf(plans)].map(([name, { written, read }]) => [
    `\`${name}\``,
    shapeOf(name),
    kernelsText(written),
    kernelsText(read),
  ])
}

const CONFIGURATIONS: [name: string, options: PpoOptions][] = [
  ["CartPole-v1's preset", {}],
  ['`cleanrl`', PRESETS.cleanrl],
]

/** Dispatches of one iteration, part by part. */
export function dispatchRows(): string[][] {
  return CONFIGURATIONS.flatMap(([name, options]) =>
    (['layered', 'fused'] as const).map((plan) => {
      const run = planOf(HARDWARE, plan, options)
      const { numEnvs, numSteps, numMinibatches, updateEpochs } = run.config
      const parts = [rollout(run), gae(run), measure(run), update(run), [...normalise(run), ...control(run, 0)]]
      const counts = parts.map(({ length }) => length)
      const total = iteration(run, 0).length
      const sizes = `${numEnvs} x ${numSteps}, ${numMinibatches}, ${updateEpochs}`
      return [name, sizes, plan, ...[...counts, total].map(String)]
    }),
  )
}
