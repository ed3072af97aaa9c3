// Steps that the fused gradient kernels do for one row of a minibatch: find its record, its losses, the gradient of its
// head.
// Needs from the importer: progress, parameters, transitions, advantage_moments, partials; args: GradientArgs;
//   act, with the outputs of the network in its head region; records: array<u32, ...>, the record of each row;
//   fn add_to_row(row: u32, l: SampleLoss), fn add_d_own(row: u32, i: u32, d: f32).
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/update/loss_sums.wgsl"
//#import "shaders/lib/network/mlp.wgsl"
//#import "shaders/lib/policy/policy_sample.wgsl"
//#import "shuffle"

struct GradientArgs {
  num_envs: u32,
  batch_size: u32,
  minibatch_size: u32,
  num_updates: u32,
  stop_stride: u32,
  parameter_stride: u32,
  own: u32,                 // offset of the distribution's own parameters inside one agent's
  num_partials: u32,
  rows_per_partial: u32,
  first_partial: u32,
  epoch: u32,
  minibatch: u32,
  update: u32,
  tile: u32,                // rows per tile (fused_gradient's TILE: a constant would unroll loops, for minutes)
  value_network: u32,       // 1; or 0 if actor and critic share a trunk, as one network
  value: u32,               // region of its values in act, head_width apart
  networks: array<Mlp, 2>,
}

const OWN_WIDTH = OWN_STRIDE / 4u;

// The work of a workgroup: rows [first, end) of the minibatch through one network of one agent.
struct Work {
  agent: u32,
  network: u32,
  base: u32,                // offsets of the agent's parameters, and of the partial
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

// Stores vec4 `k` of the loss sums in the partial; with a single network, also zeros for the sums of the missing one.
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
  return record_of_batch(agent, i, args.batch_size, args.num_envs);
}

// Required by policy_sample.wgsl: the outputs begin at vec4 `head` of act.
fn policy_output(head: u32, i: u32) -> f32 { return act[head + i / 4u][i % 4u]; }

fn own_parameter(agent: u32, i: u32) -> f32 {
  let at = agent * args.parameter_stride + args.own + i;
  return parameters[at / 4u][at % 4u];
}

fn stored(at: u32) -> f32 { return transitions[at]; }

// Losses of row `row`; the gradient of the head replaces the head.
fn policy_row(row: u32, agent: u32, h: Hyper, scale: f32) {
  let head = args.networks[0].head + row * args.networks[0].head_width;
  let moments = advantage_moments[agent * args.num_updates + args.update];
  let advantage = (transitions[records[row] + AT_ADVANTAGE] - moments.x) * moments.y;
  let s = policy_sample_of(head, records[row], agent, advantage);
  let loss = policy_loss(s, h);
  add_to_row(row, sample_loss(loss, 0.0));
  var d_own: Own;
  let d_outputs = d_policy_loss(s, loss.ratio, h, progress[agent].kl_coef, scale, &d_own);
  for (var i = 0u; i < ACTION_DIM; i++) {
    act[head + i / 4u][i % 4u] = d_outputs[i];
    if (OWN_DIM > 0u) { add_d_own(row, i, d_own[i]); }
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
