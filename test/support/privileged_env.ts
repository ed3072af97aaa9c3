/**
 * A walk in a wind that only the critic sees: it blows one way for a whole episode, and gusts are drawn in each step. The
 * wind pays as much as it blows, so what is still to come depends on it, and on the steps that are left.
 */
import type { EnvSpec } from '../../src/env/contract'
import { uniform } from '../../src/env/rng'

interface WindState {
  x: number
  before: number
  wind: number
  gust: number
  count: number
}

const STEPS = 9

/** @param seen Whether the critic sees the wind. */
export function windEnv(seen = true, maxEpisodeSteps = STEPS): EnvSpec<WindState> {
  return {
    id: seen ? 'Wind-v0' : 'HiddenWind-v0',
    observations: ['x', 'x before', 'steps left'],
    ...(seen ? { privileged: ['wind', 'gust'] } : {}),
    actionSpace: { kind: 'discrete', n: 3 },
    actions: ['left', 'stay', 'right'],
    maxEpisodeSteps,
    rewardThreshold: null,
    params: { strength: { default: 1, min: 0.5, max: 2, help: 'Of the wind.' } },
    preset: {},
    wgslFile: 'test/support/privileged_env.wgsl',
    wgsl: `//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
//#import "params"
const OBS_DIM = 3u;
const ACTION_DIM = 3u;
alias Action = u32;
struct EnvState { x: f32, before: f32, wind: f32, gust: f32, count: i32, }
fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  let x = rng_uniform(rng) - 0.5;
  return EnvState(x, x, 2.0 * rng_uniform(rng) - 1.0, 0.0, 0);
}
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let s = *state;
  let gust = 0.5 * rng_uniform(rng) - 0.25;
  let wind = s.wind * params.strength;
  let x = s.x + 0.25 * (f32(action) - 1.0) + 0.125 * wind + gust;
  *state = EnvState(x, s.x, s.wind, gust, s.count + 1);
  return StepResult(wind - 0.25 * x * x, select(0u, 1u, abs(x) > 1.5));
}
fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  return array<f32, OBS_DIM>(state.x, state.before, f32(${STEPS} - state.count) * 0.125);
}
${
  seen
    ? `const PRIVILEGED_DIM = 2u;
fn env_privileged(state: EnvState) -> array<f32, PRIVILEGED_DIM> {
  return array<f32, PRIVILEGED_DIM>(2.0 * state.wind * params.strength, state.gust);
}
`
    : ''
}`,
    twin: {
      reset(rng) {
        const x = uniform(rng) - 0.5
        return { x, before: x, wind: 2 * uniform(rng) - 1, gust: 0, count: 0 }
      },
      step(state, action, rng, params) {
        const gust = 0.5 * uniform(rng) - 0.25
        const wind = state.wind * Number(params!.strength)
        state.before = state.x
        state.x += 0.25 * (action[0] - 1) + 0.125 * wind + gust
        state.gust = gust
        state.count++
        return { reward: wind - 0.25 * state.x * state.x, terminated: Math.abs(state.x) > 1.5 }
      },
      observe({ x, before, count }, obs, offset) {
        obs.set([x, before, (STEPS - count) * 0.125], offset)
      },
      ...(seen
        ? {
            privileged({ wind, gust }, out, offset, params) {
              out.set([2 * wind * Number(params!.strength), gust], offset)
            },
          }
        : {}),
    },
  }
}
