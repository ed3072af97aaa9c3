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
  /** Of its kernels, those of the layers that only grids have. */
  grid?: true
}

const cartpole = (name: string, options: PpoOptions, preset: Shape['preset'] = 'default'): Shape => ({
  ...{ name, options, preset },
  spec: findEnv('CartPole-v1'),
})

/** A network whose first layer reads a grid. */
const grid = (name: string, id: string, network: string, options: PpoOptions = {}): Shape => ({
  ...{ name, spec: findEnv(id), preset: 'default', options: { ...options, network }, grid: true },
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
  grid('minatar', 'MinAtar/Breakout-v1', 'minatar'),
  grid('nature', 'BrickBreaker-v0', 'nature', { frameStack: 4 }),
  grid(
    'pools and a layer norm',
    'MinAtar/Breakout-v1',
    'conv(16,3),relu,max_pool(2),layer_norm,conv(16,3,1,1),relu,avg_pool(2),flatten,dense(32),relu',
  ),
]
/** What the time of a training depends on: the kernels with a network or an environment in them. */
const MAIN: readonly Stem[] = ['fused_rollout', 'fused_gradient']
/** Packed observations have the layered plan alone, where an environment has a kernel of its own. */
const PACKED: readonly Stem[] = ['step_envs']
/** The layers that only grids have. */
const isGridLayer = (stem: Stem): boolean => /^(conv|pool|layer_norm)_/.test(stem)

/** Every pipeline of the report, once each, in the order of the shapes. */
export const reportPipelines = (): Pipeline[] =>
  collectPipelines(
    SHAPES.flatMap(({ options, ...shape }, i) =>
      (isPacked(shape.spec) || shape.grid ? (['layered'] as const) : (['fused', 'layered'] as const)).map(
        (plan): Subject => ({
          ...{ ...shape, adapter: HARDWARE, options: { ...options, plan } },
          takes: (stem) =>
            i === 0 || (shape.grid ? isGridLayer(stem) : (isPacked(shape.spec) ? PACKED : MAIN).includes(stem)),
        }),
      ),
    ),
  )
