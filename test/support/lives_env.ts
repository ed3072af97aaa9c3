/** A walk with rewards of several sizes, and three lives; the last one ends the episode. */
import type { EnvSpec } from '../../src/env/contract'
import { uniform } from '../../src/env/rng'

interface LivesState {
  place: number
  lives: number
}

export const livesEnv = (maxEpisodeSteps: number | null = 50): EnvSpec<LivesState> => ({
  id: 'Lives-v0',
  observations: ['place', 'lives'],
  actionSpace: { kind: 'discrete', n: 3 },
  actions: ['stay', 'on', 'far on'],
  maxEpisodeSteps,
  rewardThreshold: null,
  preset: {},
  wgslFile: 'test/support/lives_env.wgsl',
  wgsl: `//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
const OBS_DIM = 2u;
const ACTION_DIM = 3u;
alias Action = u32;
struct EnvState { place: u32, lives: u32, }
fn env_reset(rng: ptr<function, Rng>) -> EnvState { return EnvState(u32(rng_uniform(rng) * 8.0), 3u); }
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  (*state).place = ((*state).place + action) % 8u;
  if (rng_uniform(rng) < 0.25) {
    (*state).lives--;
    return StepResult(-4.0, select(2u, 1u, (*state).lives == 0u));
  }
  return StepResult(0.5 * f32((*state).place % 3u), 0u);
}
fn env_observe(state: EnvState) -> array<f32, OBS_DIM> { return array<f32, OBS_DIM>(f32(state.place) / 8.0, f32(state.lives)); }
`,
  twin: {
    reset: (rng) => ({ place: Math.floor(uniform(rng) * 8), lives: 3 }),
    step(state, action, rng) {
      state.place = (state.place + action[0]) % 8
      if (uniform(rng) >= 0.25) return { reward: 0.5 * (state.place % 3), terminated: false }
      state.lives--
      return { reward: -4, terminated: state.lives === 0, lifeLost: true }
    },
    observe(state, obs, offset) {
      obs.set([state.place / 8, state.lives], offset)
    },
  },
})
