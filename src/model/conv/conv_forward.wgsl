// A convolution with bias and activation, as a matrix product whose patches of the input are found where they are read:
// y[oy][ox] = activation(sum over (ky, kx) of W[ky][kx] x[oy stride + ky - padding][ox stride + kx - padding] + b).
// threads: one per 8 rows x 4 channels of a pixel of y (x: channels, y: pixels of tiles of rows, z: agent)
// reads:   stop, parameters, inputs
// writes:  outputs; for silu, after those of an agent, also the values before the activation
// twin:    src/model/conv/conv_forward.ts
//#import "src/model/conv/args.wgsl"
//#import "shaders/lib/network/activation.wgsl"
//#import "shaders/lib/network/inputs.wgsl"
//#import "shaders/lib/network/weights.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> outputs: array<vec4f>;
@group(1) @binding(0) var<uniform> args: ConvArgs;

@compute @workgroup_size(CONV_THREADS)
fn conv_forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z;
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let tile = conv_tile(group, thread, args.out_width, args.out_height * args.out_width);
  if (tile.column >= args.out_vecs || tile.row >= args.rows) { return; }

  // Rows past the end repeat the last one; they are not stored.
  let input = (args.input + agent * args.input_agent_stride) / 4u;
  let x = row_offsets(tile.row, args.rows, input, args.input_row_stride / 4u);
  let base = agent * args.parameter_stride / 4u;
  let filter_width = filter_vecs();
  let w = base + args.weight / 4u + tile.column * 4u * filter_width;

  // The part of the kernel that is inside the map; `corner` is its first pixel, moved by the padding.
  let corner = tile.pixel * args.stride;
  let size = vec2u(args.height, args.width) + args.padding;
  let first = max(vec2u(args.padding), corner) - corner;
  let end = max(first, min(vec2u(args.kernel), max(size, corner) - corner));

  var y0 = parameters[base + args.bias / 4u + tile.column];
  var y1 = y0; var y2 = y0; var y3 = y0; var y4 = y0; var y5 = y0; var y6 = y0; var y7 = y0;
  // One loop over all of it: on a CPU, two loops for 3 x 3 pixels of 4 channels are a quarter slower.
  let length = (end.y - first.y) * args.in_vecs;
  let input_jump = args.width * args.in_vecs - length;
  let weight_jump = args.kernel * args.in_vecs - length;
  let pixel = (corner.x + first.x - args.padding) * args.width + corner.y + first.y - args.padding;
  var from_input = pixel * args.in_vecs;
  var from_weight = w + (first.x * args.kernel + first.y) * args.in_vecs;
  var left = length;
  for (var k = (end.x - first.x) * length; k > 0u; k--) {
    let m = weights(from_weight, filter_width);
    let place = input_place(from_input);
    y0 = add_outputs(m, input_at(x.low.x, place), y0);
    y1 = add_outputs(m, input_at(x.low.y, place), y1);
    y2 = add_outputs(m, input_at(x.low.z, place), y2);
    y3 = add_outputs(m, input_at(x.low.w, place), y3);
    y4 = add_outputs(m, input_at(x.high.x, place), y4);
    y5 = add_outputs(m, input_at(x.high.y, place), y5);
    y6 = add_outputs(m, input_at(x.high.z, place), y6);
    y7 = add_outputs(m, input_at(x.high.w, place), y7);
    left--;
    let is_last = left == 0u;
    from_input += select(1u, 1u + input_jump, is_last);
    from_weight += select(1u, 1u + weight_jump, is_last);
    left = select(left, length, is_last);
  }

  let stride = args.output_row_stride / 4u;
  let rows = min(8u, args.rows - tile.row);
  let position = tile.pixel.x * args.out_width + tile.pixel.y;
  let output = (args.output + agent * args.output_agent_stride) / 4u;
  let y = output + tile.row * stride + position * args.out_vecs + tile.column;
  outputs[y] = y0;
  if (rows > 1u) { outputs[y + stride] = y1; }
  if (rows > 2u) { outputs[y + 2u * stride] = y2; }
  if (rows > 3u) { outputs[y + 3u * stride] = y3; }
  if (rows > 4u) { outputs[y + 4u * stride] = y4; }
  if (rows > 5u) { outputs[y + 5u * stride] = y5; }
  if (rows > 6u) { outputs[y + 6u * stride] = y6; }
  if (rows > 7u) { outputs[y + 7u * stride] = y7; }
  if (args.activation == IDENTITY) { return; }
  let behind = kept(args.activation, args.rows * stride);
  // In a loop, which keeps one text of the activation.
  for (var i = 0u; i < rows; i++) {
    let at = y + i * stride;
    if (behind > 0u) { outputs[at + behind] = outputs[at]; }
    outputs[at] = activate(outputs[at], args.activation);
  }
}
