// A batched linear layer with bias and activation: y = activation(x W^T + b); batch = agent x network.
// threads: one per 8 rows x 8 columns of y; a workgroup covers tile_columns x (DENSE_THREADS / tile_columns) such tiles
//          (x: columns, y: rows, z: agent x network)
// reads:   stop, parameters, inputs
// writes:  outputs; for silu, after those of an agent, also x W^T + b
// twin:    src/model/dense/dense_forward.ts
//#import "src/model/dense/args.wgsl"
//#import "shaders/lib/network/activation.wgsl"
//#import "shaders/lib/network/weights.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read> inputs: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> outputs: array<vec4f>;
@group(1) @binding(0) var<uniform> args: DenseArgs;

@compute @workgroup_size(DENSE_THREADS)
fn dense_forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z / args.num_layers;
  let layer = args.layers[group.z % args.num_layers];
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let tile = layer_tile(layer, group, thread);
  let columns = layer.out_width / 4u;
  if (tile.column >= columns || tile.row >= args.rows) { return; }

  // Rows and columns past the end repeat the last ones; they are not stored.
  let input = (layer.input + agent * layer.input_agent_stride) / 4u;
  let x = row_offsets(tile.row, args.rows, input, layer.input_row_stride / 4u);
  let width = layer.in_width / 4u;
  let next = min(tile.column + 1u, columns - 1u);
  let base = agent * args.parameter_stride / 4u;
  let w0 = base + layer.weight / 4u + tile.column * 4u * width;
  let w1 = base + layer.weight / 4u + next * 4u * width;

  // y<row>a are the first four columns of a row, y<row>b the next four.
  var y0a = parameters[base + layer.bias / 4u + tile.column];
  var y0b = parameters[base + layer.bias / 4u + next];
  var y1a = y0a; var y2a = y0a; var y3a = y0a; var y4a = y0a; var y5a = y0a; var y6a = y0a; var y7a = y0a;
  var y1b = y0b; var y2b = y0b; var y3b = y0b; var y4b = y0b; var y5b = y0b; var y6b = y0b; var y7b = y0b;
  for (var k = 0u; k < width; k++) {
    let ma = weights(w0 + k, width);
    let mb = weights(w1 + k, width);
    let x0 = inputs[x.low.x + k]; y0a += x0 * ma; y0b += x0 * mb;
    let x1 = inputs[x.low.y + k]; y1a += x1 * ma; y1b += x1 * mb;
    let x2 = inputs[x.low.z + k]; y2a += x2 * ma; y2b += x2 * mb;
    let x3 = inputs[x.low.w + k]; y3a += x3 * ma; y3b += x3 * mb;
    let x4 = inputs[x.high.x + k]; y4a += x4 * ma; y4b += x4 * mb;
    let x5 = inputs[x.high.y + k]; y5a += x5 * ma; y5b += x5 * mb;
    let x6 = inputs[x.high.z + k]; y6a += x6 * ma; y6b += x6 * mb;
    let x7 = inputs[x.high.w + k]; y7a += x7 * ma; y7b += x7 * mb;
  }

  store_row(layer, agent, tile, 0u, y0a, y0b);
  store_row(layer, agent, tile, 1u, y1a, y1b);
  store_row(layer, agent, tile, 2u, y2a, y2b);
  store_row(layer, agent, tile, 3u, y3a, y3b);
  store_row(layer, agent, tile, 4u, y4a, y4b);
  store_row(layer, agent, tile, 5u, y5a, y5b);
  store_row(layer, agent, tile, 6u, y6a, y6b);
  store_row(layer, agent, tile, 7u, y7a, y7b);
}

fn store_row(layer: DensePlace, agent: u32, tile: Tile, i: u32, a: vec4f, b: vec4f) {
  if (tile.row + i >= args.rows) { return; }
  let y = (layer.output + agent * layer.output_agent_stride + (tile.row + i) * layer.output_row_stride) / 4u + tile.column;
  let wide = tile.column + 1u < layer.out_width / 4u;
  outputs[y] = activate(a, layer.activation);
  if (wide) { outputs[y + 1u] = activate(b, layer.activation); }
  let behind = kept(layer.activation, args.rows * layer.output_row_stride / 4u);
  if (behind == 0u) { return; }
  outputs[y + behind] = a;
  if (wide) { outputs[y + behind + 1u] = b; }
}
