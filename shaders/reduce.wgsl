// Sums the partials of a minibatch, in order, into the gradient; sums its squares per block for the global norm. From
// the sums of the losses it computes the minibatch's statistics, its learning rate and the early stop: if approxKl
// (measured before the step) exceeds target_kl, this minibatch and all later ones of the iteration are skipped.
// threads: THREADS per block of parameters (x: blocks), agents along y; the first workgroup of an agent also does the
//          statistics
// reads:   hyper, progress (learning_rate, kl_coef, remaining), partials
// writes:  gradients [agent][parameter_stride], squares [agent][block], update_stats, stop [slot of this update]
// twin:    src/reference/reduce.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/fault.wgsl"
//#import "shaders/lib/update/loss_sums.wgsl"

struct Args {
  parameter_stride: u32,
  num_partials: u32,
  block: u32,             // vec4s of parameters
  num_blocks: u32,
  num_updates: u32,
  stop_stride: u32,
  minibatch_size: u32,
  update: u32,
}

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(2) var<storage, read> partials: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> stop: array<u32>;
@group(0) @binding(4) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> squares: array<f32>;
@group(0) @binding(6) var<storage, read_write> update_stats: array<UpdateStats>;
@group(1) @binding(0) var<uniform> args: Args;

override THREADS: u32 = 64;
var<workgroup> gate: u32;
var<workgroup> thread_squares: array<f32, THREADS>;
var<workgroup> tail_sums: array<vec4f, PARTIAL_TAIL>;

// Why this minibatch is skipped: an earlier stop, or an earlier step whose gradient or result was not finite.
fn earlier_stop(agent: u32) -> u32 {
  let before = stop[agent * args.stop_stride + GATE_UPDATE + args.update];
  if (before != 0u || args.update == 0u) { return before; }
  if (stop[fault_slot(agent, args.stop_stride)] != 0u) { return STOP_NOT_FINITE; }
  let norm = update_stats[agent * args.num_updates + args.update - 1u].grad_norm;
  return select(STOP_NOT_FINITE, 0u, is_finite(norm));
}

// The sum of the partials' vec4s from `first` on, in order. The loop is tested at its end: an adapter that computes on the
// CPU takes one turn more of a loop that is tested at its beginning.
fn partials_sum(first: u32, stride: u32) -> vec4f {
  let num_partials = args.num_partials;
  var sum = vec4f();
  var p = 0u;
  loop {
    sum += partials[first + p * stride];
    p++;
    continuing { break if p == num_partials; }
  }
  return sum;
}

@compute @workgroup_size(THREADS)
fn reduce(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.y;
  let width = args.parameter_stride / 4u;
  let stride = partial_width(args.parameter_stride);
  let first_partial = agent * args.num_partials * stride;
  if (thread == 0u) { gate = earlier_stop(agent); }
  let stopped = workgroupUniformLoad(&gate);
  let at = agent * args.num_updates + args.update;
  let slot = agent * args.stop_stride + GATE_UPDATE + args.update + 1u;
  if (stopped != 0u) {
    if (group.x == 0u && thread == 0u) {
      stop[slot] = stopped;
      update_stats[at].evaluated = 0u;
    }
    return;
  }

  var own = 0.0;
  let end = min((group.x + 1u) * args.block, width);
  for (var i = group.x * args.block + thread; i < end; i += THREADS) {
    let gradient = partials_sum(first_partial + i, stride);
    gradients[agent * width + i] = gradient;
    own += dot(gradient, gradient);
  }
  thread_squares[thread] = own;
  for (var i = thread; group.x == 0u && i < PARTIAL_TAIL; i += THREADS) {
    tail_sums[i] = partials_sum(first_partial + width + i, stride);
  }
  workgroupBarrier(); // wait for the sums of all threads
  if (thread != 0u) { return; }
  var sum = 0.0;
  for (var i = 0u; i < THREADS; i++) { sum += thread_squares[i]; }
  squares[agent * args.num_blocks + group.x] = sum;
  if (group.x != 0u) { return; }
  let sums = LossSums(
    tail_sums[0] + tail_sums[4],
    tail_sums[1] + tail_sums[5],
    tail_sums[2] + tail_sums[6],
    tail_sums[3] + tail_sums[7],
  );
  let h = scheduled(hyper[agent], progress[agent]);
  var stats = minibatch_stats(sums, f32(args.minibatch_size), h, progress[agent].kl_coef);
  var rate = progress[agent].learning_rate;
  if (args.update > 0u) { rate = update_stats[at - 1u].learning_rate; }
  stats.learning_rate = adapted_rate(rate, stats.kl, args.update, h);
  update_stats[at] = stats;
  stop[slot] = select(0u, STOP_KL, stops_early(stats, h));
}
