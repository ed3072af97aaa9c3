// Advantages and returns of a rollout (shaders/lib/gae_env.wgsl).
// threads: one per environment (x), agents along y
// reads:   hyper, stop, heads (V of the observation after the last step), final_values [agent][step][env][4]
// writes:  transitions (advantage, return)
// twin:    src/reference/gae.ts
//#import "shaders/lib/agent.wgsl"
//#import "shaders/lib/gae_env.wgsl"
//#import "record"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
  values: u32,            // offset of the values in heads, and the stride from one to the next
  value_stride: u32,
}

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> stop: array<u32>;
@group(0) @binding(2) var<storage, read> heads: array<f32>;
@group(0) @binding(3) var<storage, read> final_values: array<f32>;
@group(0) @binding(4) var<storage, read_write> transitions: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

fn final_value(record: u32, step: u32, env: u32, agent: u32) -> f32 {
  return final_values[((agent * args.num_steps + step) * args.num_envs + env) * 4u];
}

@compute @workgroup_size(64)
fn gae(@builtin(global_invocation_id) id: vec3u) {
  let env = id.x;
  let agent = id.y;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u || env >= args.num_envs) { return; }
  let record = (agent * (args.num_steps + 1u) * args.num_envs + env) * RECORD_STRIDE;
  let last_value = heads[args.values + (agent * args.num_envs + env) * args.value_stride];
  gae_env(record, args.num_envs * RECORD_STRIDE, args.num_steps, hyper[agent], last_value, env, agent);
}
