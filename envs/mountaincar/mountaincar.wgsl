//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
//#import "shaders/lib/sincos.wgsl"
//#import "picture"
//#import "params"
// MountainCar-v0: a car too weak for the hill it has to climb (Moore 1990), with the dynamics of Gymnasium's
// mountain_car.py. The picture is that of envs/mountaincar/picture.wgsl.
// Twin: envs/mountaincar/mountaincar.ts

const OBS_DIM = 2u;
const ACTION_DIM = 3u;

/// 0 pushes to the left, 1 not at all, 2 to the right.
alias Action = u32;

struct EnvState {
  position: f32,
  /// Change of the position per step.
  velocity: f32,
}

const MIN_POSITION = -1.2f;
const MAX_POSITION = 0.6f;
const MAX_SPEED = 0.07f;
const GOAL_POSITION = 0.5f;

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  return EnvState(-0.5 + (2.0 * rng_uniform(rng) - 1.0) * 0.1, 0.0);
}

fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let s = *state;
  let push = (f32(action) - 1.0) * params.force;
  var velocity = clamp(s.velocity + (push - params.gravity * sincos(3.0 * s.position).y), -MAX_SPEED, MAX_SPEED);
  let position = clamp(s.position + velocity, MIN_POSITION, MAX_POSITION);
  // The wall on the left is inelastic.
  if (position <= MIN_POSITION) { velocity = max(velocity, 0.0); }
  *state = EnvState(position, velocity);
  let terminated = position >= GOAL_POSITION && velocity >= params.goal_velocity;
  return StepResult(-1.0, select(0u, 1u, terminated));
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  return array<f32, OBS_DIM>(state.position, state.velocity);
}
