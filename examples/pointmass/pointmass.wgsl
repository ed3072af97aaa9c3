//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
// A mass in a plane, with friction: push it to the origin, and stop there.
// Twin: examples/pointmass/pointmass.ts

const OBS_DIM = 4u;
const ACTION_DIM = 2u;
const NUM_SHAPES = 2u;

/// The force along x and y, -1 to 1.
alias Action = array<f32, ACTION_DIM>;

struct EnvState {
  x: f32,
  y: f32,
  x_dot: f32,
  y_dot: f32,
}

/// Seconds per step.
const DT = 0.1f;
const FRICTION = 0.5f;

/// Anywhere in a square, at rest. Whoever draws first must draw first in the twin, too.
fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  let x = 2.0 * rng_uniform(rng) - 1.0;
  let y = 2.0 * rng_uniform(rng) - 1.0;
  return EnvState(x, y, 0.0, 0.0);
}

/// Each step costs 0.1 and the distance from the origin. The time limit is the framework's.
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let s = *state;
  let x_dot = s.x_dot + DT * (action[0] - FRICTION * s.x_dot);
  let y_dot = s.y_dot + DT * (action[1] - FRICTION * s.y_dot);
  let x = s.x + DT * x_dot;
  let y = s.y + DT * y_dot;
  *state = EnvState(x, y, x_dot, y_dot);
  let distance = sqrt(x * x + y * y);
  let speed = sqrt(x_dot * x_dot + y_dot * y_dot);
  let parked = distance < 0.1 && speed < 0.2;
  return StepResult(-0.1 - distance, select(0u, 1u, parked));
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  return array<f32, OBS_DIM>(state.x, state.y, state.x_dot, state.y_dot);
}

/// The goal, a circle of radius 0.1, and the mass.
fn env_shape(state: EnvState, i: u32) -> Shape {
  if (i == 0u) { return Shape(vec2f(0.0), vec2f(0.1), 0.0, 0.1, vec4f(0.6, 0.8, 0.6, 1.0)); }
  return Shape(vec2f(state.x, state.y), vec2f(0.04), 0.0, 0.04, vec4f(0.2, 0.3, 0.7, 1.0));
}
