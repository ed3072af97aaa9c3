// Advantages and returns of a rollout (shaders/lib/rollout/gae_env.wgsl).
// threads: one per environment (x), agents along y
// reads:   hyper, stop, heads (V of the observation after the last step), final_values [agent][step][env][4]
// writes:  transitions (final value, advantage, return)
// twin:    src/reference/gae.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/rollout/gae_env.wgsl"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
  values: u32,            // offset of the values in heads, and their stride
  value_stride: u32,
}

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> stop: array<u32>;
@group(0) @binding(2) var<storage, read> heads: array<f32>;
@group(0) @binding(3) var<storage, read> final_values: array<f32>;
@group(0) @binding(4) var<storage, read_write> transitions: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

// Copies the values of final observations to the records of truncated, not terminated, episodes.
fn store_final_values(agent: u32, env: u32) {
  for (var step = 0u; step < args.num_steps; step++) {
    let record = record_at(agent, step, env, args.num_steps, args.num_envs);
    if (!is_cut(u32(transitions[record + AT_FLAGS]))) { continue; }
    transitions[record + AT_FINAL_VALUE] = final_values[((agent * args.num_steps + step) * args.num_envs + env) * 4u];
  }
}

@compute @workgroup_size(64)
fn gae(@builtin(global_invocation_id) id: vec3u) {
  let env = id.x;
  let agent = id.y;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u || env >= args.num_envs) { return; }
  let h = hyper[agent];
  if (h.bootstrap_truncated != 0u) { store_final_values(agent, env); }
  let record = record_at(agent, 0u, env, args.num_steps, args.num_envs);
  let last_value = heads[args.values + (agent * args.num_envs + env) * args.value_stride];
  gae_env(record, args.num_envs * RECORD_STRIDE, args.num_steps, h, last_value);
}
