// How much of the returns' variance the values of the rollout explain: 1 - var(returns - values) / var(returns).
// threads: one workgroup per agent (x)
// reads:   stop, transitions (value, return)
// writes:  rollout_stats (explained, explained_variance)
// twin:    src/reference/explained_variance.ts
//#import "shaders/lib/agent.wgsl"
//#import "shaders/lib/stats.wgsl"
//#import "shaders/lib/reduce.wgsl"
//#import "record"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
}

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> transitions: array<f32>;
@group(0) @binding(2) var<storage, read_write> rollout_stats: array<RolloutStats>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(WORKGROUP)
fn explained_variance(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.x;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u) { return; }
  let batch = args.num_steps * args.num_envs;
  let first = agent * (batch + args.num_envs);
  var sum = vec4f(); // of returns, and of returns - values
  for (var i = thread; i < batch; i += WORKGROUP) {
    let record = (first + i) * RECORD_STRIDE;
    let target_return = transitions[record + AT_RETURN];
    sum += vec4f(target_return, target_return - transitions[record + AT_VALUE], 0.0, 0.0);
  }
  let mean = workgroup_sum(sum, thread) / f32(batch);
  var squares = vec4f();
  for (var i = thread; i < batch; i += WORKGROUP) {
    let record = (first + i) * RECORD_STRIDE;
    let target_return = transitions[record + AT_RETURN];
    let deviation = vec4f(target_return, target_return - transitions[record + AT_VALUE], 0.0, 0.0) - mean;
    squares += deviation * deviation;
  }
  let variance = workgroup_sum(squares, thread);
  if (thread == 0u) {
    rollout_stats[agent].explained = select(0u, 1u, variance.x > 0.0);
    rollout_stats[agent].explained_variance = select(0.0, 1.0 - variance.y / variance.x, variance.x > 0.0);
  }
}
