// The gradient of a layer's inputs from that of its outputs: dLoss/dx = (dLoss/dy W) * activation'(x), where x is the
// activation of the layer before; tanh' = 1 - x^2, relu' = x > 0; silu' uses the inputs that dense_forward also stores.
// threads: one per 8 rows x 8 columns of x, as in dense_forward; `activation` is that of the layer before
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
  let next = min(tile.column + 1u, width - 1u);

  // dx<row>a are the first four columns of a row, dx<row>b the next four.
  var dx0a = vec4f(); var dx1a = vec4f(); var dx2a = vec4f(); var dx3a = vec4f();
  var dx4a = vec4f(); var dx5a = vec4f(); var dx6a = vec4f(); var dx7a = vec4f();
  var dx0b = vec4f(); var dx1b = vec4f(); var dx2b = vec4f(); var dx3b = vec4f();
  var dx4b = vec4f(); var dx5b = vec4f(); var dx6b = vec4f(); var dx7b = vec4f();
  for (var k = 0u; k < layer.out_width / 4u; k++) {
    let ma = weights(w + 4u * k * width + tile.column, width);
    let mb = weights(w + 4u * k * width + next, width);
    let dy0 = d_outputs[y.low.x + k]; dx0a += ma * dy0; dx0b += mb * dy0;
    let dy1 = d_outputs[y.low.y + k]; dx1a += ma * dy1; dx1b += mb * dy1;
    let dy2 = d_outputs[y.low.z + k]; dx2a += ma * dy2; dx2b += mb * dy2;
    let dy3 = d_outputs[y.low.w + k]; dx3a += ma * dy3; dx3b += mb * dy3;
    let dy4 = d_outputs[y.high.x + k]; dx4a += ma * dy4; dx4b += mb * dy4;
    let dy5 = d_outputs[y.high.y + k]; dx5a += ma * dy5; dx5b += mb * dy5;
    let dy6 = d_outputs[y.high.z + k]; dx6a += ma * dy6; dx6b += mb * dy6;
    let dy7 = d_outputs[y.high.w + k]; dx7a += ma * dy7; dx7b += mb * dy7;
  }

  store_row(layer, agent, tile, 0u, dx0a, dx0b);
  store_row(layer, agent, tile, 1u, dx1a, dx1b);
  store_row(layer, agent, tile, 2u, dx2a, dx2b);
  store_row(layer, agent, tile, 3u, dx3a, dx3b);
  store_row(layer, agent, tile, 4u, dx4a, dx4b);
  store_row(layer, agent, tile, 5u, dx5a, dx5b);
  store_row(layer, agent, tile, 6u, dx6a, dx6b);
  store_row(layer, agent, tile, 7u, dx7a, dx7b);
}

fn store_row(layer: DensePlace, agent: u32, tile: Tile, i: u32, a: vec4f, b: vec4f) {
  if (tile.row + i >= args.rows) { return; }
  let x = (layer.input + agent * layer.input_agent_stride + (tile.row + i) * layer.input_row_stride) / 4u + tile.column;
  let known = x + kept(layer.activation, args.rows * layer.input_row_stride / 4u);
  d_inputs[x] = a * d_activate(inputs[known], layer.activation);
  if (tile.column + 1u < layer.in_width / 4u) { d_inputs[x + 1u] = b * d_activate(inputs[known + 1u], layer.activation); }
}
