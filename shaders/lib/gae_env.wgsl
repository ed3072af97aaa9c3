// Generalised advantage estimation (Schulman et al. 2016) for one environment, backwards over the steps of a rollout:
//   delta_t = r'_t + gamma V(s_{t+1}) (1 - done_t) - V(s_t);  A_t = delta_t + gamma lambda (1 - done_t) A_{t+1}
// with done = terminated | truncated, and r' = r + gamma V(final observation) where only the time limit ended the episode.
// Wants from the importer: transitions: array<f32>, read_write, and
//   fn final_value(record: u32, step: u32, env: u32, agent: u32) -> f32, V of the observation before the reset.
// Twin: src/reference/gae.ts
//#import "shaders/lib/agent.wgsl"
//#import "record"

// `record` is the environment's record of step 0, `stride` the floats from one step to the next.
fn gae_env(record: u32, stride: u32, num_steps: u32, h: Hyper, last_value: f32, env: u32, agent: u32) {
  var next_value = last_value;
  var next_advantage = 0.0;
  for (var t = num_steps; t > 0u; t--) {
    let at = record + (t - 1u) * stride;
    let value = transitions[at + AT_VALUE];
    let terminated = transitions[at + AT_TERMINATED] != 0.0;
    let truncated = transitions[at + AT_TRUNCATED] != 0.0;
    var reward = transitions[at + AT_REWARD];
    if (truncated && !terminated && h.bootstrap_truncated != 0u) {
      reward += h.gamma * final_value(at, t - 1u, env, agent);
    }
    let going_on = select(1.0, 0.0, terminated || truncated);
    let delta = reward + h.gamma * next_value * going_on - value;
    let advantage = delta + h.gamma * h.gae_lambda * going_on * next_advantage;
    transitions[at + AT_ADVANTAGE] = advantage;
    transitions[at + AT_RETURN] = advantage + value;
    next_value = value;
    next_advantage = advantage;
  }
}
