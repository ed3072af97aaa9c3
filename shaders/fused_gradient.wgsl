// The gradient of one minibatch in one dispatch. A workgroup takes a range of rows of the shuffled order, tile by tile,
// through gather, forward pass, losses and backward pass of one network, with all activations in workgroup memory. It
// writes the sums over its rows: one partial gradient, followed by the sums of the losses.
// threads: one workgroup per range of rows_per_partial rows (x, from first_partial); z: agent x network (actor, critic; or both in one)
// reads:   hyper, progress (seed, iteration, kl_coef, remaining), stop, parameters, transitions, advantage_moments
// writes:  partials [agent][partial][parameter_stride + 2 networks x LOSS_SUMS vec4s]
// twin:    src/reference/fused_gradient.ts
//#import "shaders/lib/update/fused_rows.wgsl"
//#import "shaders/lib/network/dense_backward.wgsl"

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(2) var<storage, read> stop: array<u32>;
@group(0) @binding(3) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(4) var<storage, read> transitions: array<f32>;
@group(0) @binding(5) var<storage, read> advantage_moments: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> partials: array<vec4f>;
@group(1) @binding(0) var<uniform> args: GradientArgs;

override WORKGROUP: u32 = 64;
override TILE: u32 = 16;          // rows at a time, a multiple of 4
override ACT_SIZE: u32 = 1024;    // vec4s that hold one tile's activations
const ROW_SUMS = LOSS_SUMS + OWN_WIDTH; // sums of one row slot: its losses, and d_own
override ALL_ROW_SUMS: u32 = TILE * ROW_SUMS; // naga accepts a name as an array length, but no expression

var<workgroup> act: array<vec4f, ACT_SIZE>;
var<workgroup> row_sums: array<vec4f, ALL_ROW_SUMS>;
var<workgroup> records: array<u32, TILE>;

fn add_to_row(row: u32, l: SampleLoss) {
  let at = row * ROW_SUMS;
  let sums = add_loss(LossSums(row_sums[at], row_sums[at + 1u], row_sums[at + 2u], row_sums[at + 3u]), l);
  row_sums[at] = sums.losses;
  row_sums[at + 1u] = sums.more;
  row_sums[at + 2u] = sums.low;
  row_sums[at + 3u] = sums.high;
}

fn add_d_own(row: u32, i: u32, d: f32) {
  row_sums[row * ROW_SUMS + LOSS_SUMS + i / 4u][i % 4u] += d;
}

@compute @workgroup_size(WORKGROUP)
fn fused_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let w = work_of(group);
  if (stop[w.agent * args.stop_stride + GATE_UPDATE + args.update] != 0u) { return; }
  let in_width = args.networks[w.network].layers[0].in_width;
  let head = args.networks[w.network].head;
  let head_width = args.networks[w.network].head_width;
  let h = scheduled(hyper[w.agent], progress[w.agent]);
  let scale = 1.0 / f32(args.minibatch_size);
  for (var i = thread; i < args.tile * ROW_SUMS; i += WORKGROUP) { row_sums[i] = vec4f(); }

  for (var row = w.first; row < w.end; row += args.tile) {
    // Rows past the end repeat the last one; their losses are not counted and their gradient is 0.
    for (var r = thread; r < args.tile; r += WORKGROUP) {
      records[r] = record_of_row(min(row + r, w.end - 1u), w.agent);
    }
    workgroupBarrier(); // wait for the tile's records
    for (var i = thread; i < args.tile * in_width; i += WORKGROUP) {
      let at = records[i / in_width] + AT_OBS + i % in_width * 4u;
      act[i + i / in_width] = vec4f(transitions[at], transitions[at + 1u], transitions[at + 2u], transitions[at + 3u]);
    }
    workgroupBarrier(); // wait for the observations
    mlp_forward(w.network, w.base, args.tile, thread, WORKGROUP);
    for (var r = thread; r < args.tile; r += WORKGROUP) {
      if (row + r >= w.end) {
        for (var i = 0u; i < head_width; i++) { act[head + r * head_width + i] = vec4f(); }
        continue;
      }
      collect_head(w.network, args.tile, r);
      if (w.network == 0u) { policy_row(r, w.agent, h, scale); }
      if (w.network == args.value_network) { value_row(r, h, scale); }
    }
    workgroupBarrier(); // wait for the gradient of the head
    mlp_backward(w.network, w.base, w.partial_base, args.tile, row == w.first, thread, WORKGROUP);
  }

  // Sums over the row slots, in order. The losses of the two networks are at the end of a partial.
  for (var k = thread; k < ROW_SUMS; k += WORKGROUP) {
    var sum = vec4f();
    for (var r = 0u; r < args.tile; r++) { sum += row_sums[r * ROW_SUMS + k]; }
    if (k < LOSS_SUMS) { store_loss_sum(w, k, sum); }
    else if (w.network == 0u) { partials[w.partial_base + args.own / 4u + k - LOSS_SUMS] = sum; }
  }
}
