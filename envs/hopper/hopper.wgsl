//#import "planar/task"
//#import "planar/picture"
//#import "params"
// Hopper: a leg with three joints hops to the right. Physics: MuJoCo's, envs/planar; task: Gymnasium's
// hopper_v5.py and _v4.py. Twin: envs/hopper/spec.ts

const OBS_DIM = 11u;
const NOISE = 0.005f;
const CONTROL_COST = 1e-3f;
const MOST_OBSERVED = 10.0f;

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  var qpos = uniform_noise(rng, NOISE);
  qpos[1] += REF[1];
  return state_at(qpos, uniform_noise(rng, NOISE));
}

const LEAST_HEIGHT = 0.7f;
const MOST_ANGLE = 0.2f;
const MOST_STATE = 100.0f;

fn is_healthy(state: EnvState) -> bool {
  var largest = 0.0;
  //#repeat $j < NV - 2
  largest = max(largest, abs(state.qpos[$j + 2]));
  //#end
  //#repeat $j < NV
  largest = max(largest, abs(state.qvel[$j]));
  //#end
  return state.qpos[1] > LEAST_HEIGHT && abs(state.qpos[2]) < MOST_ANGLE && largest < MOST_STATE;
}

/// v5 rewards health only while it lasts, v4 also in the step that ends the episode.
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let moved = advance(state, action);
  let healthy = is_healthy(*state);
  let alive = select(0.0, params.healthy_reward, healthy || VERSION == 4u);
  let reward = params.forward_reward * moved[0] / DT + alive - params.control_cost * CONTROL_COST * effort(action);
  return StepResult(reward, select(1u, 0u, healthy));
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  var obs = array<f32, OBS_DIM>();
  //#repeat $j < NV - 1
  obs[$j] = state.qpos[$j + 1];
  //#end
  //#repeat $j < NV
  obs[NV - 1 + $j] = clamp(state.qvel[$j], -MOST_OBSERVED, MOST_OBSERVED);
  //#end
  return obs;
}
