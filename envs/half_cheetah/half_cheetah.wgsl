//#import "planar/task"
//#import "planar/picture"
//#import "params"
// HalfCheetah: a flat animal with two legs runs to the right. Physics: MuJoCo's, envs/planar; task: Gymnasium's
// half_cheetah_v5.py. Twin: envs/half_cheetah/spec.ts

const OBS_DIM = 17u;
const POSITION_NOISE = 0.1f;
const VELOCITY_NOISE = 0.1f;
const CONTROL_COST = 0.1f;

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  let qpos = uniform_noise(rng, POSITION_NOISE);
  return state_at(qpos, normal_noise(rng, VELOCITY_NOISE));
}

fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let moved = advance(state, action);
  let reward = params.forward_reward * moved[0] / DT - params.control_cost * CONTROL_COST * effort(action);
  return StepResult(reward, 0u);
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  var obs = array<f32, OBS_DIM>();
  //#repeat $j < NV - 1
  obs[$j] = state.qpos[$j + 1];
  //#end
  //#repeat $j < NV
  obs[NV - 1 + $j] = state.qvel[$j];
  //#end
  return obs;
}
