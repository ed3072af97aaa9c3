// Samples an action from the policy's outputs and stores the decision: outputs, action, log-probability, value.
// threads: one per environment (x), agents along y
// reads:   progress (seed, iteration), stop, parameters (the distribution's own), heads (logits or means, then values),
//          transitions [step] (mask)
// writes:  transitions [step]
// twin:    src/reference/sample.ts
//#import "shaders/lib/rollout/decide.wgsl"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
  parameter_stride: u32,
  own: u32,               // offset of the distribution's own parameters inside one agent's
  output_stride: u32,     // stride of an environment's outputs in heads
  values: u32,            // offset of the values in heads, and their stride
  value_stride: u32,
  step: u32,
}

@group(0) @binding(0) var<storage, read> progress: array<Progress>;
@group(0) @binding(1) var<storage, read> stop: array<u32>;
@group(0) @binding(2) var<storage, read> parameters: array<f32>;
@group(0) @binding(3) var<storage, read> heads: array<f32>;
@group(0) @binding(4) var<storage, read_write> transitions: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

fn policy_output(head: u32, i: u32) -> f32 { return heads[head + i]; }

fn own_parameter(agent: u32, i: u32) -> f32 { return parameters[agent * args.parameter_stride + args.own + i]; }

fn stored(at: u32) -> f32 { return transitions[at]; }

@compute @workgroup_size(64)
fn sample(@builtin(global_invocation_id) id: vec3u) {
  let env = id.x;
  let agent = id.y;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u || env >= args.num_envs) { return; }
  let row = agent * args.num_envs + env;
  let record = record_at(agent, args.step, env, args.num_steps, args.num_envs);
  decide(row * args.output_stride, record, agent, env, progress[agent].iteration * args.num_steps + args.step);
  transitions[record + AT_VALUE] = heads[args.values + row * args.value_stride];
}
