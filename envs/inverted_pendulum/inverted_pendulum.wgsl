//#import "planar/task"
//#import "planar/picture"
//#import "params"
// InvertedPendulum: balance a pole on a cart that a motor pushes. Physics: MuJoCo's, envs/planar; task: Gymnasium's
// inverted_pendulum_v5.py and _v4.py. Twin: envs/inverted_pendulum/spec.ts

const OBS_DIM = 4u;
const NOISE = 0.01f;
const MOST_ANGLE = 0.2f;

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  let qpos = uniform_noise(rng, NOISE);
  return state_at(qpos, uniform_noise(rng, NOISE));
}

fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  _ = advance(state, action);
  let fell = abs((*state).qpos[1]) > MOST_ANGLE;
  return StepResult(select(params.healthy_reward, 0.0, fell && VERSION >= 5u), select(0u, 1u, fell));
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  return array<f32, OBS_DIM>(state.qpos[0], state.qpos[1], state.qvel[0], state.qvel[1]);
}
