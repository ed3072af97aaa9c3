// Generalised advantage estimation (Schulman et al. 2016) for one environment, backwards over the steps of a rollout:
//   delta_t = r'_t + gamma V(s_{t+1}) (1 - done_t) - V(s_t);  A_t = delta_t + gamma lambda (1 - done_t) A_{t+1}
// with done = terminated | truncated, and r' = r + gamma V(final observation) where truncated and not terminated.
// Needs from the importer: transitions: array<f32>, read_write, with the final values of such steps.
// Twin: src/reference/gae.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/transition.wgsl"

// `record` is the environment's record of step 0, `stride` the floats from one step to the next.
fn gae_env(record: u32, stride: u32, num_steps: u32, h: Hyper, last_value: f32) {
  var next_value = last_value;
  var next_advantage = 0.0;
  for (var t = num_steps; t > 0u; t--) {
    let at = record + (t - 1u) * stride;
    let value = transitions[at + AT_VALUE];
    let flags = u32(transitions[at + AT_FLAGS]);
    var reward = transitions[at + AT_REWARD];
    if (is_cut(flags) && h.bootstrap_truncated != 0u) { reward += h.gamma * transitions[at + AT_FINAL_VALUE]; }
    let going_on = select(1.0, 0.0, is_done(flags));
    let delta = reward + h.gamma * next_value * going_on - value;
    let advantage = delta + h.gamma * h.gae_lambda * going_on * next_advantage;
    transitions[at + AT_ADVANTAGE] = advantage;
    transitions[at + AT_RETURN] = advantage + value;
    next_value = value;
    next_advantage = advantage;
  }
}
