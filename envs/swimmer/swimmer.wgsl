//#import "planar/task"
//#import "planar/picture"
//#import "params"
// Swimmer: three rods in a thick fluid, with motors at the two joints between them, swim to the right. Physics: MuJoCo's,
// envs/planar; task: Gymnasium's swimmer_v5.py. Twin: envs/swimmer/spec.ts

const OBS_DIM = 8u;
const NOISE = 0.1f;
const CONTROL_COST = 1e-4f;

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  let qpos = uniform_noise(rng, NOISE);
  return state_at(qpos, uniform_noise(rng, NOISE));
}

fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let moved = advance(state, action);
  let reward = params.forward_reward * moved[0] / DT - params.control_cost * CONTROL_COST * effort(action);
  return StepResult(reward, 0u);
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  var obs = array<f32, OBS_DIM>();
  //#repeat $j < NV - 2
  obs[$j] = state.qpos[$j + 2];
  //#end
  //#repeat $j < NV
  obs[NV - 2 + $j] = state.qvel[$j];
  //#end
  return obs;
}
