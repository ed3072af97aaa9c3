//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
//#import "shaders/lib/sincos.wgsl"
//#import "params"
// Acrobot-v1: two links hang from a bar; a motor between them has to swing the tip up (Sutton 1996), with the dynamics
// of Gymnasium's acrobot.py: the "book" variant, one Runge-Kutta step of 0.2 s.
// Twin: envs/acrobot/acrobot.ts

const OBS_DIM = 6u;
const ACTION_DIM = 3u;
const NUM_SHAPES = 5u;

/// Torque on the joint between the links: 0 is -1 Nm, 1 is 0, 2 is 1 Nm.
alias Action = u32;

struct EnvState {
  /// Angle of the first link from hanging down, and of the second from the first's direction, rad, in [-pi, pi].
  theta1: f32,
  theta2: f32,
  /// Their velocities, rad/s.
  theta1_dot: f32,
  theta2_dot: f32,
}

/// Seconds per step.
const DT = 0.2f;
/// 4 pi and 9 pi.
const MAX_VEL_1 = 12.566371f;
const MAX_VEL_2 = 28.274334f;
const TWO_PI = 6.2831853f;
const HALF_PI = 1.5707963f;

/// The classical method of fourth order: where it takes derivatives, in steps, and their weights, in sixths.
const RUNGE_KUTTA_NODES = vec4f(0.0, 0.5, 0.5, 1.0);
const RUNGE_KUTTA_WEIGHTS = vec4f(1.0, 2.0, 2.0, 1.0);

fn reset_entry(rng: ptr<function, Rng>) -> f32 {
  return (2.0 * rng_uniform(rng) - 1.0) * 0.1;
}

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  var state: EnvState;
  state.theta1 = reset_entry(rng);
  state.theta2 = reset_entry(rng);
  state.theta1_dot = reset_entry(rng);
  state.theta2_dot = reset_entry(rng);
  return state;
}

/// Time derivative of y = (theta1, theta2, their velocities).
fn derivative(y: vec4f, torque: f32) -> vec4f {
  let theta2 = sincos(y.y);
  let length = params.link_length1;
  let com1 = params.link_com_pos1;
  let com2 = params.link_com_pos2;
  let mass2 = params.link_mass2;
  let moi = params.link_moi;
  let coupling = mass2 * length * com2;
  let about2 = mass2 * com2 * com2 + moi;
  let d1 = params.link_mass1 * com1 * com1 + mass2 * length * length + moi + about2 + 2.0 * coupling * theta2.y;
  let d2 = about2 + coupling * theta2.y;
  // cos(x - pi/2) = sin x
  let phi2 = mass2 * com2 * params.gravity * sincos(y.x + y.y).x;
  let weight = (params.link_mass1 * com1 + mass2 * length) * params.gravity;
  let phi1 = -coupling * y.w * y.w * theta2.x - 2.0 * coupling * y.w * y.z * theta2.x + weight * sincos(y.x).x + phi2;
  let theta2_acc = (torque + d2 / d1 * phi1 - coupling * y.z * y.z * theta2.x - phi2) / (about2 - d2 * d2 / d1);
  let theta1_acc = -(d2 * theta2_acc + phi1) / d1;
  return vec4f(y.zw, theta1_acc, theta2_acc);
}

/// The same angle in [-pi, pi]; 2 pi in the three parts of sincos, so that no precision is lost.
fn wrap(angle: f32) -> f32 {
  let k = round(angle / TWO_PI);
  return ((angle - k * (4.0 * SINCOS_A)) - k * (4.0 * SINCOS_B)) - k * (4.0 * SINCOS_C);
}

fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let s = *state;
  let y = vec4f(s.theta1, s.theta2, s.theta1_dot, s.theta2_dot);
  let torque = f32(action) - 1.0;
  var k = vec4f(0.0);
  var sum = vec4f(0.0);
  // A loop, not four calls: compilers inline them, and take four times as long.
  for (var i = 0u; i < 4u; i++) {
    k = derivative(y + DT * RUNGE_KUTTA_NODES[i] * k, torque);
    sum += RUNGE_KUTTA_WEIGHTS[i] * k;
  }
  let next = y + DT / 6.0 * sum;
  let theta1 = wrap(next.x);
  let theta2 = wrap(next.y);
  *state = EnvState(theta1, theta2, clamp(next.z, -MAX_VEL_1, MAX_VEL_1), clamp(next.w, -MAX_VEL_2, MAX_VEL_2));
  let terminated = -sincos(theta1).y - sincos(theta1 + theta2).y > 1.0;
  return StepResult(select(-1.0, 0.0, terminated), select(0u, 1u, terminated));
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  let first = sincos(state.theta1);
  let second = sincos(state.theta2);
  return array<f32, OBS_DIM>(first.y, first.x, second.y, second.x, state.theta1_dot, state.theta2_dot);
}

/// Gymnasium's picture: the bar at (0, 0), the line to swing above at y = 1, links 1 x 0.2 m whatever their
/// lengths are, joints of radius 0.1 m.
fn env_shape(state: EnvState, i: u32) -> Shape {
  let angle1 = state.theta1 - HALF_PI;
  let angle2 = angle1 + state.theta2;
  let along1 = sincos(angle1).yx;
  let link = vec2f(0.5, 0.1);
  let cyan = vec4f(0.0, 0.8, 0.8, 1.0);
  let yellow = vec4f(0.8, 0.8, 0.0, 1.0);
  switch i {
    case 0u: {
      return Shape(vec2f(0.0, 1.0), vec2f(2.2, 0.0044), 0.0, 0.0, vec4f(0.0, 0.0, 0.0, 1.0));
    }
    case 1u: {
      return Shape(0.5 * along1, link, angle1, 0.0, cyan);
    }
    case 2u: {
      return Shape(vec2f(0.0), vec2f(0.1), 0.0, 0.1, yellow);
    }
    case 3u: {
      return Shape(along1 + 0.5 * sincos(angle2).yx, link, angle2, 0.0, cyan);
    }
    default: {
      return Shape(along1, vec2f(0.1), 0.0, 0.1, yellow);
    }
  }
}
