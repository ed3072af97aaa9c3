// Partial gradients of a layer's weight and bias over a range of rows: dLoss/dW = dLoss/dy^T x, dLoss/db = sum dLoss/dy.
// threads: one per 4 x 8 tile of W (x: tiles, DENSE_THREADS per workgroup; y: ranges of rows_per_partial rows; z: agent x network);
//          the threads of the first columns also sum the bias
// reads:   stop, inputs, d_outputs
// writes:  partials
// twin:    src/model/dense/dense_backward_weight.ts
//#import "src/model/dense/args.wgsl"
//#import "shaders/lib/network/inputs.wgsl"
//#import "shaders/lib/update/partials.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> d_outputs: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;
@group(1) @binding(0) var<uniform> args: DenseArgs;

@compute @workgroup_size(DENSE_THREADS)
fn dense_backward_weight(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z / args.num_layers;
  let layer = args.layers[group.z % args.num_layers];
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let columns = layer.in_width / 4u;
  let rows = layer.out_width / 4u;
  let tiles_across = (columns + 1u) / 2u;
  let tile = group.x * DENSE_THREADS + thread;
  let column = 2u * (tile % tiles_across); // in vec4s
  let row = tile / tiles_across;           // in vec4s: rows 4 row to 4 row + 3 of W
  if (row >= rows) { return; }

  let first = group.y * args.rows_per_partial;
  let end = min(first + args.rows_per_partial, args.rows);
  let x_stride = layer.input_row_stride / 4u;
  let y_stride = layer.output_row_stride / 4u;
  let x = (layer.input + agent * layer.input_agent_stride) / 4u;
  let y = (layer.output + agent * layer.output_agent_stride) / 4u;
  let place_a = input_place(column);
  let place_b = input_place(min(column + 1u, columns - 1u));
  // dw<row>a are the first four columns of a row of W, dw<row>b the next four.
  var dw0a = vec4f(); var dw1a = vec4f(); var dw2a = vec4f(); var dw3a = vec4f();
  var dw0b = vec4f(); var dw1b = vec4f(); var dw2b = vec4f(); var dw3b = vec4f();
  var db = vec4f();
  for (var i = first; i < end; i++) {
    let dy = d_outputs[y + i * y_stride + row];
    let xa = input_at(x + i * x_stride, place_a);
    let xb = input_at(x + i * x_stride, place_b);
    dw0a = fma(vec4f(dy.x), xa, dw0a); dw0b = fma(vec4f(dy.x), xb, dw0b);
    dw1a = fma(vec4f(dy.y), xa, dw1a); dw1b = fma(vec4f(dy.y), xb, dw1b);
    dw2a = fma(vec4f(dy.z), xa, dw2a); dw2b = fma(vec4f(dy.z), xb, dw2b);
    dw3a = fma(vec4f(dy.w), xa, dw3a); dw3b = fma(vec4f(dy.w), xb, dw3b);
    db += dy;
  }

  let partial = (agent * args.num_partials + group.y) * partial_width(args.parameter_stride);
  let w = partial + layer.weight / 4u + row * 4u * columns + column;
  let wide = column + 1u < columns;
  store(w, wide, dw0a, dw0b);
  store(w + columns, wide, dw1a, dw1b);
  store(w + 2u * columns, wide, dw2a, dw2b);
  store(w + 3u * columns, wide, dw3a, dw3b);
  if (column == 0u) { partials[partial + layer.bias / 4u + row] = db; }
}

fn store(at: u32, wide: bool, a: vec4f, b: vec4f) {
  partials[at] = a;
  if (wide) { partials[at + 1u] = b; }
}
