// The same gradient as fused_gradient, by quads: a workgroup is a quad or a few, each of which takes a range of rows of the shuffled
// order, four rows at a time, through gather, forward pass, losses and backward pass of one network, all in private
// memory. It writes one partial gradient and the sums of the losses. In the layers a lane has a quarter of the columns of
// every row, in the losses one row.
// threads: one quad per range of rows_per_partial rows (x, from first_partial); z: agent x network (actor, critic; or both in one)
// reads:   hyper, progress (seed, iteration, kl_coef, remaining), stop, parameters, transitions, advantage_moments
// writes:  partials [agent][partial][parameter_stride + 2 networks x LOSS_SUMS vec4s]
// twin:    src/reference/quad_gradient.ts
//#import "shaders/lib/update/fused_rows.wgsl"
//#import "shaders/lib/network/quad_backward.wgsl"
// All four lanes of a quad take the same turns of every loop, which the analysis cannot see.
diagnostic(off, subgroup_uniformity);

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(2) var<storage, read> stop: array<u32>;
@group(0) @binding(3) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(4) var<storage, read> transitions: array<f32>;
@group(0) @binding(5) var<storage, read> advantage_moments: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> partials: array<vec4f>;
@group(1) @binding(0) var<uniform> args: GradientArgs;

// The outputs of the lane's own row, then their gradient.
var<private> act: array<vec4f, Q_MOST_HEAD>;
var<private> records: array<u32, 1>;
var<private> sums: LossSums;
var<private> d_own_sum: array<vec4f, max(OWN_WIDTH, 1u)>;

fn add_to_row(row: u32, l: SampleLoss) { sums = add_loss(sums, l); }

fn add_d_own(row: u32, i: u32, d: f32) { d_own_sum[i / 4u][i % 4u] += d; }

@compute @workgroup_size(LANES * TOGETHER)
fn quad_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let lane = thread % LANES;
  let work = work_of(vec3u(group.x * TOGETHER + thread / LANES, group.yz));
  if (work.first >= work.end) { return; } // the last workgroup may have fewer partials than quads
  if (stop[work.agent * args.stop_stride + GATE_UPDATE + args.update] != 0u) { return; }
  keep_inputs_whole();
  keep_gradients_whole();
//#repeat $n < Q_NETWORKS
  if (Q_NETWORKS == 1u || work.network == $n) { train_$n(work, lane); }
//#end
  let losses = array<vec4f, LOSS_SUMS>(quad_sum(sums.losses), quad_sum(sums.more), quad_sum(sums.low), quad_sum(sums.high));
  store_loss_sum(work, lane, losses[lane]);
  for (var i = 0u; i < OWN_WIDTH; i++) {
    let sum = quad_sum(d_own_sum[i]);
    if (work.network == 0u && lane == 0u) { partials[work.partial_base + args.own / 4u + i] = sum; }
  }
}

//#repeat $n < Q_NETWORKS
fn train_$n(work: Work, lane: u32) {
  let h = scheduled(hyper[work.agent], progress[work.agent]);
  let scale = 1.0 / f32(args.minibatch_size);
  load_weights_$n(work.network, work.base, lane);
  var row = work.first;
  loop {
    // Rows past the end repeat the last one; their losses are not counted and their gradient is 0.
    records[0] = record_of_row(min(row + lane, work.end - 1u), work.agent);
    var obs = vec4u(
      quadBroadcast(records[0], 0u), quadBroadcast(records[0], 1u), quadBroadcast(records[0], 2u), quadBroadcast(records[0], 3u),
    ) + AT_OBS + lane;
    var turn = 0u;
    loop {
      turn_inputs();
//#repeat $q < Q_QUADS[$n][0]
      x[NEWEST + Q_INPUT[$n][0] + $q / 4][$q % 4] = transitions[obs.x + 4 * $q];
//#end
      obs = obs.yzwx;
      forward_$n();
      turn++;
      continuing { break if turn == Q_ROWS; }
    }
//#repeat $o < Q_HEAD[$n]
    act[$o] = quad_transpose(lane, heads[$o]);
//#end
    if (row + lane < work.end) {
      if (work.network == 0u) { policy_row(0u, work.agent, h, scale); }
      if (work.network == args.value_network) { value_row(0u, h, scale); }
    } else {
//#repeat $o < Q_HEAD[$n]
      act[$o] = vec4f();
//#end
    }
//#repeat $o < Q_HEAD[$n]
    d_heads[$o] = quad_transpose(lane, act[$o]);
//#end
    turn = 0u;
    loop {
      turn_gradients();
      backward_input_$n();
      turn_heads();
      turn_inputs();
      turn++;
      continuing { break if turn == Q_ROWS; }
    }
    backward_weight_$n();
    row += Q_ROWS;
    continuing { break if row >= work.end; }
  }
  store_gradient_$n(work.network, work.partial_base, lane);
}

//#end
