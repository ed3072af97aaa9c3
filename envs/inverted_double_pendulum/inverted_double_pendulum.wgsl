//#import "planar/task"
//#import "planar/picture"
//#import "params"
// InvertedDoublePendulum: balance two poles, one on the other, on a cart that a motor pushes. Physics: MuJoCo's, envs/planar;
// task: Gymnasium's inverted_double_pendulum_v5.py and _v4.py. The tip's place is the one that MuJoCo computed last.
// Twin: envs/inverted_double_pendulum/spec.ts

/// v5 observes the force of the cart's limits, v4 also those on the hinges, which are always 0.
const OBS_DIM = 9u + 2u * (5u - VERSION);
const POSITION_NOISE = 0.1f;
const VELOCITY_NOISE = 0.1f;
const MOST_OBSERVED = 10.0f;

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  let qpos = uniform_noise(rng, POSITION_NOISE);
  return state_at(qpos, normal_noise(rng, VELOCITY_NOISE));
}

fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  _ = advance(state, action);
  let tip = vec2f((*state).sites[0], (*state).sites[1]);
  let v = vec2f((*state).qvel[1], (*state).qvel[2]);
  let fell = tip.y <= 1.0;
  let alive = select(params.healthy_reward, 0.0, fell && VERSION >= 5u);
  let away = 0.01 * tip.x * tip.x + (tip.y - 2.0) * (tip.y - 2.0);
  return StepResult(alive - away - dot(vec2f(1e-3, 5e-3), v * v), select(0u, 1u, fell));
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  let first = sincos(state.qpos[1]);
  let second = sincos(state.qpos[2]);
  var obs = array<f32, OBS_DIM>();
  obs[0] = state.qpos[0];
  obs[1] = first.x;
  obs[2] = second.x;
  obs[3] = first.y;
  obs[4] = second.y;
  //#repeat $j < NV
  obs[5 + $j] = clamp(state.qvel[$j], -MOST_OBSERVED, MOST_OBSERVED);
  //#end
  for (var j = 0u; j < OBS_DIM - 8u; j++) { obs[8u + j] = clamp(state.constraint_force[j], -MOST_OBSERVED, MOST_OBSERVED); }
  return obs;
}
