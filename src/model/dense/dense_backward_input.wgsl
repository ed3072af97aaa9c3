// The gradient of a layer's inputs from that of its outputs: dLoss/dx = (dLoss/dy W) * activation'(x), where x is the
// activation of the layer before; tanh' = 1 - x^2, relu' = x > 0; silu' uses the inputs that dense_forward also stores.
// threads: one per 8 rows x 4 columns of x, as in dense_forward; `activation` is that of the layer before
// reads:   stop, parameters, inputs, d_outputs (same layout as outputs)
// writes:  d_inputs (same layout as inputs)
// twin:    src/model/dense/dense_backward_input.ts
//#import "src/model/dense/args.wgsl"
//#import "shaders/lib/network/activation.wgsl"
//#import "shaders/lib/network/weights.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read> inputs: array<vec4f>;
@group(0) @binding(3) var<storage, read> d_outputs: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> d_inputs: array<vec4f>;
@group(1) @binding(0) var<uniform> args: DenseArgs;

@compute @workgroup_size(DENSE_THREADS)
fn dense_backward_input(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z / args.num_layers;
  let layer = args.layers[group.z % args.num_layers];
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let tile = layer_tile(layer, group, thread);
  let width = layer.in_width / 4u;
  if (tile.column >= width || tile.row >= args.rows) { return; }

  let output = (layer.output + agent * layer.output_agent_stride) / 4u;
  let y = row_offsets(tile.row, args.rows, output, layer.output_row_stride / 4u);
  let w = (agent * args.parameter_stride + layer.weight) / 4u;

  var dx0 = vec4f(); var dx1 = vec4f(); var dx2 = vec4f(); var dx3 = vec4f();
  var dx4 = vec4f(); var dx5 = vec4f(); var dx6 = vec4f(); var dx7 = vec4f();
  for (var k = 0u; k < layer.out_width / 4u; k++) {
    let m = weights(w + 4u * k * width + tile.column, width);
    dx0 = add_inputs(m, d_outputs[y.low.x + k], dx0);
    dx1 = add_inputs(m, d_outputs[y.low.y + k], dx1);
    dx2 = add_inputs(m, d_outputs[y.low.z + k], dx2);
    dx3 = add_inputs(m, d_outputs[y.low.w + k], dx3);
    dx4 = add_inputs(m, d_outputs[y.high.x + k], dx4);
    dx5 = add_inputs(m, d_outputs[y.high.y + k], dx5);
    dx6 = add_inputs(m, d_outputs[y.high.z + k], dx6);
    dx7 = add_inputs(m, d_outputs[y.high.w + k], dx7);
  }

  let stride = layer.input_row_stride / 4u;
  let rows = min(8u, args.rows - tile.row);
  let x = (layer.input + agent * layer.input_agent_stride) / 4u + tile.row * stride + tile.column;
  d_inputs[x] = dx0;
  if (rows > 1u) { d_inputs[x + stride] = dx1; }
  if (rows > 2u) { d_inputs[x + 2u * stride] = dx2; }
  if (rows > 3u) { d_inputs[x + 3u * stride] = dx3; }
  if (rows > 4u) { d_inputs[x + 4u * stride] = dx4; }
  if (rows > 5u) { d_inputs[x + 5u * stride] = dx5; }
  if (rows > 6u) { d_inputs[x + 6u * stride] = dx6; }
  if (rows > 7u) { d_inputs[x + 7u * stride] = dx7; }
  if (layer.activation == IDENTITY) { return; }
  let known = x + kept(layer.activation, args.rows * stride);
  // In a loop, which keeps one text of the derivative.
  for (var i = 0u; i < rows; i++) { d_inputs[x + i * stride] *= d_activate(inputs[known + i * stride], layer.activation); }
}
