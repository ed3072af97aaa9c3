// Sums over the rows of one partial: the losses of a minibatch and the gradient of the distribution's own parameters.
// threads: THREADS per partial (x), agents along y
// reads:   stop, losses, d_heads (d_own)
// writes:  partials (loss sums; the distribution's own parameters)
// twin:    src/reference/sum_losses.ts
//#import "shaders/lib/update/loss_sums.wgsl"
//#import "shaders/lib/data/transition.wgsl"
//#import "shaders/lib/update/workgroup_sum.wgsl"

struct Args {
  minibatch_size: u32,
  rows_per_partial: u32,
  num_partials: u32,
  stop_stride: u32,
  parameter_stride: u32,
  own: u32,               // offset of the distribution's own parameters inside one agent's
  d_own: u32,             // offset in d_heads, [agent][row][OWN_STRIDE]
  gate: u32,
}

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> losses: array<SampleLoss>;
@group(0) @binding(2) var<storage, read> d_heads: array<f32>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(THREADS)
fn sum_losses(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.y;
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let first_row = agent * args.minibatch_size;
  let first = first_row + group.x * args.rows_per_partial + thread;
  let end = first_row + min((group.x + 1u) * args.rows_per_partial, args.minibatch_size);
  let own_partial = (agent * args.num_partials + group.x) * partial_width(args.parameter_stride);
  if (OWN_DIM > 0u) {
    for (var k = 0u; k < OWN_STRIDE; k += 4u) {
      var sum = vec4f();
      for (var row = first; row < end; row += THREADS) {
        let d = args.d_own + row * OWN_STRIDE + k;
        sum += vec4f(d_heads[d], d_heads[d + 1u], d_heads[d + 2u], d_heads[d + 3u]);
      }
      let total = workgroup_sum(sum, thread);
      if (thread == 0u) { partials[own_partial + (args.own + k) / 4u] = total; }
    }
  }
  var sums: LossSums;
  for (var row = first; row < end; row += THREADS) { sums = add_loss(sums, losses[row]); }
  let losses_sum = workgroup_sum(sums.losses, thread);
  let more_sum = workgroup_sum(sums.more, thread);
  let low_sum = workgroup_sum(sums.low, thread);
  let high_sum = workgroup_sum(sums.high, thread);
  if (thread != 0u) { return; }
  let tail = own_partial + args.parameter_stride / 4u;
  partials[tail] = losses_sum;
  partials[tail + 1u] = more_sum;
  partials[tail + 2u] = low_sum;
  partials[tail + 3u] = high_sum;
  for (var i = LOSS_SUMS; i < PARTIAL_TAIL; i++) { partials[tail + i] = vec4f(); } // among the policy's
}
