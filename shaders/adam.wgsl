// One optimiser step: clip the gradient by its global norm, then Adam (shaders/lib/adam.wgsl). A parameter that would not
// be finite after it stays as it was, and is reported.
// threads: one per 4 parameters (x), agents along y
// reads:   hyper, progress (adam_step), gradients, update_stats (grad_norm, learning_rate)
// writes:  parameters, moments [agent][2][parameter_stride], stop (the fault)
// twin:    src/reference/adam.ts
//#import "shaders/lib/agent.wgsl"
//#import "shaders/lib/stats.wgsl"
//#import "shaders/lib/adam.wgsl"
//#import "shaders/lib/fault.wgsl"

struct Args {
  parameter_stride: u32,
  log_std: u32,           // offset of the log standard deviations; parameter_stride where there are none
  num_updates: u32,
  stop_stride: u32,
  update: u32,
}

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(2) var<storage, read_write> stop: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read> update_stats: array<UpdateStats>;
@group(0) @binding(5) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> moments: array<vec4f>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(64)
fn adam(@builtin(global_invocation_id) id: vec3u) {
  let agent = id.y;
  let width = args.parameter_stride / 4u;
  if (atomicLoad(&stop[agent * args.stop_stride + GATE_UPDATE + args.update + 1u]) != 0u || id.x >= width) { return; }
  let norm = update_stats[agent * args.num_updates + args.update].grad_norm;
  let i = agent * width + id.x;
  let at = agent * 2u * width + id.x;
  let t = f32(progress[agent].adam_step + args.update + 1u);
  let before = AdamStep(parameters[i], moments[at], moments[at + width]);
  let after = adam_step(before, gradients[i], norm, t, update_stats[agent * args.num_updates + args.update].learning_rate, hyper[agent]);
  let ok = step_is_finite(after);
  if (!all(ok)) { atomicMax(&stop[fault_slot(agent, args.stop_stride)], fault_of(args.update, KIND_PARAMETERS)); }
  let kept = keep_finite(before, after, ok);
  moments[at] = kept.m;
  moments[at + width] = kept.v;
  parameters[i] = select(kept.parameter, project_log_std(kept.parameter), id.x * 4u >= args.log_std);
}
