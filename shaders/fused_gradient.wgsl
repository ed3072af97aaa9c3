// The gradient of one minibatch in one dispatch: a workgroup takes a range of rows of the shuffled order, tile by tile,
// through gather, forward pass, losses and backward pass of one network, with all activations in workgroup memory, and
// leaves the sum over its rows: one partial gradient, and the sums of the losses behind it.
// threads: one workgroup per range of rows_per_partial rows (x, from first_partial); z: agent x network (actor, critic)
// reads:   hyper, progress (seed, iteration, kl_coef, remaining), stop, parameters, transitions, advantage_moments
// writes:  partials [agent][partial][parameter_stride + 2 networks x LOSS_SUMS vec4s]
// twin:    src/reference/fused_gradient.ts
//#import "shaders/lib/agent.wgsl"
//#import "shaders/lib/dense_backward.wgsl"
//#import "shaders/lib/loss_sums.wgsl"
//#import "record"
//#import "dist"
//#import "shuffle"

struct Args {
  num_envs: u32,
  batch_size: u32,
  minibatch_size: u32,
  num_updates: u32,
  stop_stride: u32,
  parameter_stride: u32,
  log_std: u32,             // offset inside one agent's parameters; read for Gaussians only
  num_partials: u32,
  rows_per_partial: u32,
  first_partial: u32,
  epoch: u32,
  minibatch: u32,
  update: u32,
  tile: u32,                // TILE; as a constant it would have loops unrolled that then take minutes to compile
  pad0: u32,
  pad1: u32,
  networks: array<Mlp, 2>,
}

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(2) var<storage, read> stop: array<u32>;
@group(0) @binding(3) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(4) var<storage, read> transitions: array<f32>;
@group(0) @binding(5) var<storage, read> advantage_moments: array<vec2f>;
@group(0) @binding(6) var<storage, read_write> partials: array<vec4f>;
@group(1) @binding(0) var<uniform> args: Args;

override WORKGROUP: u32 = 64;
override TILE: u32 = 16;          // rows at a time, a multiple of 8
override ACT_SIZE: u32 = 1024;    // vec4s that hold one tile's activations
const OUT_WIDTH = OUT_STRIDE / 4u;
const ROW_SUMS = LOSS_SUMS + OUT_WIDTH; // of a row slot: its losses, and d_log_std

var<workgroup> act: array<vec4f, ACT_SIZE>;
var<workgroup> row_sums: array<vec4f, TILE * ROW_SUMS>;
var<workgroup> records: array<u32, TILE>;

// The number that entry `i` of a vec4 at component c stands for, in a region of act.
fn act_at(region: u32, width: u32, row: u32, i: u32) -> f32 {
  return act[region + row * width + i / 4u][i % 4u];
}

fn policy_sample(row: u32, agent: u32) -> PolicySample {
  let record = records[row];
  var s: PolicySample;
  for (var i = 0u; i < ACTION_DIM; i++) {
    s.outputs[i] = act_at(args.networks[0].head, args.networks[0].head_width, row, i);
    s.old_outputs[i] = transitions[record + AT_OLD_OUT + i];
    if (GAUSSIAN) {
      let at = agent * args.parameter_stride + args.log_std + i;
      s.log_std[i] = parameters[at / 4u][at % 4u];
      s.old_log_std[i] = transitions[record + AT_OLD_LOG_STD + i];
    }
  }
  for (var i = 0u; i < ACTION_COUNT; i++) { s.action[i] = transitions[record + AT_ACTION + i]; }
  s.old_logprob = transitions[record + AT_LOGPROB];
  let moments = advantage_moments[agent * args.num_updates + args.update];
  s.advantage = (transitions[record + AT_ADVANTAGE] - moments.x) * moments.y;
  return s;
}

fn add_to_row(row: u32, l: SampleLoss) {
  let at = row * ROW_SUMS;
  let sums = add_loss(LossSums(row_sums[at], row_sums[at + 1u], row_sums[at + 2u], row_sums[at + 3u]), l);
  row_sums[at] = sums.losses;
  row_sums[at + 1u] = sums.more;
  row_sums[at + 2u] = sums.low;
  row_sums[at + 3u] = sums.high;
}

// Losses of row `row`, and the gradient of the head in the head's place.
fn policy_row(row: u32, agent: u32, scale: f32) {
  let s = policy_sample(row, agent);
  let h = scheduled(hyper[agent], progress[agent]);
  let loss = policy_loss(s, h);
  add_to_row(row, sample_loss(loss, 0.0));
  var d_log_std: Outputs;
  let d_outputs = d_policy_loss(s, loss.ratio, h, progress[agent].kl_coef, scale, &d_log_std);
  let head = args.networks[0].head + row * OUT_WIDTH;
  for (var i = 0u; i < ACTION_DIM; i++) {
    act[head + i / 4u][i % 4u] = d_outputs[i];
    if (GAUSSIAN) { row_sums[row * ROW_SUMS + LOSS_SUMS + i / 4u][i % 4u] += d_log_std[i]; }
  }
}

fn value_row(row: u32, agent: u32, scale: f32) {
  let at = args.networks[1].head + row;
  let s = ValueSample(act[at].x, transitions[records[row] + AT_VALUE], transitions[records[row] + AT_RETURN]);
  let h = scheduled(hyper[agent], progress[agent]);
  var loss: SampleLoss;
  loss.v_loss = value_loss(s, h);
  loss.situation = 6u;
  add_to_row(row, loss);
  act[at] = vec4f(d_value_loss(s, h, scale), 0.0, 0.0, 0.0);
}

@compute @workgroup_size(WORKGROUP)
fn fused_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z / 2u;
  let network = group.z % 2u;
  let partial_index = args.first_partial + group.x;
  if (stop[agent * args.stop_stride + GATE_UPDATE + args.update] != 0u) { return; }
  let base = agent * args.parameter_stride / 4u;
  let partial_width = args.parameter_stride / 4u + 2u * LOSS_SUMS;
  let partial_base = (agent * args.num_partials + partial_index) * partial_width;
  let first = partial_index * args.rows_per_partial;
  let end = min(first + args.rows_per_partial, args.minibatch_size);
  let in_width = args.networks[network].layers[0].in_width;
  let scale = 1.0 / f32(args.minibatch_size);
  for (var i = thread; i < args.tile * ROW_SUMS; i += WORKGROUP) { row_sums[i] = vec4f(); }

  for (var row = first; row < end; row += args.tile) {
    // Rows past the end repeat the last one; their losses are not counted and their gradient is 0.
    for (var r = thread; r < args.tile; r += WORKGROUP) {
      let in_epoch = args.minibatch * args.minibatch_size + min(row + r, end - 1u);
      let p = progress[agent];
      let i = shuffled_row(in_epoch, args.batch_size, p.seed, p.iteration, args.epoch, agent);
      records[r] = (agent * (args.batch_size + args.num_envs) + i) * RECORD_STRIDE;
    }
    workgroupBarrier(); // the tile's records are known
    for (var i = thread; i < args.tile * in_width; i += WORKGROUP) {
      let at = records[i / in_width] + AT_OBS + i % in_width * 4u;
      act[i] = vec4f(transitions[at], transitions[at + 1u], transitions[at + 2u], transitions[at + 3u]);
    }
    workgroupBarrier(); // the observations are in place
    mlp_forward(network, base, args.tile, thread, WORKGROUP);
    for (var r = thread; r < args.tile; r += WORKGROUP) {
      if (row + r >= end) {
        let width = args.networks[network].head_width;
        for (var i = 0u; i < width; i++) { act[args.networks[network].head + r * width + i] = vec4f(); }
      } else if (network == 0u) { policy_row(r, agent, scale); } else { value_row(r, agent, scale); }
    }
    workgroupBarrier(); // the gradient of the head is complete
    mlp_backward(network, base, partial_base, args.tile, row == first, thread, WORKGROUP);
  }

  // One sum over the row slots, in order; the tail of a partial holds the losses of its two networks.
  for (var k = thread; k < ROW_SUMS; k += WORKGROUP) {
    var sum = vec4f();
    for (var r = 0u; r < args.tile; r++) { sum += row_sums[r * ROW_SUMS + k]; }
    if (k < LOSS_SUMS) { partials[partial_base + args.parameter_stride / 4u + network * LOSS_SUMS + k] = sum; }
    else if (GAUSSIAN && network == 0u) { partials[partial_base + args.log_std / 4u + k - LOSS_SUMS] = sum; }
  }
}
