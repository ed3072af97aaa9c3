//#import "planar/task"
//#import "planar/picture"
// A sledge pulls itself along by its arm. The robot is in robot.ts, its physics comes with planar/task.
// Twin: examples/crawler/crawler.ts

const OBS_DIM = 9u;
const NOISE = 0.05f;

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  var qpos = uniform_noise(rng, NOISE);
  qpos[1] += REF[1];
  return state_at(qpos, uniform_noise(rng, NOISE));
}

/// The way since the step before, in m/s; effort costs a little.
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let moved = advance(state, action);
  return StepResult(moved[0] / DT - 0.01f * effort(action), 0u);
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  let q = state.qpos;
  let v = state.qvel;
  return array<f32, OBS_DIM>(q[1], q[2], q[3], q[4], v[0], v[1], v[2], v[3], v[4]);
}
