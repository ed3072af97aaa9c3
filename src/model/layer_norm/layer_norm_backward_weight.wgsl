// Partial gradients of the weight and bias of a layer normalisation over a range of rows: dLoss/dweight = sum of dLoss/dy
// (x - mean) scale, dLoss/dbias = sum of dLoss/dy, over all pixels.
// threads: one per 4 numbers of a pixel (x: LAYER_NORM_THREADS per workgroup; y: ranges of rows_per_partial rows; z: agent); a
//          workgroup first computes the statistics of as many pixels as it has threads
// reads:   stop, inputs, d_outputs
// writes:  partials
// twin:    src/model/layer_norm/layer_norm_backward_weight.ts
//#import "src/model/layer_norm/args.wgsl"
//#import "shaders/lib/update/partials.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> d_outputs: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;
@group(1) @binding(0) var<uniform> args: LayerNormArgs;

var<workgroup> known: array<Statistics, LAYER_NORM_THREADS>;

@compute @workgroup_size(LAYER_NORM_THREADS)
fn layer_norm_backward_weight(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z;
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let column = group.x * LAYER_NORM_THREADS + thread; // in vec4s
  let first = group.y * args.rows_per_partial * args.pixels;
  let end = min(group.y * args.rows_per_partial + args.rows_per_partial, args.rows) * args.pixels;
  let x = (args.input + agent * args.input_agent_stride) / 4u;
  let y = (args.output + agent * args.output_agent_stride) / 4u;
  var weight = vec4f();
  var bias = vec4f();
  for (var start = first; start < end; start += LAYER_NORM_THREADS) {
    let own = min(start + thread, end - 1u);
    known[thread] = statistics(x + own / args.pixels * (args.input_row_stride / 4u), own % args.pixels);
    workgroupBarrier(); // the statistics of all threads are there
    let count = select(0u, min(LAYER_NORM_THREADS, end - start), column < args.vecs);
    for (var i = 0u; i < count; i++) {
      let row = (start + i) / args.pixels;
      let pixel = (start + i) % args.pixels;
      let dy = d_outputs[y + row * (args.output_row_stride / 4u) + pixel * args.vecs + column];
      let value = input_of(x + row * (args.input_row_stride / 4u), pixel, column);
      weight += dy * ((value - known[i].mean) * known[i].scale);
      bias += dy;
    }
    workgroupBarrier(); // they are used up
  }
  if (column >= args.vecs) { return; }
  let partial = (agent * args.num_partials + group.y) * partial_width(args.parameter_stride);
  partials[partial + args.weight / 4u + column] = weight;
  partials[partial + args.bias / 4u + column] = bias;
}
