// Layer normalisation and activation: y = activation((x - mean) / sqrt(variance + 1e-5) weight + bias), over the numbers of each
// pixel; padding gets weight 0 and bias 0.
// threads: one per pixel of each row (x, y: items.wgsl, z: agent)
// reads:   stop, parameters, inputs
// writes:  outputs; for silu, after those of an agent, also the values before the activation
// twin:    src/model/layer_norm/layer_norm_forward.ts
//#import "src/model/layer_norm/args.wgsl"
//#import "shaders/lib/network/activation.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> outputs: array<vec4f>;
@group(1) @binding(0) var<uniform> args: LayerNormArgs;

@compute @workgroup_size(LAYER_NORM_THREADS)
fn layer_norm_forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z;
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let item = item_of(group, thread, LAYER_NORM_THREADS);
  let row = item / args.pixels;
  let pixel = item % args.pixels;
  if (row >= args.rows) { return; }

  let base = agent * args.parameter_stride / 4u;
  let x = (args.input + agent * args.input_agent_stride + row * args.input_row_stride) / 4u;
  let stride = args.output_row_stride / 4u;
  let y = (args.output + agent * args.output_agent_stride) / 4u + row * stride + pixel * args.vecs;
  let known = statistics(x, pixel);
  let behind = kept(args.activation, args.rows * stride);
  for (var k = 0u; k < args.vecs; k++) {
    let normed = (input_of(x, pixel, k) - known.mean) * known.scale;
    let value = fma(normed, parameters[base + args.weight / 4u + k], parameters[base + args.bias / 4u + k]);
    if (behind > 0u) { outputs[y + behind + k] = value; }
    outputs[y + k] = activate(value, args.activation);
  }
}
