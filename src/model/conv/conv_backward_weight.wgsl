// Partial gradients of a convolution's weight and bias over a range of rows: dLoss/dW[ky][kx] = sum of dLoss/dy[oy][ox]^T
// x[oy stride + ky - padding][ox stride + kx - padding] over rows and pixels of y, dLoss/db = sum of dLoss/dy.
// threads: one per 8 output x 4 input channels of W[ky][kx] (x: tiles, CONV_THREADS per workgroup; y: ranges of rows_per_partial
//          rows; z: agent); the threads of the first column also sum the bias
// reads:   stop, inputs, d_outputs
// writes:  partials
// twin:    src/model/conv/conv_backward_weight.ts
//#import "src/model/conv/args.wgsl"
//#import "shaders/lib/network/inputs.wgsl"
//#import "shaders/lib/update/partials.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> d_outputs: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;
@group(1) @binding(0) var<uniform> args: ConvArgs;

@compute @workgroup_size(CONV_THREADS)
fn conv_backward_weight(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z;
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let filter_width = filter_vecs();
  let pairs = (args.out_vecs + 1u) / 2u;
  let tile = group.x * CONV_THREADS + thread;
  let row = 2u * (tile % pairs);           // in vec4s: output channels 4 row to 4 row + 7
  let column = tile / pairs;               // in vec4s of a row of W
  if (column >= filter_width) { return; }
  let next_row = min(row + 1u, args.out_vecs - 1u);
  let tap = vec2u(column / args.in_vecs / args.kernel, column / args.in_vecs % args.kernel);

  // The pixels of y for which W[ky][kx] meets a pixel of the map.
  let size = max(vec2u(args.height, args.width) + args.padding, tap) - tap;
  let before = max(vec2u(args.padding), tap) - tap;
  let oy = vec2u(ceil_div(before.x, args.stride), min(args.out_height, ceil_div(size.x, args.stride)));
  let ox = vec2u(ceil_div(before.y, args.stride), min(args.out_width, ceil_div(size.y, args.stride)));

  let first = group.y * args.rows_per_partial;
  let end = min(first + args.rows_per_partial, args.rows);
  let x_stride = args.input_row_stride / 4u;
  let y_stride = args.output_row_stride / 4u;
  let x_base = (args.input + agent * args.input_agent_stride) / 4u;
  let y_base = (args.output + agent * args.output_agent_stride) / 4u;
  // dw<channel>a are the first four output channels, dw<channel>b the next four.
  var dw0a = vec4f(); var dw1a = vec4f(); var dw2a = vec4f(); var dw3a = vec4f();
  var dw0b = vec4f(); var dw1b = vec4f(); var dw2b = vec4f(); var dw3b = vec4f();
  for (var i = first; i < end; i++) {
    for (var y = oy.x; y < oy.y; y++) {
      let from_y = y_base + i * y_stride + y * args.out_width * args.out_vecs;
      let pixel = (y * args.stride + tap.x - args.padding) * args.width + ox.x * args.stride + tap.y - args.padding;
      var place = input_place(pixel * args.in_vecs + column % args.in_vecs);
      for (var o = ox.x; o < ox.y; o++) {
        let da = d_outputs[from_y + o * args.out_vecs + row];
        let db = d_outputs[from_y + o * args.out_vecs + next_row];
        let x = input_at(x_base + i * x_stride, place);
        place = place_after(place, args.stride, args.in_vecs);
        dw0a = fma(vec4f(da.x), x, dw0a); dw0b = fma(vec4f(db.x), x, dw0b);
        dw1a = fma(vec4f(da.y), x, dw1a); dw1b = fma(vec4f(db.y), x, dw1b);
        dw2a = fma(vec4f(da.z), x, dw2a); dw2b = fma(vec4f(db.z), x, dw2b);
        dw3a = fma(vec4f(da.w), x, dw3a); dw3b = fma(vec4f(db.w), x, dw3b);
      }
    }
  }

  let partial = (agent * args.num_partials + group.y) * partial_width(args.parameter_stride);
  let w = partial + args.weight / 4u + 4u * row * filter_width + column;
  let wide = row + 1u < args.out_vecs;
  store(w, wide, filter_width, dw0a, dw0b);
  store(w + filter_width, wide, filter_width, dw1a, dw1b);
  store(w + 2u * filter_width, wide, filter_width, dw2a, dw2b);
  store(w + 3u * filter_width, wide, filter_width, dw3a, dw3b);

  // Empty for the threads of other columns.
  let pixels = select(0u, args.out_height * args.out_width, column == 0u);
  var bias_a = vec4f();
  var bias_b = vec4f();
  for (var i = first; i < end; i++) {
    for (var o = 0u; o < pixels; o++) {
      bias_a += d_outputs[y_base + i * y_stride + o * args.out_vecs + row];
      bias_b += d_outputs[y_base + i * y_stride + o * args.out_vecs + next_row];
    }
  }
  if (column == 0u) {
    partials[partial + args.bias / 4u + row] = bias_a;
    if (wide) { partials[partial + args.bias / 4u + row + 1u] = bias_b; }
  }
}

fn store(at: u32, wide: bool, width: u32, a: vec4f, b: vec4f) {
  partials[at] = a;
  if (wide) { partials[at + 4u * width] = b; }
}
