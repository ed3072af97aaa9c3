/** The pipelines of the report: the kernels as hardware gets them, for the presets and a few other networks. */
import { createHash } from 'node:crypto'
import { ENVS, findEnv } from '../../envs/registry'
import { type PpoOptions, presetOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { type Binding, reflectBindings } from '../../src/gpu/reflect'
import { workgroupMemory } from '../../src/gpu/workgroup'
import { networkShape } from '../../src/model/network'
import type { Adapter } from '../../src/plan/adapterclass'
import { linkKernel, type Stem, stemsOf } from '../../src/plan/kernels'
import { planRun } from '../../src/plan/runplan'
import { readTokens } from '../../src/wgsl/tokens'

/** Hardware with the least that WebGPU promises. */
const HARDWARE: Adapter = {
  software: false,
  quads: 0,
  limits: {
    maxBufferSize: 2 ** 28,
    maxStorageBufferBindingSize: 2 ** 27,
    maxStorageBuffersPerShaderStage: 8,
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupsPerDimension: 65535,
    minUniformBufferOffsetAlignment: 256,
  },
}

interface Shape {
  name: string
  spec: EnvSpec
  preset: 'default' | 'cleanrl'
  options: PpoOptions
}

const cartpole = (name: string, options: PpoOptions, preset: Shape['preset'] = 'default'): Shape => ({
  ...{ name, options, preset },
  spec: findEnv('CartPole-v1'),
})

/** The first gives every kernel of both plans; of the others only what differs from those before is compiled. */
const SHAPES: Shape[] = [
  cartpole('CartPole-v1', {}),
  cartpole('cleanrl', {}, 'cleanrl'),
  ...ENVS.filter(({ id }) => id !== 'CartPole-v1').map(
    (spec): Shape => ({ name: spec.id, spec, preset: 'default', options: {} }),
  ),
  cartpole('relu', { activation: 'relu' }),
  cartpole('silu', { activation: 'silu' }),
  cartpole('shared trunk', { sharedTrunk: true }),
  cartpole('128 x 128', { hidden: [128, 128] }),
]
/** What the time of a training depends on: the kernels with a network or an environment in them. */
const MAIN: readonly Stem[] = ['fused_rollout', 'fused_gradient']

export interface Pipeline {
  stem: Stem
  /** The first shape that needs it, and the others. */
  shapes: string[]
  code: string
  storage: Binding[]
  constants: Record<string, number>
  /** Bytes of workgroup memory. */
  memory: number
  /** Of the source without comments and spaces, and of the constants. */
  hash: string
}

export function pipelineHash(code: string, constants: Record<string, number>): string {
  const words = readTokens(code).tokens.map(({ text }) => text)
  const values = Object.entries(constants).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([words, values]))
    .digest('hex')
    .slice(0, 16)
}

/** Every pipeline of the report, once each, in the order of the shapes. */
export function reportPipelines(): Pipeline[] {
  const found = new Map<string, Pipeline>()
  for (const [i, { name, spec, preset, options }] of SHAPES.entries()) {
    for (const plan of ['fused', 'layered'] as const) {
      const config = resolveConfig(presetOptions(spec, preset), { ...options, plan }, spec)
      const { wanted } = planRun(HARDWARE, { spec, shape: networkShape(spec, config), config })
      const stems = stemsOf(wanted).filter((stem) => i === 0 || MAIN.includes(stem))
      for (const stem of stems) {
        const code = linkKernel(stem, wanted)
        const constants = wanted.overrides[stem] ?? {}
        const hash = pipelineHash(code, constants)
        const known = found.get(`${stem} ${hash}`)
        if (known) {
          if (!known.shapes.includes(name)) known.shapes.push(name)
          continue
        }
        const storage = reflectBindings(code).filter(({ group }) => group === 0)
        const memory = workgroupMemory(code, constants)
        found.set(`${stem} ${hash}`, { stem, shapes: [name], code, storage, constants, memory, hash })
      }
    }
  }
  return [...found.values()]
}
