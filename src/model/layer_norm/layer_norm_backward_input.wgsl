// The gradient of the inputs of a layer normalisation. With n = (x - mean) scale and g = dLoss/dy weight:
// dLoss/dx = activation'(x) scale (g - mean of g - n mean of g n).
// threads: one per pixel of each row (x, y: items.wgsl, z: agent)
// reads:   stop, parameters, inputs, d_outputs (same layout as outputs)
// writes:  d_inputs (same layout as inputs)
// twin:    src/model/layer_norm/layer_norm_backward_input.ts
//#import "src/model/layer_norm/args.wgsl"
//#import "shaders/lib/network/activation.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read> d_outputs: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> d_inputs: array<vec4f>;
@group(1) @binding(0) var<uniform> args: LayerNormArgs;

@compute @workgroup_size(LAYER_NORM_THREADS)
fn layer_norm_backward_input(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z;
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let item = item_of(group, thread, LAYER_NORM_THREADS);
  let row = item / args.pixels;
  let pixel = item % args.pixels;
  if (row >= args.rows) { return; }

  let w = (agent * args.parameter_stride + args.weight) / 4u;
  let stride = args.input_row_stride / 4u;
  let x = (args.input + agent * args.input_agent_stride) / 4u + row * stride;
  let y = (args.output + agent * args.output_agent_stride + row * args.output_row_stride) / 4u + pixel * args.vecs;
  let known = statistics(x, pixel);
  // Padding has weight 0, so that it adds nothing.
  var sum = vec4f();
  var sum_with = vec4f();
  for (var k = 0u; k < args.vecs; k++) {
    let g = d_outputs[y + k] * parameters[w + k];
    sum += g;
    sum_with += g * ((input_of(x, pixel, k) - known.mean) * known.scale);
  }
  let mean = sum_of(sum) / f32(args.width);
  let mean_with = sum_of(sum_with) / f32(args.width);
  let group_vecs = (args.group + 3u) / 4u;
  for (var k = 0u; k < args.vecs; k++) {
    let normed = (input_of(x, pixel, k) - known.mean) * known.scale;
    let dx = known.scale * (d_outputs[y + k] * parameters[w + k] - mean - normed * mean_with);
    let is_there = 4u * (k % group_vecs) + vec4u(0u, 1u, 2u, 3u) < vec4u(args.group);
    let at = x + pixel * args.vecs + k;
    let known_by = input_at(x, input_place(kept(args.activation, args.rows * stride) + pixel * args.vecs + k));
    d_inputs[at] = select(vec4f(), dx * d_activate(known_by, args.activation), is_there);
  }
}
