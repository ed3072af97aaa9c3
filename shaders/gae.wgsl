// Generalised advantage estimation (Schulman et al. 2016), backwards over the steps of a rollout:
//   delta_t = r'_t + gamma V(s_{t+1}) (1 - done_t) - V(s_t);  A_t = delta_t + gamma lambda (1 - done_t) A_{t+1}
// with done = terminated | truncated, and r' = r + gamma V(final observation) where only the time limit ended the episode.
// threads: one per environment (x), agents along y
// reads:   hyper, stop, heads (V of the observation after the last step), final_values [agent][step][env][4]
// writes:  transitions (advantage, return)
// twin:    src/reference/gae.ts
//#import "shaders/lib/agent.wgsl"
//#import "record"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
  values: u32,            // offset of the values in heads, [agent][env][4]
}

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> stop: array<u32>;
@group(0) @binding(2) var<storage, read> heads: array<f32>;
@group(0) @binding(3) var<storage, read> final_values: array<f32>;
@group(0) @binding(4) var<storage, read_write> transitions: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(64)
fn gae(@builtin(global_invocation_id) id: vec3u) {
  let env = id.x;
  let agent = id.y;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u || env >= args.num_envs) { return; }
  let gamma = hyper[agent].gamma;
  var next_value = heads[args.values + (agent * args.num_envs + env) * 4u];
  var next_advantage = 0.0;
  for (var t = args.num_steps; t > 0u; t--) {
    let step = t - 1u;
    let record = ((agent * (args.num_steps + 1u) + step) * args.num_envs + env) * RECORD_STRIDE;
    let value = transitions[record + AT_VALUE];
    let terminated = transitions[record + AT_TERMINATED] != 0.0;
    let truncated = transitions[record + AT_TRUNCATED] != 0.0;
    var reward = transitions[record + AT_REWARD];
    if (truncated && !terminated && hyper[agent].bootstrap_truncated != 0u) {
      reward += gamma * final_values[((agent * args.num_steps + step) * args.num_envs + env) * 4u];
    }
    let going_on = select(1.0, 0.0, terminated || truncated);
    let delta = reward + gamma * next_value * going_on - value;
    let advantage = delta + gamma * hyper[agent].gae_lambda * going_on * next_advantage;
    transitions[record + AT_ADVANTAGE] = advantage;
    transitions[record + AT_RETURN] = advantage + value;
    next_value = value;
    next_advantage = advantage;
  }
}
