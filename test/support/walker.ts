/** An environment whose state is more than a few floats, written with comments and attributes of all kinds. */
import type { EnvSpec, EnvTwin } from '../../src/env/contract'
import { type Rng, uniform } from '../../src/env/rng'
import { driftEnv } from '../kernels/envs'

interface Leg {
  angle: number
  contact: number
  force: number[]
}
export interface Walker {
  position: number[]
  ticks: number
  legs: Leg[]
  grid: number[][]
  last: number
}

/** 4 legs, a grid, comments, attributes: 55 words with gaps between them. */
export const walker: EnvSpec<Walker> = {
  ...(driftEnv as unknown as EnvSpec<Walker>),
  id: 'Walker',
  observations: ['x', 'force', 'ticks'],
  wgslFile: 'my/walker.wgsl',
  wgsl: `//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
/* const OBS_DIM = 4u; */
const OBS_DIM = 1u + 2u;
const ACTION_DIM = 3u;
const LEGS = 0x2u * 2u;
alias Action = array<f32, /* of the box */ ACTION_DIM>;
alias Force = vec3f;
struct Leg {
  angle: f32, /// rad; } is no end
  contact: u32, // 0 or 1, a bool would not do
  @align(16) force: Force,
}
/* struct EnvState { none: f32 } */
struct EnvState { position: vec3<f32>, /* 12 bytes */ ticks: u32,
  // between members
  @size(16 * LEGS + 128) legs: array<Leg, LEGS>, @align(32)
  grid: array<array<f32, 3>, 2>,
  /* /* nested */ last: u32, */
  last: f32
}
fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  var s: EnvState;
  s.position = vec3f(rng_uniform(rng), 0.0, 0.0);
  for (var i = 0u; i < LEGS; i++) { s.legs[i].force.z = f32(i); }
  return s;
}
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  var s = *state;
  s.ticks++;
  let leg = s.ticks % LEGS;
  s.legs[leg].angle += action[0];
  s.legs[leg].contact = select(0u, 1u, s.legs[leg].angle > 0.5);
  s.legs[leg].force += vec3f(action[1], 0.5, rng_uniform(rng));
  s.grid[s.ticks % 2u][s.ticks % 3u] = action[2];
  s.position.y = s.grid[1][2] + s.legs[3].force.z;
  s.last = s.position.x - s.legs[leg].force.y;
  *state = s;
  return StepResult(s.last, select(0u, 1u, s.ticks >= 20u));
}
fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  return array<f32, OBS_DIM>(state.position.x, state.legs[1].force.z, f32(state.ticks));
}
`,
  twin: {
    reset: (rng: Rng) => ({
      position: [uniform(rng), 0, 0],
      ticks: 0,
      legs: [0, 1, 2, 3].map((i) => ({ angle: 0, contact: 0, force: [0, 0, i] })),
      grid: [
        [0, 0, 0],
        [0, 0, 0],
      ],
      last: 0,
    }),
    step(state, action, rng) {
      state.ticks++
      const leg = state.legs[state.ticks % 4]
      leg.angle += action[0]
      leg.contact = Number(leg.angle > 0.5)
      for (const [i, by] of [action[1], 0.5, uniform(rng)].entries()) leg.force[i] += by
      state.grid[state.ticks % 2][state.ticks % 3] = action[2]
      state.position[1] = state.grid[1][2] + state.legs[3].force[2]
      state.last = state.position[0] - leg.force[1]
      return { reward: state.last, terminated: state.ticks >= 20 }
    },
    observe(state, obs, offset) {
      obs.set([state.position[0], state.legs[1].force[2], state.ticks], offset)
    },
  } as EnvTwin<Walker>,
}
