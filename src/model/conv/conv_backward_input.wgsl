// The gradient of a convolution's inputs: dLoss/dx[iy][ix] = activation'(x) times the sum of dLoss/dy[oy][ox] W[ky][kx] over the
// outputs that read the pixel: iy = oy stride + ky - padding, ix likewise.
// threads: one per 8 rows x 4 channels of a pixel of x (x: channels, y: pixels of tiles of rows, z: agent)
// reads:   stop, parameters, inputs, d_outputs (same layout as outputs)
// writes:  d_inputs (same layout as inputs)
// twin:    src/model/conv/conv_backward_input.ts
//#import "src/model/conv/args.wgsl"
//#import "shaders/lib/network/activation.wgsl"
//#import "shaders/lib/network/weights.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read> inputs: array<vec4f>;
@group(0) @binding(3) var<storage, read> d_outputs: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> d_inputs: array<vec4f>;
@group(1) @binding(0) var<uniform> args: ConvArgs;

@compute @workgroup_size(CONV_THREADS)
fn conv_backward_input(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z;
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let tile = conv_tile(group, thread, args.width, args.height * args.width);
  if (tile.column >= args.in_vecs || tile.row >= args.rows) { return; }

  let output = (args.output + agent * args.output_agent_stride) / 4u;
  let dy = row_offsets(tile.row, args.rows, output, args.output_row_stride / 4u);
  let filter_width = filter_vecs();
  let w = (agent * args.parameter_stride + args.weight) / 4u + tile.column;

  // The outputs that read the pixel, whose number is moved by the padding.
  let pixel = tile.pixel + args.padding;
  let last = args.kernel - 1u;
  let first = vec2u(ceil_div(max(pixel.x, last) - last, args.stride), ceil_div(max(pixel.y, last) - last, args.stride));
  let end = min(vec2u(args.out_height, args.out_width), pixel / args.stride + 1u);

  var dx0 = vec4f(); var dx1 = vec4f(); var dx2 = vec4f(); var dx3 = vec4f();
  var dx4 = vec4f(); var dx5 = vec4f(); var dx6 = vec4f(); var dx7 = vec4f();
  for (var oy = first.x; oy < end.x; oy++) {
    for (var ox = first.y; ox < end.y; ox++) {
      let tap = pixel - vec2u(oy, ox) * args.stride;
      let from_weight = w + (tap.x * args.kernel + tap.y) * args.in_vecs;
      let at = (oy * args.out_width + ox) * args.out_vecs;
      let y = Rows(dy.low + at, dy.high + at);
      for (var k = 0u; k < args.out_vecs; k++) {
        let m = weights(from_weight + 4u * k * filter_width, filter_width);
        dx0 = add_inputs(m, d_outputs[y.low.x + k], dx0);
        dx1 = add_inputs(m, d_outputs[y.low.y + k], dx1);
        dx2 = add_inputs(m, d_outputs[y.low.z + k], dx2);
        dx3 = add_inputs(m, d_outputs[y.low.w + k], dx3);
        dx4 = add_inputs(m, d_outputs[y.high.x + k], dx4);
        dx5 = add_inputs(m, d_outputs[y.high.y + k], dx5);
        dx6 = add_inputs(m, d_outputs[y.high.z + k], dx6);
        dx7 = add_inputs(m, d_outputs[y.high.w + k], dx7);
      }
    }
  }

  let stride = args.input_row_stride / 4u;
  let rows = min(8u, args.rows - tile.row);
  let input = (args.input + agent * args.input_agent_stride) / 4u;
  let x = input + tile.row * stride + (tile.pixel.x * args.width + tile.pixel.y) * args.in_vecs + tile.column;
  d_inputs[x] = dx0;
  if (rows > 1u) { d_inputs[x + stride] = dx1; }
  if (rows > 2u) { d_inputs[x + 2u * stride] = dx2; }
  if (rows > 3u) { d_inputs[x + 3u * stride] = dx3; }
  if (rows > 4u) { d_inputs[x + 4u * stride] = dx4; }
  if (rows > 5u) { d_inputs[x + 5u * stride] = dx5; }
  if (rows > 6u) { d_inputs[x + 6u * stride] = dx6; }
  if (rows > 7u) { d_inputs[x + 7u * stride] = dx7; }
  if (args.activation == IDENTITY) { return; }
  let known = x + kept(args.activation, args.rows * stride);
  // In a loop, which keeps one text of the derivative.
  for (var i = 0u; i < rows; i++) { d_inputs[x + i * stride] *= d_activate(inputs[known + i * stride], args.activation); }
}
