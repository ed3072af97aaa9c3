/**
 * A walk on eight places, with a multi-discrete action and a mask: part 0 goes left, stays or goes right, part 1 moves
 * one place or two, part 2 has no effect and so many choices that the mask needs two numbers. Moves off either end are
 * forbidden.
 */
import type { EnvSpec } from '../../src/env/contract'
import { uniform } from '../../src/env/rng'

const LAST = 7
const IDLE = 25
const NVEC = [3, 2, IDLE]

interface ChoiceState {
  x: number
  count: number
}

/** @param lockedAt A place at which the mask forbids all of part 1; none if it is left out. */
export function choiceEnv(lockedAt = -1, maxEpisodeSteps = 9): EnvSpec<ChoiceState> {
  return {
    id: 'Choice-v0',
    observations: ['place', 'from the end'],
    actionSpace: { kind: 'multi_discrete', nvec: NVEC },
    actions: [['left', 'stay', 'right'], ['one', 'two'], Array.from({ length: IDLE }, (_, i) => `idle ${i}`)],
    maxEpisodeSteps,
    rewardThreshold: null,
    preset: {},
    wgslFile: 'test/support/choice_env.wgsl',
    wgsl: `//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
const OBS_DIM = 2u;
const ACTION_DIM = ${3 + 2 + IDLE}u;
alias Action = array<u32, 3>;
struct EnvState { x: i32, count: i32, }
fn env_reset(rng: ptr<function, Rng>) -> EnvState { return EnvState(i32(rng_uniform(rng) * 4.0), 0); }
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let x = (*state).x + (i32(action[0]) - 1) * (i32(action[1]) + 1);
  *state = EnvState(x, (*state).count + 1);
  return StepResult(f32(x) - 0.125 * f32(action[2] % 2u), select(0u, 1u, x == ${LAST}));
}
fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  return array<f32, OBS_DIM>(f32(state.x) * 0.25 - 1.0, f32(${LAST} - state.x) * 0.125);
}
fn env_mask(state: EnvState) -> array<u32, ACTION_DIM> {
  var mask: array<u32, ACTION_DIM>;
  for (var i = 0u; i < ACTION_DIM; i++) { mask[i] = select(0u, 1u, i < 5u || i % 3u == u32(state.x) % 3u); }
  // Two places may be gone only where both ways have two.
  mask[0] = select(0u, 1u, state.x > 0);
  mask[2] = select(0u, 1u, state.x < ${LAST});
  mask[4] = select(0u, 1u, state.x > 1 && state.x < ${LAST - 1});
  if (state.x == ${lockedAt}) { mask[3] = 0u; mask[4] = 0u; }
  return mask;
}
`,
    twin: {
      reset: (rng) => ({ x: Math.floor(uniform(rng) * 4), count: 0 }),
      step(state, action) {
        state.x += (action[0] - 1) * (action[1] + 1)
        state.count++
        return { reward: state.x - 0.125 * (action[2] % 2), terminated: state.x === LAST }
      },
      observe({ x }, obs, offset) {
        obs[offset] = x * 0.25 - 1
        obs[offset + 1] = (LAST - x) * 0.125
      },
      mask({ x }, out, offset) {
        for (let i = 0; i < 5 + IDLE; i++) out[offset + i] = Number(i < 5 || i % 3 === x % 3)
        out[offset] = Number(x > 0)
        out[offset + 2] = Number(x < LAST)
        out[offset + 4] = Number(x > 1 && x < LAST - 1)
        if (x === lockedAt) out.fill(0, offset + 3, offset + 5)
      },
    },
  }
}
