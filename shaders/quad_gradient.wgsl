// The same gradient as fused_gradient, by quads: a workgroup is one quad, which takes a range of rows of the shuffled
// order, eight rows per lane at a time, through gather, forward pass, losses and backward pass of one network, all in
// private memory. It writes one partial gradient and the sums of the losses.
// threads: one quad per range of rows_per_partial rows (x, from first_partial); z: agent x network (actor, critic; or both in one)
// reads:   hyper, progress (seed, iteration, kl_coef, remaining), stop, parameters, transitions, advantage_moments
// writes:  partials [agent][partial][parameter_stride + 2 networks x LOSS_SUMS vec4s]
// twin:    src/reference/quad_gradient.ts
//#import "shaders/lib/update/fused_rows.wgsl"
//#import "shaders/lib/network/quad_backward.wgsl"

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(2) var<storage, read> stop: array<u32>;
@group(0) @binding(3) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(4) var<storage, read> transitions: array<f32>;
@group(0) @binding(5) var<storage, read> advantage_moments: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> partials: array<vec4f>;
@group(1) @binding(0) var<uniform> args: GradientArgs;

const QUAD_ROWS = LANES * LANE_ROWS;

var<private> records: array<u32, LANE_ROWS>;
var<private> sums: LossSums;
var<private> d_own_sum: array<vec4f, max(OWN_WIDTH, 1u)>;

fn add_to_row(row: u32, l: SampleLoss) { sums = add_loss(sums, l); }

fn add_d_own(row: u32, i: u32, d: f32) { d_own_sum[i / 4u][i % 4u] += d; }

@compute @workgroup_size(4)
fn quad_gradient(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let w = work_of(group);
  if (stop[w.agent * args.stop_stride + GATE_UPDATE + args.update] != 0u) { return; }
  let in_width = args.networks[w.network].layers[0].in_width;
  let head = args.networks[w.network].head;
  let head_width = args.networks[w.network].head_width;
  let h = scheduled(hyper[w.agent], progress[w.agent]);
  let scale = 1.0 / f32(args.minibatch_size);
  load_share(w.network, w.base, lane);

  for (var row = w.first; row < w.end; row += QUAD_ROWS) {
    // Rows past the end repeat the last one; their losses are not counted and their gradient is 0.
    for (var r = 0u; r < LANE_ROWS; r++) {
      records[r] = record_of_row(min(row + r * LANES + lane, w.end - 1u), w.agent);
      for (var i = 0u; i < in_width; i++) {
        let at = records[r] + AT_OBS + i * 4u;
        act[r * in_width + i] = vec4f(transitions[at], transitions[at + 1u], transitions[at + 2u], transitions[at + 3u]);
      }
    }
    mlp_forward(w.network);
    for (var r = 0u; r < LANE_ROWS; r++) {
      if (row + r * LANES + lane >= w.end) {
        for (var i = 0u; i < head_width; i++) { act[head + r * head_width + i] = vec4f(); }
        continue;
      }
      if (w.network == 0u) { policy_row(r, w.agent, h, scale); }
      if (w.network == args.value_network) { value_row(r, h, scale); }
    }
    mlp_backward(w.network, lane);
  }

  store_d_share(w.network, w.partial_base, lane);
  let losses = array<vec4f, LOSS_SUMS>(quad_sum(sums.losses), quad_sum(sums.more), quad_sum(sums.low), quad_sum(sums.high));
  store_loss_sum(w, lane, losses[lane]);
  for (var i = 0u; i < OWN_WIDTH; i++) {
    let sum = quad_sum(d_own_sum[i]);
    if (w.network == 0u && lane == 0u) { partials[w.partial_base + args.own / 4u + i] = sum; }
  }
}
