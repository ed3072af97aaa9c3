// Means over a minibatch, the gradient of the log standard deviations, and the early stop: when approxKl exceeds
// target_kl, this minibatch and all later ones of the iteration are skipped (measured before the step).
// threads: one workgroup per agent (x)
// reads:   hyper, progress (kl_coef), losses, d_heads (d_log_std)
// writes:  stop [slot of this update], update_stats, partials (log_std of partial 0)
// twin:    src/reference/loss_stats.ts
//#import "shaders/lib/agent.wgsl"
//#import "shaders/lib/stats.wgsl"
//#import "shaders/lib/reduce.wgsl"
//#import "shaders/lib/objective.wgsl"
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
    if (gate != 0u) { // an earlier stop is passed on
      stop[slot] = gate;
      update_stats[at].evaluated = 0u;
    }
  }
  if (workgroupUniformLoad(&gate) != 0u) { return; }

  var losses_sum = vec4f(); // pg_loss, v_loss, entropy, approx_kl
  var more_sum = vec4f();   // old_approx_kl, clipfrac, kl, situation 4
  var low_sum = vec4f();    // situations 0 to 3
  var high_sum = vec4f();   // situation 5
  let first = agent * args.minibatch_size;
  for (var i = thread; i < args.minibatch_size; i += WORKGROUP) {
    let l = losses[first + i];
    losses_sum += vec4f(l.pg_loss, l.v_loss, l.entropy, l.approx_kl);
    more_sum += vec4f(l.old_approx_kl, l.clipfrac, l.kl, select(0.0, 1.0, l.situation == 4u));
    low_sum += select(vec4f(), vec4f(1.0), vec4u(l.situation) == vec4u(0u, 1u, 2u, 3u));
    high_sum.x += select(0.0, 1.0, l.situation == 5u);
  }
  let n = f32(args.minibatch_size);
  let means = workgroup_sum(losses_sum, thread) / n;
  let more = workgroup_sum(more_sum, thread);
  let low = workgroup_sum(low_sum, thread);
  let high = workgroup_sum(high_sum, thread);
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

  let kl_coef = progress[agent].kl_coef;
  var stats: UpdateStats;
  stats.pg_loss = means.x;
  stats.v_loss = means.y;
  stats.entropy = means.z;
  stats.approx_kl = means.w;
  stats.old_approx_kl = more.x / n;
  stats.clipfrac = more.y / n;
  stats.kl = more.z / n;
  stats.loss = means.x - hyper[agent].ent_coef * means.z + hyper[agent].vf_coef * means.y + kl_coef * stats.kl;
  stats.evaluated = 1u;
  stats.situations = array<u32, 6>(u32(low.x), u32(low.y), u32(low.z), u32(low.w), u32(more.w), u32(high.x));
  update_stats[at] = stats;
  let over = hyper[agent].penalty == 0u && stats.approx_kl > hyper[agent].target_kl;
  stop[slot] = select(0u, STOP_KL, over);
}
