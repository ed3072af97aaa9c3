// Merges the rollout's observations and discounted returns into an agent's running mean and variance (Chan et al.
// 1979): first the environments as a tree, in a fixed order, then into the statistics. Clears the moments.
// threads: one workgroup per agent (x)
// reads:   stop
// writes:  normaliser [agent][statistics, then [env][moments]]
// twin:    src/reference/update_normaliser.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/moments.wgsl"
//#import "norm"
//#import "shape"

struct Args {
  num_envs: u32,
  stop_stride: u32,
}

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read_write> normaliser: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

override THREADS: u32 = 64; // a power of two
var<workgroup> merged: array<Moments, THREADS>;

// Merges the moments at `mean_at` and `m2_at` of every environment into the agent's statistics, except the count.
fn update(agent_at: u32, mean_at: u32, m2_at: u32, stat_mean: u32, stat_var: u32, stat_count: u32, thread: u32) {
  var own: Moments;
  for (var env = thread; env < args.num_envs; env += THREADS) {
    let at = agent_at + NORM_AGENT_FLOATS + env * NORM_ENV_FLOATS;
    own = merge_moments(own, Moments(normaliser[at + NORM_ENV_STEPS], normaliser[at + mean_at], normaliser[at + m2_at]));
    normaliser[at + mean_at] = 0.0;
    normaliser[at + m2_at] = 0.0;
  }
  merged[thread] = own;
  for (var width = THREADS / 2u; width > 0u; width /= 2u) {
    workgroupBarrier(); // the upper half is complete
    if (thread < width) { merged[thread] = merge_moments(merged[thread], merged[thread + width]); }
  }
  if (thread == 0u) {
    let count = normaliser[agent_at + stat_count];
    let before = Moments(count, normaliser[agent_at + stat_mean], count * normaliser[agent_at + stat_var]);
    let after = merge_moments(before, merged[0]);
    normaliser[agent_at + stat_mean] = after.mean;
    normaliser[agent_at + stat_var] = after.m2 / after.count;
  }
  workgroupBarrier(); // wait until merged[0] has been read
}

@compute @workgroup_size(THREADS)
fn update_normaliser(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.x;
  if (stop[agent * args.stop_stride + GATE_UPDATE] != 0u) { return; }
  let at = agent * (NORM_AGENT_FLOATS + args.num_envs * NORM_ENV_FLOATS);
  for (var i = 0u; NORM_OBS && i < OBS_FLOATS; i++) {
    update(at, NORM_ENV_OBS_MEAN + i, NORM_ENV_OBS_M2 + i, NORM_OBS_MEAN + i, NORM_OBS_VAR + i, NORM_OBS_COUNT, thread);
  }
  if (NORM_REWARD) {
    update(at, NORM_ENV_RETURN_MEAN, NORM_ENV_RETURN_M2, NORM_RETURN_MEAN, NORM_RETURN_VAR, NORM_RETURN_COUNT, thread);
  }
  // All environments have taken the same number of steps.
  let steps = normaliser[at + NORM_AGENT_FLOATS + NORM_ENV_STEPS] * f32(args.num_envs);
  storageBarrier(); // wait until every thread has read the steps
  for (var env = thread; env < args.num_envs; env += THREADS) {
    normaliser[at + NORM_AGENT_FLOATS + env * NORM_ENV_FLOATS + NORM_ENV_STEPS] = 0.0;
  }
  if (thread == 0u) {
    normaliser[at + NORM_OBS_COUNT] += steps;
    normaliser[at + NORM_RETURN_COUNT] += steps;
  }
}
