//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
//#import "shaders/lib/sincos.wgsl"
//#import "picture"
//#import "params"
// MountainCarContinuous-v0: the mountain car with a motor of variable force, and a cost of fuel, with the dynamics of
// Gymnasium's continuous_mountain_car.py. The picture is that of envs/mountaincar/picture.wgsl.
// Twin: envs/mountaincar_continuous/mountaincar_continuous.ts

const OBS_DIM = 2u;
const ACTION_DIM = 1u;

/// The motor's force, -1 (left) to 1 (right).
alias Action = array<f32, ACTION_DIM>;

struct EnvState {
  position: f32,
  /// Change of the position per step.
  velocity: f32,
}

const MIN_POSITION = -1.2f;
const MAX_POSITION = 0.6f;
const MAX_SPEED = 0.07f;
const GOAL_POSITION = 0.45f;

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  return EnvState(-0.5 + (2.0 * rng_uniform(rng) - 1.0) * 0.1, 0.0);
}

/// The motor gets the clipped action, the reward the one that was given; in training both are the same.
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let s = *state;
  let push = clamp(action[0], -1.0, 1.0) * params.power;
  var velocity = clamp(s.velocity + (push - params.gravity * sincos(3.0 * s.position).y), -MAX_SPEED, MAX_SPEED);
  let position = clamp(s.position + velocity, MIN_POSITION, MAX_POSITION);
  // The wall on the left is inelastic.
  if (position <= MIN_POSITION) { velocity = max(velocity, 0.0); }
  *state = EnvState(position, velocity);
  let terminated = position >= GOAL_POSITION && velocity >= params.goal_velocity;
  return StepResult(select(0.0, 100.0, terminated) - 0.1 * action[0] * action[0], select(0u, 1u, terminated));
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  return array<f32, OBS_DIM>(state.position, state.velocity);
}
