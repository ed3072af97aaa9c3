// From the gradient of a layer's outputs to that of its inputs: dLoss/dx = (dLoss/dy W) * activation'(x), where x is the
// activation of the layer before; tanh' = 1 - x^2, relu' = x > 0.
// threads: one per 4 rows x 4 columns of x, as in linear_forward; `activation` is that of the layer before
// reads:   stop, parameters, inputs, d_outputs (laid out as outputs)
// writes:  d_inputs (laid out as inputs)
// twin:    src/reference/linear_backward_input.ts
//#import "shaders/lib/linear.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read> inputs: array<vec4f>;
@group(0) @binding(3) var<storage, read> d_outputs: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> d_inputs: array<vec4f>;
@group(1) @binding(0) var<uniform> args: LinearArgs;

fn d_activate(x: vec4f, activation: u32) -> vec4f {
  switch activation {
    case TANH: { return 1.0 - x * x; }
    case RELU: { return select(vec4f(), vec4f(1.0), x > vec4f()); }
    default: { return vec4f(1.0); }
  }
}

@compute @workgroup_size(64)
fn linear_backward_input(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z / args.num_networks;
  let layer = args.networks[args.first_network + group.z % args.num_networks];
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let column = group.x * layer.tile_columns + thread % layer.tile_columns;
  let row = 4u * (group.y * (64u / layer.tile_columns) + thread / layer.tile_columns);
  if (column * 4u >= layer.in_width || row >= args.rows) { return; }

  let last = args.rows - 1u;
  let output = layer.output + agent * layer.output_agent_stride;
  let y0 = (output + row * layer.output_row_stride) / 4u;
  let y1 = (output + min(row + 1u, last) * layer.output_row_stride) / 4u;
  let y2 = (output + min(row + 2u, last) * layer.output_row_stride) / 4u;
  let y3 = (output + min(row + 3u, last) * layer.output_row_stride) / 4u;
  let width = layer.in_width / 4u;
  let w = (agent * args.parameter_stride + layer.weight) / 4u + column;

  var dx0 = vec4f();
  var dx1 = vec4f();
  var dx2 = vec4f();
  var dx3 = vec4f();
  for (var k = 0u; k < layer.out_width / 4u; k++) {
    // M * dy is the sum of M's columns, 4 rows of W, weighted by dy.
    let at = w + 4u * k * width;
    let m = mat4x4f(parameters[at], parameters[at + width], parameters[at + 2u * width], parameters[at + 3u * width]);
    dx0 += m * d_outputs[y0 + k];
    dx1 += m * d_outputs[y1 + k];
    dx2 += m * d_outputs[y2 + k];
    dx3 += m * d_outputs[y3 + k];
  }

  let stride = layer.input_row_stride / 4u;
  let x = (layer.input + agent * layer.input_agent_stride) / 4u + row * stride + column;
  d_inputs[x] = dx0 * d_activate(inputs[x], layer.activation);
  if (row + 1u <= last) { d_inputs[x + stride] = dx1 * d_activate(inputs[x + stride], layer.activation); }
  if (row + 2u <= last) { d_inputs[x + 2u * stride] = dx2 * d_activate(inputs[x + 2u * stride], layer.activation); }
  if (row + 3u <= last) { d_inputs[x + 3u * stride] = dx3 * d_activate(inputs[x + 3u * stride], layer.activation); }
}
