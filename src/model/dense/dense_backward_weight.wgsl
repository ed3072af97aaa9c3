// Partial gradients of a layer's weight and bias over a range of rows: dLoss/dW = dLoss/dy^T x, dLoss/db = sum dLoss/dy.
// threads: one per 8 x 8 tile of W (x: tiles, DENSE_THREADS per workgroup; y: ranges of rows_per_partial rows; z: agent x network);
//          the threads of the first columns also sum the bias
// reads:   stop, inputs, d_outputs
// writes:  partials
// twin:    src/model/dense/dense_backward_weight.ts
//#import "src/model/dense/args.wgsl"
//#import "shaders/lib/update/partials.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> inputs: array<vec4f>;
@group(0) @binding(2) var<storage, read> d_outputs: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;
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
  let row = 2u * (tile / tiles_across);    // in vec4s: rows 4 row to 4 row + 7 of W
  if (row >= rows) { return; }

  let first = group.y * args.rows_per_partial;
  let end = min(first + args.rows_per_partial, args.rows);
  let x_stride = layer.input_row_stride / 4u;
  let y_stride = layer.output_row_stride / 4u;
  let x = (layer.input + agent * layer.input_agent_stride) / 4u;
  let y = (layer.output + agent * layer.output_agent_stride) / 4u;
  let next_column = min(column + 1u, columns - 1u);
  let next_row = min(row + 1u, rows - 1u);
  // dw<row>a are the first four columns of a row of W, dw<row>b the next four.
  var dw0a = vec4f(); var dw1a = vec4f(); var dw2a = vec4f(); var dw3a = vec4f();
  var dw4a = vec4f(); var dw5a = vec4f(); var dw6a = vec4f(); var dw7a = vec4f();
  var dw0b = vec4f(); var dw1b = vec4f(); var dw2b = vec4f(); var dw3b = vec4f();
  var dw4b = vec4f(); var dw5b = vec4f(); var dw6b = vec4f(); var dw7b = vec4f();
  var db_low = vec4f();
  var db_high = vec4f();
  for (var i = first; i < end; i++) {
    let dy_low = d_outputs[y + i * y_stride + row];
    let dy_high = d_outputs[y + i * y_stride + next_row];
    let xa = inputs[x + i * x_stride + column];
    let xb = inputs[x + i * x_stride + next_column];
    dw0a += dy_low.x * xa; dw0b += dy_low.x * xb;
    dw1a += dy_low.y * xa; dw1b += dy_low.y * xb;
    dw2a += dy_low.z * xa; dw2b += dy_low.z * xb;
    dw3a += dy_low.w * xa; dw3b += dy_low.w * xb;
    dw4a += dy_high.x * xa; dw4b += dy_high.x * xb;
    dw5a += dy_high.y * xa; dw5b += dy_high.y * xb;
    dw6a += dy_high.z * xa; dw6b += dy_high.z * xb;
    dw7a += dy_high.w * xa; dw7b += dy_high.w * xb;
    db_low += dy_low;
    db_high += dy_high;
  }

  let partial = (agent * args.num_partials + group.y) * partial_width(args.parameter_stride);
  let w = partial + layer.weight / 4u + row * 4u * columns + column;
  let wide = column + 1u < columns;
  store(w, wide, dw0a, dw0b);
  store(w + columns, wide, dw1a, dw1b);
  store(w + 2u * columns, wide, dw2a, dw2b);
  store(w + 3u * columns, wide, dw3a, dw3b);
  let b = partial + layer.bias / 4u + row;
  if (column == 0u) { partials[b] = db_low; }
  if (row + 1u >= rows) { return; }
  store(w + 4u * columns, wide, dw4a, dw4b);
  store(w + 5u * columns, wide, dw5a, dw5b);
  store(w + 6u * columns, wide, dw6a, dw6b);
  store(w + 7u * columns, wide, dw7a, dw7b);
  if (column == 0u) { partials[b + 1u] = db_high; }
}

fn store(at: u32, wide: bool, a: vec4f, b: vec4f) {
  partials[at] = a;
  if (wide) { partials[at + 1u] = b; }
}
