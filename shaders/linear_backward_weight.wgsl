// Partial gradients of a layer's weight and bias over a range of rows: dLoss/dW = dLoss/dy^T x, dLoss/db = sum dLoss/dy.
// threads: one per 4 x 4 tile of W (x: tiles, 64 per workgroup; y: ranges of rows_per_partial rows; z: agent x network);
//          the threads of the first columns also sum the bias
// reads:   stop, inputs, d_outputs
// writes:  partials [agent][partial][parameter_stride]
// twin:    src/reference/linear_backward_weight.ts
//#import "shaders/lib/linear.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> inputs: array<vec4f>;
@group(0) @binding(2) var<storage, read> d_outputs: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;
@group(1) @binding(0) var<uniform> args: LinearArgs;

@compute @workgroup_size(64)
fn linear_backward_weight(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z / args.num_networks;
  let layer = args.networks[args.first_network + group.z % args.num_networks];
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let columns = layer.in_width / 4u;
  let tile = group.x * 64u + thread;
  let column = tile % columns;
  let row4 = tile / columns; // rows 4 row4 .. 4 row4 + 3 of W
  if (row4 * 4u >= layer.out_width) { return; }

  let first = group.y * args.rows_per_partial;
  let end = min(first + args.rows_per_partial, args.rows);
  let x_stride = layer.input_row_stride / 4u;
  let y_stride = layer.output_row_stride / 4u;
  var x = (layer.input + agent * layer.input_agent_stride) / 4u + first * x_stride + column;
  var y = (layer.output + agent * layer.output_agent_stride) / 4u + first * y_stride + row4;
  var dw0 = vec4f();
  var dw1 = vec4f();
  var dw2 = vec4f();
  var dw3 = vec4f();
  var db = vec4f();
  for (var row = first; row < end; row++) {
    let dy = d_outputs[y];
    let input = inputs[x];
    dw0 += dy.x * input;
    dw1 += dy.y * input;
    dw2 += dy.z * input;
    dw3 += dy.w * input;
    db += dy;
    x += x_stride;
    y += y_stride;
  }

  let partial = (agent * args.num_partials + group.y) * args.parameter_stride;
  let w = (partial + layer.weight) / 4u + row4 * 4u * columns + column;
  partials[w] = dw0;
  partials[w + columns] = dw1;
  partials[w + 2u * columns] = dw2;
  partials[w + 3u * columns] = dw3;
  if (column == 0u) { partials[(partial + layer.bias) / 4u + row4] = db; }
}
