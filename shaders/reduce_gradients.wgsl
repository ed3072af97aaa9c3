// The gradient: the sum of its partials, in order, and its squares summed per workgroup for the global norm.
// threads: one per 4 parameters (x), agents along y
// reads:   stop, partials [agent][partial][parameter_stride]
// writes:  gradients [agent][parameter_stride], squares [agent][workgroup]
// twin:    src/reference/reduce_gradients.ts
//#import "shaders/lib/reduce.wgsl"

struct Args {
  parameter_stride: u32,
  num_partials: u32,
  num_blocks: u32,        // workgroups per agent
  stop_stride: u32,
  gate: u32,
}

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> squares: array<f32>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(WORKGROUP)
fn reduce_gradients(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.y;
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let width = args.parameter_stride / 4u;
  let i = group.x * WORKGROUP + thread;
  var gradient = vec4f();
  if (i < width) {
    for (var p = 0u; p < args.num_partials; p++) { gradient += partials[(agent * args.num_partials + p) * width + i]; }
    gradients[agent * width + i] = gradient;
  }
  let sum = workgroup_sum(gradient * gradient, thread);
  if (thread == 0u) { squares[agent * args.num_blocks + group.x] = (sum.x + sum.y) + (sum.z + sum.w); }
}
