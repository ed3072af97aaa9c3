// The gradient: the sum of its partials, in order.
// threads: one per 4 parameters (x), agents along y
// reads:   stop, partials [agent][partial][parameter_stride]
// writes:  gradients [agent][parameter_stride]
// twin:    src/reference/reduce_gradients.ts

struct Args {
  parameter_stride: u32,
  num_partials: u32,
  stop_stride: u32,
  gate: u32,
}

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> gradients: array<vec4f>;
@group(1) @binding(0) var<uniform> args: Args;

@compute @workgroup_size(64)
fn reduce_gradients(@builtin(global_invocation_id) id: vec3u) {
  let agent = id.y;
  let width = args.parameter_stride / 4u;
  if (stop[agent * args.stop_stride + args.gate] != 0u || id.x >= width) { return; }
  var gradient = vec4f();
  for (var p = 0u; p < args.num_partials; p++) { gradient += partials[(agent * args.num_partials + p) * width + id.x]; }
  gradients[agent * width + id.x] = gradient;
}
