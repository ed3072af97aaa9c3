// A batched linear layer with bias and activation: y = activation(x W^T + b); batch = agent x network.
// threads: one per 4 rows x 4 columns of y; a workgroup covers tile_columns x (64 / tile_columns) such tiles
//          (x: columns, y: rows, z: agent x network)
// reads:   stop, parameters, inputs
// writes:  outputs
// twin:    src/reference/linear_forward.ts
//#import "shaders/lib/linear.wgsl"
//#import "shaders/lib/tanh.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read> inputs: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> outputs: array<vec4f>;
@group(1) @binding(0) var<uniform> args: LinearArgs;

fn activate(x: vec4f, activation: u32) -> vec4f {
  switch activation {
    case TANH: { return tanh4(x); }
    case RELU: { return max(x, vec4f()); }
    default: { return x; }
  }
}

@compute @workgroup_size(64)
fn linear_forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z / args.num_networks;
  let layer = args.networks[args.first_network + group.z % args.num_networks];
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let column = group.x * layer.tile_columns + thread % layer.tile_columns;
  let row = 4u * (group.y * (64u / layer.tile_columns) + thread / layer.tile_columns);
  if (column * 4u >= layer.out_width || row >= args.rows) { return; }

  // Rows past the end repeat the last one; they are not stored.
  let last = args.rows - 1u;
  let input = layer.input + agent * layer.input_agent_stride;
  let x0 = (input + row * layer.input_row_stride) / 4u;
  let x1 = (input + min(row + 1u, last) * layer.input_row_stride) / 4u;
  let x2 = (input + min(row + 2u, last) * layer.input_row_stride) / 4u;
  let x3 = (input + min(row + 3u, last) * layer.input_row_stride) / 4u;
  let width = layer.in_width / 4u;
  let base = agent * args.parameter_stride / 4u;
  let w = base + layer.weight / 4u + column * 4u * width;
  let bias = parameters[base + layer.bias / 4u + column];

  var y0 = bias;
  var y1 = bias;
  var y2 = bias;
  var y3 = bias;
  for (var k = 0u; k < width; k++) {
    // x * M has the dot products of x with the columns of M, which are 4 rows of W.
    let m = mat4x4f(parameters[w + k], parameters[w + width + k], parameters[w + 2u * width + k], parameters[w + 3u * width + k]);
    y0 += inputs[x0 + k] * m;
    y1 += inputs[x1 + k] * m;
    y2 += inputs[x2 + k] * m;
    y3 += inputs[x3 + k] * m;
  }

  let stride = layer.output_row_stride / 4u;
  let y = (layer.output + agent * layer.output_agent_stride) / 4u + row * stride + column;
  outputs[y] = activate(y0, layer.activation);
  if (row + 1u <= last) { outputs[y + stride] = activate(y1, layer.activation); }
  if (row + 2u <= last) { outputs[y + 2u * stride] = activate(y2, layer.activation); }
  if (row + 3u <= last) { outputs[y + 3u * stride] = activate(y3, layer.activation); }
}
