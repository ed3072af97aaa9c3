// What the fused gradient kernels do with one row of a minibatch: find its record, its losses, the gradient of its head.
// Wants from the importer: progress, parameters, transitions, advantage_moments, partials; args: GradientArgs;
//   act, with the outputs of the network in its head region; records: array<u32, ...>, the record of each row;
//   fn add_to_row(row: u32, l: SampleLoss), fn add_d_log_std(row: u32, i: u32, d: f32).
//#import "shaders/lib/agent.wgsl"
//#import "shaders/lib/loss_sums.wgsl"
//#import "shaders/lib/mlp.wgsl"
//#import "record"
//#import "dist"
//#import "shuffle"

struct GradientArgs {
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
  tile: u32,                // rows of a tile (fused_gradient's TILE: as a constant it has loops unrolled for minutes)
  value_network: u32,       // 1, or 0 where actor and critic share a trunk: then there is one network
  value: u32,               // region of its values in act, head_width apart
  networks: array<Mlp, 2>,
}

const OUT_WIDTH = OUT_STRIDE / 4u;

// What a workgroup does: rows [first, end) of the minibatch through one network of one agent.
struct Work {
  agent: u32,
  network: u32,
  base: u32,                // where the agent's parameters begin, and the partial
  partial_base: u32,
  first: u32,
  end: u32,
}

fn work_of(group: vec3u) -> Work {
  let num_networks = args.value_network + 1u;
  let agent = group.z / num_networks;
  let partial_index = args.first_partial + group.x;
  let width = args.parameter_stride / 4u;
  let first = partial_index * args.rows_per_partial;
  return Work(
    agent,
    group.z % num_networks,
    agent * width,
    (agent * args.num_partials + partial_index) * (width + 2u * LOSS_SUMS),
    first,
    min(first + args.rows_per_partial, args.minibatch_size),
  );
}

// Where a partial holds vec4 `k` of the sums of its losses; those that its only network leaves out are 0.
fn store_loss_sum(w: Work, k: u32, sum: vec4f) {
  let tail = w.partial_base + args.parameter_stride / 4u + w.network * LOSS_SUMS + k;
  partials[tail] = sum;
  if (args.value_network == 0u) { partials[tail + LOSS_SUMS] = vec4f(); }
}

// Where the record of row `row` of the minibatch begins.
fn record_of_row(row: u32, agent: u32) -> u32 {
  let in_epoch = args.minibatch * args.minibatch_size + row;
  let p = progress[agent];
  let i = shuffled_row(in_epoch, args.batch_size, p.seed, p.iteration, args.epoch, agent);
  return (agent * (args.batch_size + args.num_envs) + i) * RECORD_STRIDE;
}

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

// Losses of row `row`, and the gradient of the head in the head's place.
fn policy_row(row: u32, agent: u32, h: Hyper, scale: f32) {
  let s = policy_sample(row, agent);
  let loss = policy_loss(s, h);
  add_to_row(row, sample_loss(loss, 0.0));
  var d_log_std: Outputs;
  let d_outputs = d_policy_loss(s, loss.ratio, h, progress[agent].kl_coef, scale, &d_log_std);
  let head = args.networks[0].head + row * args.networks[0].head_width;
  for (var i = 0u; i < ACTION_DIM; i++) {
    act[head + i / 4u][i % 4u] = d_outputs[i];
    if (GAUSSIAN) { add_d_log_std(row, i, d_log_std[i]); }
  }
}

fn value_row(row: u32, h: Hyper, scale: f32) {
  let at = args.value + row * args.networks[args.value_network].head_width;
  let s = ValueSample(act[at].x, transitions[records[row] + AT_VALUE], transitions[records[row] + AT_RETURN]);
  var loss: SampleLoss;
  loss.v_loss = value_loss(s, h);
  loss.situation = 6u;
  add_to_row(row, loss);
  act[at] = vec4f(d_value_loss(s, h, scale), 0.0, 0.0, 0.0);
}
