/**
 * Shared by the tests of the fused kernels: a run's sizes without a device, networks, and an environment of any size.
 */

import { type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { uniform } from '../../src/env/rng'
import type { Slot } from '../../src/gpu/link'
import { asDense } from '../../src/model/layers'
import { layoutNetwork, type NetworkLayout, type NetworkShape } from '../../src/model/network'
import { planSizes } from '../../src/plan/buffers'
import type { Planned, PlannedDispatch } from '../../src/plan/dispatches'
import { type FusedShape, fusedOverrides, fusedShape } from '../../src/plan/fusedshape'
import { quadLayers } from '../../src/plan/quadlayers'
import { type Data, runKernel } from '../support/kernel'

/** How a test splits the work. One `actSize` for all its networks, so that they share a compiled kernel. */
export type Cuts = Pick<FusedShape, 'tile' | 'actSize' | 'envTile' | 'valueRows' | 'envActSize'> &
  Pick<FusedShape, 'rowsPerPartial' | 'gradientThreads' | 'rolloutThreads'> & { quads?: true }

export type TestRun = Planned & { fused: FusedShape }

/** A quad's text grows with the network, and so does the time to compile it: narrower layers, which are as odd. */
const NARROW = new Map([
  [128, 17],
  [100, 20],
  [64, 5],
  [48, 12],
  [33, 9],
])

/** The network for one of the forms; the one of [64, 64] is as it is. */
export function forForm(shape: NetworkShape, { quads }: Cuts): NetworkShape {
  if (!quads || `${shape.actorHidden}` === '64,64') return shape
  const narrow = (widths: number[]): number[] => widths.map((width) => NARROW.get(width) ?? width)
  return { ...shape, actorHidden: narrow(shape.actorHidden), criticHidden: narrow(shape.criticHidden) }
}

/** What src/plan/fused.ts needs of a run, with cuts of the test's own. */
export function fusedRun(shape: NetworkShape, options: PpoOptions, cuts: Cuts, spec?: EnvSpec): TestRun {
  const config = resolveConfig({}, { ...options, activation: shape.activation })
  const layout = layoutNetwork(shape)
  const sizes = planSizes(config, layout, true)
  const numPartials = Math.ceil(sizes.minibatchSize / cuts.rowsPerPartial)
  const quads = cuts.quads ? quadLayers(layout) : null
  const fused = {
    ...fusedShape(config, layout, sizes.minibatchSize, { software: true, quads: 0 }),
    ...cuts,
    numPartials,
    quads,
  }
  return { config, spec, layout, sizes, fused, grid: null, plan: 'fused', flopsPerDispatch: Number.POSITIVE_INFINITY }
}

/** Weights of a size at which tanh is neither linear nor saturated; the padding stays zero, as in every run. */
export function randomParams(layout: NetworkLayout, random: () => number): Float32Array {
  const params = new Float32Array(layout.paramStride)
  for (const layer of layout.layers.map(asDense)) {
    const scale = 1.5 / Math.sqrt(layer.inDim)
    for (let o = 0; o < layer.outDim; o++) {
      params[layer.bias + o] = 0.2 * random()
      for (let i = 0; i < layer.inDim; i++) params[layer.weight + o * layer.inStride + i] = scale * random()
    }
  }
  for (let i = 0; i < layout.shape.actionDim && layout.own >= 0; i++) params[layout.own + i] = 0.3 * random()
  return params
}

export type StirState = { x: number; count: number }

/**
 * An environment of any size whose state halves in a step, so that rounding errors do not grow; it terminates when
 * `count`, at which an episode may start anywhere, has reached 4.
 */
export function stirEnv(obsDim: number, actionDim: number, kind: 'discrete' | 'box', maxEpisodeSteps: number) {
  const wgsl = `//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
const OBS_DIM = ${obsDim}u;
const ACTION_DIM = ${actionDim}u;
alias Action = ${kind === 'discrete' ? 'u32' : 'array<f32, ACTION_DIM>'};
struct EnvState {
  x: f32,
  count: f32,
}
fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  return EnvState(2.0 * rng_uniform(rng) - 1.0, 0.0);
}
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let s = *state;
  var push = ${kind === 'discrete' ? '0.25 * f32(action)' : '0.0'};
  ${kind === 'box' ? 'for (var i = 0u; i < ACTION_DIM; i++) { push += action[i] * f32(i + 1u) * 0.125; }' : ''}
  let x = 0.5 * s.x + push + rng_uniform(rng) - 0.5;
  *state = EnvState(x, s.count + 1.0);
  return StepResult(1.0 - x, select(0u, 1u, s.count + 1.0 == 4.0));
}
fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  var obs: array<f32, OBS_DIM>;
  for (var i = 0u; i < OBS_DIM; i++) { obs[i] = state.x * (1.0 - 0.125 * f32(i)); }
  return obs;
}
`
  const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `${i}`)
  const bounds = (x: number): number[] => Array(actionDim).fill(x)
  const spec: EnvSpec<StirState> = {
    id: 'Stir',
    observations: names(obsDim),
    actionSpace: kind === 'discrete' ? { kind, n: actionDim } : { kind, low: bounds(-0.75), high: bounds(0.5) },
    actions: names(actionDim),
    maxEpisodeSteps,
    rewardThreshold: null,
    preset: {},
    wgsl,
    wgslFile: 'test/kernels/fused.ts',
    twin: {
      reset: (rng) => ({ x: 2 * uniform(rng) - 1, count: 0 }),
      step(state, action, rng) {
        let push = kind === 'discrete' ? 0.25 * action[0] : 0
        for (let i = 0; kind === 'box' && i < actionDim; i++) push += action[i] * (i + 1) * 0.125
        state.x = 0.5 * state.x + push + uniform(rng) - 0.5
        state.count++
        return { reward: 1 - state.x, terminated: state.count === 4 }
      },
      observe(state, obs, offset) {
        for (let i = 0; i < obsDim; i++) obs[offset + i] = state.x * (1 - 0.125 * i)
      },
    },
  }
  return spec as unknown as EnvSpec
}

type Buffers = Record<string, Data>

/** Runs `steps` of one kernel one after the other, each on the `outputs` of the one before. */
export async function runSteps(
  run: TestRun,
  steps: PlannedDispatch[],
  slots: Record<string, Slot>,
  buffers: Buffers,
  outputs: string[],
): Promise<Buffers> {
  let state = buffers
  for (const { stem, args, workgroups } of steps) {
    const after = await runKernel({
      ...{ stem, slots, overrides: fusedOverrides(run.fused)[stem] },
      ...{ args, workgroups, buffers: state, outputs },
    })
    state = { ...state, ...after }
  }
  return state
}
