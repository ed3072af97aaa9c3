/**
 * A walk without a time limit, whose resets get the last state of the episode before: it begins where that one ended,
 * and counts episodes. An episode ends at random, or by action 2 on an even place.
 */
import type { EnvSpec } from '../../src/env/contract'
import { uniform } from '../../src/env/rng'

interface PreviousState {
  place: number
  episode: number
  steps: number
}

export const previousEnv: EnvSpec<PreviousState> = {
  id: 'Previous-v0',
  observations: ['place', 'episode'],
  actionSpace: { kind: 'discrete', n: 3 },
  actions: ['left', 'right', 'end'],
  maxEpisodeSteps: null,
  rewardThreshold: null,
  wgslFile: 'test/support/previous_env.wgsl',
  wgsl: `//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
const OBS_DIM = 2u;
const ACTION_DIM = 3u;
alias Action = u32;
struct EnvState { place: i32, episode: u32, steps: f32, }
fn env_reset(rng: ptr<function, Rng>, previous: EnvState) -> EnvState {
  return EnvState((previous.place + i32(rng_uniform(rng) * 3.0)) % 7, previous.episode + 1u, 0.0);
}
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let x = (*state).place + select(select(0, 1, action == 1u), -1, action == 0u);
  *state = EnvState(x, (*state).episode, (*state).steps + 1.0);
  let ends = rng_uniform(rng) < 0.1 || (action == 2u && (x & 1) == 0);
  return StepResult(f32(x) * 0.25, select(0u, 1u, ends));
}
fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  return array<f32, OBS_DIM>(f32(state.place) * 0.25, f32(state.episode % 8u) * 0.125);
}
`,
  twin: {
    reset: (rng, _params, previous) => ({
      place: ((previous?.place ?? 0) + Math.floor(uniform(rng) * 3)) % 7,
      episode: (previous?.episode ?? 0) + 1,
      steps: 0,
    }),
    step(state, action, rng) {
      state.place += [-1, 1, 0][action[0]]
      state.steps++
      const ends = uniform(rng) < 0.1 || (action[0] === 2 && Math.abs(state.place) % 2 === 0)
      return { reward: state.place * 0.25, terminated: ends }
    },
    observe(state, obs, offset) {
      obs[offset] = state.place * 0.25
      obs[offset + 1] = (state.episode % 8) * 0.125
    },
  },
}
