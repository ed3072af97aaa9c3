// Means over a minibatch, the gradient of the log standard deviations, the learning rate, and the early stop: when approxKl exceeds
// target_kl, this minibatch and all later ones of the iteration are skipped (measured before the step).
// threads: one workgroup per agent (x)
// reads:   hyper, progress (learning_rate, kl_coef, remaining), losses, d_heads (d_log_std)
// writes:  stop [slot of this update], update_stats, partials (log_std of partial 0)
// twin:    src/reference/loss_stats.ts
//#import "shaders/lib/agent.wgsl"
//#import "shaders/lib/fault.wgsl"
//#import "shaders/lib/stats.wgsl"
//#import "shaders/lib/reduce.wgsl"
//#import "shaders/lib/loss_sums.wgsl"
//#import "record"

struct Args {
  minibatch_size: u32,
  num_updates: u32,
  num_partials: u32,
  stop_stride: u32,
  parameter_stride: u32,
  log_std: u32,
  d_log_std: u32,
  update: u32,
}

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(2) var<storage, read> losses: array<SampleLoss>;
@group(0) @binding(3) var<storage, read> d_heads: array<f32>;
@group(0) @binding(4) var<storage, read_write> stop: array<u32>;
@group(0) @binding(5) var<storage, read_write> update_stats: array<UpdateStats>;
@group(0) @binding(6) var<storage, read_write> partials: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

var<workgroup> gate: u32;

@compute @workgroup_size(WORKGROUP)
fn loss_stats(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.x;
  let at = agent * args.num_updates + args.update;
  let slot = agent * args.stop_stride + GATE_UPDATE + args.update + 1u;
  if (thread == 0u) {
    gate = stop[slot - 1u];
    if (gate == 0u && stop[fault_slot(agent, args.stop_stride)] != 0u) { gate = STOP_NOT_FINITE; } // the step before
    if (gate != 0u) { // an earlier stop is passed on
      stop[slot] = gate;
      update_stats[at].evaluated = 0u;
    }
  }
  if (workgroupUniformLoad(&gate) != 0u) { return; }

  var own: LossSums;
  let first = agent * args.minibatch_size;
  for (var i = thread; i < args.minibatch_size; i += WORKGROUP) { own = add_loss(own, losses[first + i]); }
  let losses_sum = workgroup_sum(own.losses, thread);
  let more_sum = workgroup_sum(own.more, thread);
  let low_sum = workgroup_sum(own.low, thread);
  let high_sum = workgroup_sum(own.high, thread);
  if (GAUSSIAN) {
    for (var k = 0u; k < OUT_STRIDE; k += 4u) {
      var sum = vec4f();
      for (var i = thread; i < args.minibatch_size; i += WORKGROUP) {
        let d = args.d_log_std + (first + i) * OUT_STRIDE + k;
        sum += vec4f(d_heads[d], d_heads[d + 1u], d_heads[d + 2u], d_heads[d + 3u]);
      }
      let total = workgroup_sum(sum, thread);
      let target_at = agent * args.num_partials * args.parameter_stride + args.log_std + k;
      if (thread < 4u) { partials[target_at + thread] = total[thread]; }
    }
  }
  if (thread != 0u) { return; }

  let sums = LossSums(losses_sum, more_sum, low_sum, high_sum);
  let h = scheduled(hyper[agent], progress[agent]);
  var stats = minibatch_stats(sums, f32(args.minibatch_size), h, progress[agent].kl_coef);
  var rate = progress[agent].learning_rate;
  if (args.update > 0u) { rate = update_stats[at - 1u].learning_rate; }
  stats.learning_rate = adapted_rate(rate, stats.kl, args.update, h);
  update_stats[at] = stats;
  stop[slot] = select(0u, STOP_KL, stops_early(stats, h));
}
