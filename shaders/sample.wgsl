// Draws an action from the policy's outputs and stores what was decided: outputs, action, log-probability, value.
// threads: one per environment (x), agents along y
// reads:   progress (seed, iteration), stop, parameters (log_std), heads (logits or means, then values)
// writes:  transitions [step]
// twin:    src/reference/sample.ts
//#import "shaders/lib/agent.wgsl"
//#import "shaders/lib/rng.wgsl"
//#import "record"
//#import "dist"

struct Args {
  num_envs: u32,
  num_steps: u32,
  stop_stride: u32,
  parameter_stride: u32,
  log_std: u32,           // offset inside one agent's parameters; read for Gaussians only
  output_stride: u32,     // from one environment's outputs in heads to the next
  values: u32,            // offset of the values in heads, and the stride from one to the next
  value_stride: u32,
  step: u32,
}

@group(0) @binding(0) var<storage, read> progress: array<Progress>;
@group(0) @binding(1) var<storage, read> stop: array<u32>;
@group(0) @binding(2) var<storage, read> parameters: array<f32>;
@group(0) @binding(3) var<storage, read> heads: array<f32>;
@group(0) @binding(4) var<storage, read_write> transitions: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(64)
fn sample(@builtin(global_invocation_id) id: vec3u) {
  let env = id.x;
  let agent = id.y;
  if (stop[agent * args.stop_stride + GATE_ROLLOUT] != 0u || env >= args.num_envs) { return; }
  let row = agent * args.num_envs + env;
  let record = ((agent * (args.num_steps + 1u) + args.step) * args.num_envs + env) * RECORD_STRIDE;

  var outputs: Outputs;
  var log_std: Outputs;
  for (var i = 0u; i < ACTION_DIM; i++) {
    outputs[i] = heads[row * args.output_stride + i];
    transitions[record + AT_OLD_OUT + i] = outputs[i];
    if (GAUSSIAN) {
      log_std[i] = parameters[agent * args.parameter_stride + args.log_std + i];
      transitions[record + AT_OLD_LOG_STD + i] = log_std[i];
    }
  }
  var rng = make_rng(progress[agent].seed, progress[agent].iteration * args.num_steps + args.step, STREAM_ACTION, env);
  let action = dist_sample(outputs, log_std, &rng);
  for (var i = 0u; i < ACTION_COUNT; i++) { transitions[record + AT_ACTION + i] = action[i]; }
  transitions[record + AT_LOGPROB] = dist_logprob(outputs, log_std, action);
  transitions[record + AT_VALUE] = heads[args.values + row * args.value_stride];
}
