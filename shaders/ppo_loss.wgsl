// Losses of every sample of a minibatch, and the gradients of the loss with respect to the heads.
// threads: one per row (x), agents along y
// reads:   hyper, progress (kl_coef, remaining), stop, parameters (the distribution's own), minibatch, heads (outputs, then values)
// writes:  losses [agent][row], d_heads (d_outputs, d_values, then d_own per sample)
// twin:    src/reference/ppo_loss.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/update/loss_sums.wgsl"
//#import "shaders/lib/policy/policy_sample.wgsl"

struct Args {
  minibatch_size: u32,
  stop_stride: u32,
  parameter_stride: u32,
  own: u32,               // offset of the distribution's own parameters inside one agent's
  output_stride: u32,     // stride of a row's outputs in heads and d_heads
  values: u32,            // offset of the values in heads and d_heads, and their stride
  value_stride: u32,
  d_own: u32,             // offset in d_heads, [agent][row][OWN_STRIDE]
  gate: u32,
}

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(2) var<storage, read> stop: array<u32>;
@group(0) @binding(3) var<storage, read> parameters: array<f32>;
@group(0) @binding(4) var<storage, read> minibatch: array<f32>;
@group(0) @binding(5) var<storage, read> heads: array<f32>;
@group(0) @binding(6) var<storage, read_write> losses: array<SampleLoss>;
@group(0) @binding(7) var<storage, read_write> d_heads: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

fn policy_output(head: u32, i: u32) -> f32 { return heads[head + i]; }

fn own_parameter(agent: u32, i: u32) -> f32 { return parameters[agent * args.parameter_stride + args.own + i]; }

fn stored(at: u32) -> f32 { return minibatch[at]; }

@compute @workgroup_size(64)
fn ppo_loss(@builtin(global_invocation_id) id: vec3u) {
  let agent = id.y;
  if (stop[agent * args.stop_stride + args.gate] != 0u || id.x >= args.minibatch_size) { return; }
  let row = agent * args.minibatch_size + id.x;
  let record = record_of_minibatch(agent, id.x, args.minibatch_size);
  let h = scheduled(hyper[agent], progress[agent]);
  let scale = 1.0 / f32(args.minibatch_size);
  let p = policy_sample_of(row * args.output_stride, record, agent, minibatch[record + AT_ADVANTAGE]);
  let v = ValueSample(heads[args.values + row * args.value_stride], minibatch[record + AT_VALUE], minibatch[record + AT_RETURN]);
  let loss = policy_loss(p, h);
  losses[row] = sample_loss(loss, value_loss(v, h));
  var d_own: Own;
  let d_outputs = d_policy_loss(p, loss.ratio, h, progress[agent].kl_coef, scale, &d_own);
  for (var i = 0u; i < ACTION_DIM; i++) {
    d_heads[row * args.output_stride + i] = d_outputs[i];
    if (OWN_DIM > 0u) { d_heads[args.d_own + row * OWN_STRIDE + i] = d_own[i]; }
  }
  // The padding of d_heads is never written and stays 0.
  d_heads[args.values + row * args.value_stride] = d_value_loss(v, h, scale);
}
