/**
 * An environment that ends only at its time limit, with a constant reward, and an observation far from 0 that varies
 * little.
 */
import type { EnvSpec } from '../../src/env/contract'
import { uniform } from '../../src/env/rng'

/** The mean of its observation is OFFSET + 1/2, the variance 1/12. */
export const OFFSET = 1000

export function steadyEnv(reward: number, maxEpisodeSteps: number): EnvSpec<{ x: number }> {
  return {
    id: 'Steady-v0',
    observations: ['x'],
    actionSpace: { kind: 'discrete', n: 2 },
    actions: ['left', 'right'],
    maxEpisodeSteps,
    rewardThreshold: null,
    preset: {},
    wgslFile: 'steady.wgsl',
    wgsl: `//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
const OBS_DIM = 1u;
const ACTION_DIM = 2u;
alias Action = u32;
struct EnvState { x: f32, }
fn env_reset(rng: ptr<function, Rng>) -> EnvState { return EnvState(${OFFSET}.0 + rng_uniform(rng)); }
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  *state = EnvState(${OFFSET}.0 + rng_uniform(rng));
  return StepResult(f32(${reward}), 0u);
}
fn env_observe(state: EnvState) -> array<f32, OBS_DIM> { return array<f32, OBS_DIM>(state.x); }
`,
    twin: {
      reset: (rng) => ({ x: OFFSET + uniform(rng) }),
      step(state, _action, rng) {
        state.x = OFFSET + uniform(rng)
        return { reward, terminated: false }
      },
      observe: ({ x }, obs, offset) => void (obs[offset] = Math.fround(x)),
    },
  }
}
