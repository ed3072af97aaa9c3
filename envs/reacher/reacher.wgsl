//#import "planar/task"
//#import "planar/picture"
//#import "params"
// Reacher: bring the tip of an arm with two joints to a target. Physics: MuJoCo's, envs/planar; task: Gymnasium's
// reacher_v5.py and _v4.py. Both places are those that MuJoCo computed last. Twin: envs/reacher/spec.ts

/// v4 also observes how far the tip is above the target: always 0.
const OBS_DIM = 10u + (5u - VERSION);
const POSITION_NOISE = 0.1f;
const VELOCITY_NOISE = 0.005f;
const TARGET_RADIUS = 0.2f;
const MOST_TRIES = 50u;

/// The target is uniform in a disc, and stands still.
fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  var qpos = uniform_noise(rng, POSITION_NOISE);
  var goal = vec2f(0.0);
  for (var i = 0u; i < MOST_TRIES; i++) {
    let x = 2.0 * rng_uniform(rng) - 1.0;
    goal = TARGET_RADIUS * vec2f(x, 2.0 * rng_uniform(rng) - 1.0);
    if (dot(goal, goal) < TARGET_RADIUS * TARGET_RADIUS) { break; }
  }
  qpos[2] = goal.x;
  qpos[3] = goal.y;
  var qvel = Joints();
  qvel[0] = VELOCITY_NOISE * (2.0 * rng_uniform(rng) - 1.0);
  qvel[1] = VELOCITY_NOISE * (2.0 * rng_uniform(rng) - 1.0);
  return state_at(qpos, qvel);
}

fn from_target(state: EnvState) -> vec2f {
  return vec2f(state.sites[0] - state.sites[2], state.sites[1] - state.sites[3]);
}

/// v5 rewards where the tip is after the step, v4 where it was before.
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let before = from_target(*state);
  _ = advance(state, action);
  let distance = length(select(from_target(*state), before, VERSION == 4u));
  return StepResult(-distance - params.control_cost * effort(action), 0u);
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  let first = sincos(state.qpos[0]);
  let second = sincos(state.qpos[1]);
  let away = from_target(state);
  var obs = array<f32, OBS_DIM>();
  obs[0] = first.y;
  obs[1] = second.y;
  obs[2] = first.x;
  obs[3] = second.x;
  obs[4] = state.qpos[2];
  obs[5] = state.qpos[3];
  obs[6] = state.qvel[0];
  obs[7] = state.qvel[1];
  obs[8] = away.x;
  obs[9] = away.y;
  return obs;
}
