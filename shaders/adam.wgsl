// Computes the global norm from the blocks' sums of squares, then one optimiser step (shaders/lib/update/adam.wgsl). A
// non-finite norm changes no weight: it is reported, and the next minibatch sees it. A parameter that would become
// non-finite keeps its old value, and is reported too.
// threads: one per 4 parameters (x), or fewer that take turns; agents along y
// reads:   hyper, progress (adam_step), gradients, squares [agent][block], update_stats (learning_rate)
// writes:  parameters, moments [agent][2][parameter_stride], update_stats (grad_norm), stop (the fault)
// twin:    src/reference/adam.ts
//#import "shaders/lib/data/agent.wgsl"
//#import "shaders/lib/data/stats.wgsl"
//#import "shaders/lib/update/adam.wgsl"
//#import "shaders/lib/data/fault.wgsl"

struct Args {
  parameter_stride: u32,
  log_std: u32,           // offset of the log standard deviations; parameter_stride where there are none
  num_blocks: u32,
  num_updates: u32,
  stop_stride: u32,
  update: u32,
}

@group(0) @binding(0) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(1) var<storage, read> progress: array<Progress>;
@group(0) @binding(2) var<storage, read_write> stop: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read> squares: array<f32>;
@group(0) @binding(5) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> moments: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> update_stats: array<UpdateStats>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(64)
fn adam(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let agent = id.y;
  let width = args.parameter_stride / 4u;
  if (atomicLoad(&stop[agent * args.stop_stride + GATE_UPDATE + args.update + 1u]) != 0u || id.x >= width) { return; }
  var sum = 0.0;
  for (var i = 0u; i < args.num_blocks; i++) { sum += squares[agent * args.num_blocks + i]; }
  let norm = sqrt(sum);
  let stats = agent * args.num_updates + args.update;
  if (id.x == 0u) { update_stats[stats].grad_norm = norm; }
  if (!is_finite(norm)) { return; }
  let t = f32(progress[agent].adam_step + args.update + 1u);
  let rate = update_stats[stats].learning_rate;
  let rule = adam_rule(norm, t, rate, hyper[agent]);
  for (var x = id.x; x < width; x += 64u * groups.x) {
    let i = agent * width + x;
    let at = agent * 2u * width + x;
    let before = AdamStep(parameters[i], moments[at], moments[at + width]);
    let after = adam_step(before, gradients[i], rule);
    let ok = step_is_finite(after);
    if (!all(ok)) { atomicMax(&stop[fault_slot(agent, args.stop_stride)], fault_of(args.update, KIND_PARAMETERS)); }
    let kept = keep_finite(before, after, ok);
    moments[at] = kept.m;
    moments[at + width] = kept.v;
    parameters[i] = select(kept.parameter, project_log_std(kept.parameter), x * 4u >= args.log_std);
  }
}
