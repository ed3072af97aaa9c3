// Mean and inverse standard deviation (n - 1, plus 1e-8) of the advantages of every minibatch of an iteration. The
// order is known before the first update, so one dispatch computes all of them. With norm_adv_over batch the first
// workgroup computes them over all transitions, for every minibatch. They are (0, 1) where normAdv is off.
// threads: one workgroup per minibatch (x: epoch * num_minibatches + minibatch), agents along y
// reads:   hyper, progress, stop, transitions (advantage)
// writes:  advantage_moments [agent][num_updates]
// twin:    src/reference/advantage_stats.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/transition.wgsl"
//#import "shuffle"
//#import "shaders/lib/update/workgroup_sum.wgsl"

struct Args {
  num_envs: u32,
  batch_size: u32,
  minibatch_size: u32,
  num_minibatches: u32,
  num_updates: u32,
  stop_stride: u32,
}

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(2) var<storage, read> stop: array<u32>;
@group(0) @binding(3) var<storage, read> transitions: array<f32>;
@group(0) @binding(4) var<storage, read_write> advantage_moments: array<vec2f>;
@group(1) @binding(0) var<uniform> args: Args;

fn advantage(row: u32, epoch: u32, agent: u32) -> f32 {
  let i = shuffled_row(row, args.batch_size, progress[agent].seed, progress[agent].iteration, epoch, agent);
  return transitions[record_of_batch(agent, i, args.batch_size, args.num_envs) + AT_ADVANTAGE];
}

const BATCH = 1u;

// The same two statistics for all minibatches: those of the whole batch.
fn batch_stats(agent: u32, thread: u32) {
  let first = record_of_batch(agent, 0u, args.batch_size, args.num_envs);
  var sum = 0.0;
  for (var i = thread; i < args.batch_size; i += THREADS) { sum += transitions[first + i * RECORD_STRIDE + AT_ADVANTAGE]; }
  let mean = workgroup_sum(vec4f(sum), thread).x / f32(args.batch_size);
  var squares = 0.0;
  for (var i = thread; i < args.batch_size; i += THREADS) {
    let deviation = transitions[first + i * RECORD_STRIDE + AT_ADVANTAGE] - mean;
    squares += deviation * deviation;
  }
  let variance = workgroup_sum(vec4f(squares), thread).x / f32(args.batch_size - 1u);
  let moments = vec2f(mean, 1.0 / (sqrt(variance) + 1e-8));
  for (var u = thread; u < args.num_updates; u += THREADS) { advantage_moments[agent * args.num_updates + u] = moments; }
}

@compute @workgroup_size(THREADS)
fn advantage_stats(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.y;
  let at = agent * args.num_updates + group.x;
  if (stop[agent * args.stop_stride + GATE_UPDATE] != 0u) { return; }
  if (hyper[agent].norm_adv == 0u) {
    if (thread == 0u) { advantage_moments[at] = vec2f(0.0, 1.0); }
    return;
  }
  if (hyper[agent].norm_adv_over == BATCH) {
    if (group.x == 0u) { batch_stats(agent, thread); }
    return;
  }
  let epoch = group.x / args.num_minibatches;
  let first = (group.x % args.num_minibatches) * args.minibatch_size;
  var sum = 0.0;
  for (var i = thread; i < args.minibatch_size; i += THREADS) { sum += advantage(first + i, epoch, agent); }
  let mean = workgroup_sum(vec4f(sum), thread).x / f32(args.minibatch_size);
  var squares = 0.0;
  for (var i = thread; i < args.minibatch_size; i += THREADS) {
    let deviation = advantage(first + i, epoch, agent) - mean;
    squares += deviation * deviation;
  }
  let variance = workgroup_sum(vec4f(squares), thread).x / f32(args.minibatch_size - 1u);
  if (thread == 0u) { advantage_moments[at] = vec2f(mean, 1.0 / (sqrt(variance) + 1e-8)); }
}
