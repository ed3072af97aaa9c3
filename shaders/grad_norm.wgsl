// The global norm of the gradient, before clipping. One that is not finite closes the gate: nothing is overwritten by it.
// threads: one workgroup per agent (x)
// reads:   gradients [agent][parameter_stride]
// writes:  update_stats (grad_norm), stop [slot of this update]
// twin:    src/reference/grad_norm.ts
//#import "shaders/lib/agent.wgsl"
//#import "shaders/lib/stats.wgsl"
//#import "shaders/lib/reduce.wgsl"

struct Args {
  parameter_stride: u32,
  num_updates: u32,
  stop_stride: u32,
  update: u32,
}

@group(0) @binding(0) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> stop: array<u32>;
@group(0) @binding(2) var<storage, read_write> update_stats: array<UpdateStats>;
@group(1) @binding(0) var<uniform> args: Args;

var<workgroup> gate: u32;

@compute @workgroup_size(WORKGROUP)
fn grad_norm(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.x;
  let slot = agent * args.stop_stride + GATE_UPDATE + args.update + 1u;
  if (thread == 0u) { gate = stop[slot]; }
  if (workgroupUniformLoad(&gate) != 0u) { return; }
  let width = args.parameter_stride / 4u;
  var squares = vec4f();
  for (var i = thread; i < width; i += WORKGROUP) {
    let gradient = gradients[agent * width + i];
    squares += gradient * gradient;
  }
  let sum = workgroup_sum(squares, thread);
  if (thread != 0u) { return; }
  let norm = sqrt((sum.x + sum.y) + (sum.z + sum.w));
  update_stats[agent * args.num_updates + args.update].grad_norm = norm;
  if (!is_finite(norm)) { stop[slot] = STOP_NOT_FINITE; }
}
