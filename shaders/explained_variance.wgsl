// How much of the returns' variance the values of the rollout explain: 1 - var(returns - values) / var(returns).
// threads: one workgroup per agent (x)
// reads:   stop, transitions (value, return)
// writes:  rollout_stats (explained, explained_variance); explained is 0 where the returns do not vary
// twin:    src/reference/explained_variance.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/stats.wgsl"
//#import "shaders/lib/data/transition.wgsl"
//#import "shaders/lib/update/workgroup_sum.wgsl"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
}

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> transitions: array<f32>;
@group(0) @binding(2) var<storage, read_write> rollout_stats: array<RolloutStats>;
@group(1) @binding(0) var<uniform> args: Args;

// Returns that differ by less than the rounding error of advantages + values count as constant: their variance is
// noise. The limit is 8 roundings of 2^-24, relative to the root mean square of returns and values, squared. Twin:
// NO_VARIANCE.
const NO_VARIANCE = 0x1p-42f;

// (return, return - value) of a record.
fn target_and_error(record: u32) -> vec2f {
  let target_return = transitions[record + AT_RETURN];
  return vec2f(target_return, target_return - transitions[record + AT_VALUE]);
}

@compute @workgroup_size(THREADS)
fn explained_variance(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.x;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u) { return; }
  let batch = args.num_steps * args.num_envs;
  let first = record_of_batch(agent, 0u, batch, args.num_envs);
  // Relative to the first record: a long sum of equal numbers drifts, and its mean would differ from every one of them.
  let shift = target_and_error(first);
  var sum = vec4f(); // of returns and of errors, shifted; of the squares of returns and values
  for (var i = thread; i < batch; i += THREADS) {
    let x = target_and_error(first + i * RECORD_STRIDE);
    let value = x.x - x.y;
    sum += vec4f(x - shift, x.x * x.x, value * value);
  }
  let total = workgroup_sum(sum, thread);
  let mean = total.xy / f32(batch);
  var squares = vec4f(); // squared deviations; deviations, whose sum is the rounding error of the mean
  for (var i = thread; i < batch; i += THREADS) {
    let deviation = target_and_error(first + i * RECORD_STRIDE) - shift - mean;
    squares += vec4f(deviation * deviation, deviation);
  }
  let rest = workgroup_sum(squares, thread);
  let variance = rest.xy - rest.zw * rest.zw / f32(batch);
  if (thread == 0u) {
    let varies = variance.x > NO_VARIANCE * (total.z + total.w);
    rollout_stats[agent].explained = select(0u, 1u, varies);
    rollout_stats[agent].explained_variance = select(0.0, 1.0 - variance.y / variance.x, varies);
  }
}
