// A batched linear layer with bias and activation: y = activation(x W^T + b); batch = agent x network.
// threads: one per 8 rows x 4 columns of y; a workgroup covers tile_columns x (DENSE_THREADS / tile_columns) such tiles
//          (x: columns, y: rows, z: agent x network)
// reads:   stop, parameters, inputs
// writes:  outputs; for silu, after those of an agent, also x W^T + b
// twin:    src/model/dense/dense_forward.ts
//#import "src/model/dense/args.wgsl"
//#import "shaders/lib/network/activation.wgsl"
//#import "shaders/lib/network/inputs.wgsl"
//#import "shaders/lib/network/weights.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> outputs: array<vec4f>;
@group(1) @binding(0) var<uniform> args: DenseArgs;

@compute @workgroup_size(DENSE_THREADS)
fn dense_forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z / args.num_layers;
  let layer = args.layers[group.z % args.num_layers];
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let tile = layer_tile(layer, group, thread);
  let columns = layer.out_width / 4u;
  if (tile.column >= columns || tile.row >= args.rows) { return; }

  // Rows past the end repeat the last one; they are not stored.
  let input = (layer.input + agent * layer.input_agent_stride) / 4u;
  let x = row_offsets(tile.row, args.rows, input, layer.input_row_stride / 4u);
  let width = layer.in_width / 4u;
  let base = agent * args.parameter_stride / 4u;
  let w = base + layer.weight / 4u + tile.column * 4u * width;

  var y0 = parameters[base + layer.bias / 4u + tile.column];
  var y1 = y0; var y2 = y0; var y3 = y0; var y4 = y0; var y5 = y0; var y6 = y0; var y7 = y0;
  for (var k = 0u; k < width; k++) {
    let m = weights(w + k, width);
    let place = input_place(k);
    y0 = add_outputs(m, input_at(x.low.x, place), y0);
    y1 = add_outputs(m, input_at(x.low.y, place), y1);
    y2 = add_outputs(m, input_at(x.low.z, place), y2);
    y3 = add_outputs(m, input_at(x.low.w, place), y3);
    y4 = add_outputs(m, input_at(x.high.x, place), y4);
    y5 = add_outputs(m, input_at(x.high.y, place), y5);
    y6 = add_outputs(m, input_at(x.high.z, place), y6);
    y7 = add_outputs(m, input_at(x.high.w, place), y7);
  }

  let stride = layer.output_row_stride / 4u;
  let rows = min(8u, args.rows - tile.row);
  let y = (layer.output + agent * layer.output_agent_stride) / 4u + tile.row * stride + tile.column;
  outputs[y] = y0;
  if (rows > 1u) { outputs[y + stride] = y1; }
  if (rows > 2u) { outputs[y + 2u * stride] = y2; }
  if (rows > 3u) { outputs[y + 3u * stride] = y3; }
  if (rows > 4u) { outputs[y + 4u * stride] = y4; }
  if (rows > 5u) { outputs[y + 5u * stride] = y5; }
  if (rows > 6u) { outputs[y + 6u * stride] = y6; }
  if (rows > 7u) { outputs[y + 7u * stride] = y7; }
  if (layer.activation == IDENTITY) { return; }
  let behind = kept(layer.activation, args.rows * stride);
  // In a loop, which keeps one text of the activation.
  for (var i = 0u; i < rows; i++) {
    let at = y + i * stride;
    if (behind > 0u) { outputs[at + behind] = outputs[at]; }
    outputs[at] = activate(outputs[at], layer.activation);
  }
}
