//#import "planar/task"
//#import "planar/picture"
//#import "params"
// Walker2d: two legs and a body on them walk to the right. Physics: MuJoCo's, envs/planar; task: Gymnasium's
// walker2d_v5.py and _v4.py. Twin: envs/walker2d/spec.ts

const OBS_DIM = 17u;
const NOISE = 0.005f;
const CONTROL_COST = 1e-3f;
const MOST_OBSERVED = 10.0f;

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  var qpos = uniform_noise(rng, NOISE);
  qpos[1] += REF[1];
  return state_at(qpos, uniform_noise(rng, NOISE));
}

const LEAST_HEIGHT = 0.8f;
const MOST_HEIGHT = 2.0f;
const MOST_ANGLE = 1.0f;

fn is_healthy(state: EnvState) -> bool {
  return state.qpos[1] > LEAST_HEIGHT && state.qpos[1] < MOST_HEIGHT && abs(state.qpos[2]) < MOST_ANGLE;
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
