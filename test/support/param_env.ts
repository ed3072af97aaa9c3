/**
 * An environment with parameters: `push` is observed, `step` moves the state, `flip` reverses it. Nothing else is
 * drawn.
 */
import type { EnvSpec } from '../../src/env/contract'
import { uniform } from '../../src/env/rng'

export const paramEnv: EnvSpec<{ x: number; first: number }> = {
  id: 'Param-v0',
  observations: ['x', 'push', 'flip'],
  actionSpace: { kind: 'discrete', n: 2 },
  actions: ['stay', 'move'],
  maxEpisodeSteps: 7,
  rewardThreshold: null,
  preset: {},
  params: {
    push: { default: 0.5, min: -1, max: 3, unit: 'm', help: 'What is observed.' },
    flip: { default: false, help: 'Whether it moves to the left.' },
    stepSize: { default: 0.25, min: 0, max: 1, help: 'How far it moves.' },
  },
  wgslFile: 'param.wgsl',
  wgsl: `//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
//#import "params"
const OBS_DIM = 3u;
const ACTION_DIM = 2u;
alias Action = u32;
struct EnvState { x: f32, first: f32 }
fn env_reset(rng: ptr<function, Rng>) -> EnvState { return EnvState(rng_uniform(rng), params.push); }
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let way = f32(action + 1u) * params.step_size;
  (*state).x += select(way, -way, params.flip);
  return StepResult(params.push, select(0u, 1u, abs((*state).x) > 4.0));
}
fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  return array<f32, OBS_DIM>(state.x, params.push, select(0.0, 1.0, params.flip));
}
`,
  twin: {
    reset: (rng, params) => ({ x: uniform(rng), first: Number(params!.push) }),
    step(state, action, _rng, params) {
      const way = (action[0] + 1) * Number(params!.stepSize)
      state.x = Math.fround(state.x + (params!.flip ? -way : way))
      return { reward: Number(params!.push), terminated: Math.abs(state.x) > 4 }
    },
    observe({ x }, obs, offset, params) {
      obs.set([x, Number(params!.push), Number(params!.flip)], offset)
    },
  },
}
