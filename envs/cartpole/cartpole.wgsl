//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
//#import "shaders/lib/sincos.wgsl"
//#import "reward"
//#import "params"
// CartPole: a pole on a cart (Barto, Sutton and Anderson 1983), with the dynamics of Gymnasium's cartpole.py. The spec
// binds `reward` to one of two modules with the reward of a step: reward.wgsl, reward_sutton_barto.wgsl.
// Twin: envs/cartpole/cartpole.ts

const OBS_DIM = 4u;
const ACTION_DIM = 2u;
const NUM_SHAPES = 4u;

/// 0 pushes the cart to the left, 1 to the right.
alias Action = u32;

struct EnvState {
  /// Position of the cart, m, and its velocity, m/s.
  x: f32,
  x_dot: f32,
  /// Angle of the pole from the vertical, rad, positive to the right, and its velocity, rad/s.
  theta: f32,
  theta_dot: f32,
}

/// Seconds per step.
const TAU = 0.02f;
/// 12 degrees.
const THETA_THRESHOLD = 0.20943951f;
const X_THRESHOLD = 2.4f;
const RESET_RANGE = 0.05f;

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  var state: EnvState;
  state.x = (2.0 * rng_uniform(rng) - 1.0) * RESET_RANGE;
  state.x_dot = (2.0 * rng_uniform(rng) - 1.0) * RESET_RANGE;
  state.theta = (2.0 * rng_uniform(rng) - 1.0) * RESET_RANGE;
  state.theta_dot = (2.0 * rng_uniform(rng) - 1.0) * RESET_RANGE;
  return state;
}

/// One explicit Euler step: positions move by the old velocities.
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let s = *state;
  let force = select(-params.force_mag, params.force_mag, action == 1u);
  let per_mass = 1.0 / (params.mass_cart + params.mass_pole);
  let pole_mass_length = params.mass_pole * params.length;
  let sin_cos = sincos(s.theta);
  let temp = (force + pole_mass_length * s.theta_dot * s.theta_dot * sin_cos.x) * per_mass;
  let theta_acc = (params.gravity * sin_cos.x - sin_cos.y * temp) /
    (params.length * (4.0 / 3.0 - params.mass_pole * sin_cos.y * sin_cos.y * per_mass));
  let x_acc = temp - pole_mass_length * theta_acc * sin_cos.y * per_mass;
  let x = s.x + TAU * s.x_dot;
  let theta = s.theta + TAU * s.theta_dot;
  *state = EnvState(x, s.x_dot + TAU * x_acc, theta, s.theta_dot + TAU * theta_acc);
  let terminated = abs(x) > X_THRESHOLD || abs(theta) > THETA_THRESHOLD;
  return StepResult(cartpole_reward(terminated), select(0u, 1u, terminated));
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  return array<f32, OBS_DIM>(state.x, state.x_dot, state.theta, state.theta_dot);
}

/// Gymnasium's picture: the track at y = 0, the cart 0.4 x 0.24 m, the pole
/// 1 x 0.08 m whatever its length is, its axle 0.06 m above the track.
fn env_shape(state: EnvState, i: u32) -> Shape {
  let axle = vec2f(state.x, 0.06);
  switch i {
    case 0u: {
      return Shape(vec2f(0.0), vec2f(X_THRESHOLD, 0.004), 0.0, 0.0, vec4f(0.0, 0.0, 0.0, 1.0));
    }
    case 1u: {
      return Shape(vec2f(state.x, 0.0), vec2f(0.2, 0.12), 0.0, 0.02, vec4f(0.0, 0.0, 0.0, 1.0));
    }
    case 2u: {
      let up = sincos(state.theta);
      return Shape(axle + 0.46 * up, vec2f(0.04, 0.5), -state.theta, 0.0, vec4f(0.7922, 0.5961, 0.3961, 1.0));
    }
    default: {
      return Shape(axle, vec2f(0.04), 0.0, 0.04, vec4f(0.5059, 0.5176, 0.7961, 1.0));
    }
  }
}
