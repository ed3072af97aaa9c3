/** The pipelines of the report: the kernels as hardware gets them, for the presets and a few other networks. */
import { ENVS, findEnv } from '../../envs/registry'
import type { PpoOptions } from '../../src/config/config'
import { type EnvSpec, isPacked } from '../../src/env/contract'
import type { Stem } from '../../src/plan/kernels'
import { collectPipelines, HARDWARE, type Pipeline, type Subject } from './collect'

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
  // MinAtar's two versions of a game differ by a constant.
  ...ENVS.filter(({ id }) => id !== 'CartPole-v1' && !/^MinAtar\/.*-v1$/.test(id)).map(
    (spec): Shape => ({ name: spec.id, spec, preset: 'default', options: {} }),
  ),
  cartpole('relu', { activation: 'relu' }),
  cartpole('silu', { activation: 'silu' }),
  cartpole('shared trunk', { sharedTrunk: true }),
  cartpole('128 x 128', { hidden: [128, 128] }),
]
/** What the time of a training depends on: the kernels with a network or an environment in them. */
const MAIN: readonly Stem[] = ['fused_rollout', 'fused_gradient']
/** Packed observations have the layered plan alone, where an environment has a kernel of its own. */
const PACKED: readonly Stem[] = ['step_envs']

/** Every pipeline of the report, once each, in the order of the shapes. */
export const reportPipelines = (): Pipeline[] =>
  collectPipelines(
    SHAPES.flatMap(({ options, ...shape }, i) =>
      (isPacked(shape.spec) ? (['layered'] as const) : (['fused', 'layered'] as const)).map(
        (plan): Subject => ({
          ...{ ...shape, adapter: HARDWARE, options: { ...options, plan } },
          takes: (stem) => i === 0 || (isPacked(shape.spec) ? PACKED : MAIN).includes(stem),
        }),
      ),
    ),
  )
