// The gradient of a pooling layer's inputs, times activation'(x): of a mean each input gets its share, of a largest the first
// largest in scan order gets all.
// threads: one per 4 channels of a pixel of x, of each row (x, y: items.wgsl, z: agent)
// reads:   stop, inputs, d_outputs (same layout as outputs)
// writes:  d_inputs (same layout as inputs)
// twin:    src/model/pool/pool_backward.ts
//#import "src/model/pool/args.wgsl"
//#import "shaders/lib/network/activation.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read> inputs: array<vec4f>;
@group(0) @binding(2) var<storage, read> d_outputs: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> d_inputs: array<vec4f>;
@group(1) @binding(0) var<uniform> args: PoolArgs;

@compute @workgroup_size(POOL_THREADS)
fn pool_backward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z;
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let item = pool_item(item_of(group, thread, POOL_THREADS), args.height, args.width);
  if (item.row >= args.rows) { return; }

  let stride = args.input_row_stride / 4u;
  let x = (args.input + agent * args.input_agent_stride) / 4u + item.row * stride;
  let y = (args.output + agent * args.output_agent_stride + item.row * args.output_row_stride) / 4u;
  let own = item.pixel.x * args.width + item.pixel.y;
  let at = x + own * args.vecs + item.vec;
  let value = inputs[at];
  let area = args.kernel * args.kernel;
  let share = select(1.0, 1.0 / f32(area), args.mean != 0u);
  let compared = select(area, 0u, args.mean != 0u);

  // The windows that the pixel is in.
  let last = args.kernel - 1u;
  let first = (max(item.pixel, vec2u(last)) - last + args.stride - 1u) / args.stride;
  let end = min(vec2u(args.out_height, args.out_width), item.pixel / args.stride + 1u);
  var sum = vec4f();
  for (var oy = first.x; oy < end.x; oy++) {
    for (var ox = first.y; ox < end.y; ox++) {
      // 1 where the input is larger than all before it in the window, and no other is larger.
      var wins = vec4f(share);
      for (var k = 0u; k < compared; k++) {
        let pixel = (oy * args.stride + k / args.kernel) * args.width + ox * args.stride + k % args.kernel;
        let other = inputs[x + pixel * args.vecs + item.vec];
        let loses = (other > value) | ((other == value) & vec4<bool>(pixel < own));
        wins = select(wins, vec4f(), loses);
      }
      sum += wins * d_outputs[y + (oy * args.out_width + ox) * args.vecs + item.vec];
    }
  }
  let known = inputs[at + kept(args.activation, args.rows * stride)];
  d_inputs[at] = sum * d_activate(known, args.activation);
}
