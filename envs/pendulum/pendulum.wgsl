//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
//#import "shaders/lib/sincos.wgsl"
//#import "params"
// Pendulum-v1: a motor too weak to lift a pendulum has to swing it up and hold it there, with the dynamics of
// Gymnasium's pendulum.py, except that theta is kept in [-pi, pi]: f32 would lose precision with the number of turns.
// Twin: envs/pendulum/pendulum.ts

const OBS_DIM = 3u;
const ACTION_DIM = 1u;
const NUM_SHAPES = 2u;

/// Torque on the joint, -2 to 2 Nm, positive counter-clockwise.
alias Action = array<f32, ACTION_DIM>;

struct EnvState {
  /// Angle from upright, rad, positive counter-clockwise, and its velocity, rad/s.
  theta: f32,
  theta_dot: f32,
}

/// Seconds per step.
const DT = 0.05f;
const MAX_SPEED = 8.0f;
const MAX_TORQUE = 2.0f;
const PI = 3.14159265f;

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  var state: EnvState;
  state.theta = (2.0 * rng_uniform(rng) - 1.0) * PI;
  state.theta_dot = 2.0 * rng_uniform(rng) - 1.0;
  return state;
}

/// The same angle in [-pi, pi]; 2 pi in the three parts of sincos, so that no precision is lost.
fn wrap(angle: f32) -> f32 {
  let k = round(angle / (2.0 * PI));
  return ((angle - k * (4.0 * SINCOS_A)) - k * (4.0 * SINCOS_B)) - k * (4.0 * SINCOS_C);
}

/// Semi-implicit Euler: the angle moves by the new velocity. The reward is that of the old state.
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let theta = wrap((*state).theta);
  let theta_dot = (*state).theta_dot;
  let torque = clamp(action[0], -MAX_TORQUE, MAX_TORQUE);
  let cost = theta * theta + 0.1 * theta_dot * theta_dot + 0.001 * torque * torque;
  let length = params.length;
  let theta_acc = 3.0 * params.gravity / (2.0 * length) * sincos(theta).x + 3.0 / (params.mass * length * length) * torque;
  let new_theta_dot = clamp(theta_dot + theta_acc * DT, -MAX_SPEED, MAX_SPEED);
  *state = EnvState(wrap(theta + new_theta_dot * DT), new_theta_dot);
  return StepResult(-cost, 0u);
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  let sin_cos = sincos(state.theta);
  return array<f32, OBS_DIM>(sin_cos.y, sin_cos.x, state.theta_dot);
}

/// Gymnasium's picture: a rod of 1 x 0.2 m, whatever its length is, with round ends, its axle of radius 0.05 m at (0, 0).
fn env_shape(state: EnvState, i: u32) -> Shape {
  if (i == 1u) { return Shape(vec2f(0.0), vec2f(0.05), 0.0, 0.05, vec4f(0.0, 0.0, 0.0, 1.0)); }
  let sin_cos = sincos(state.theta);
  let up = vec2f(-sin_cos.x, sin_cos.y);
  return Shape(0.5 * up, vec2f(0.1, 0.6), state.theta, 0.1, vec4f(0.8, 0.302, 0.302, 1.0));
}
