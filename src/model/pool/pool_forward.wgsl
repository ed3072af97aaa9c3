// The largest input of each window of a channel, or their mean, and the activation.
// threads: one per 4 channels of a pixel of y, of each row (x, y: items.wgsl, z: agent)
// reads:   stop, inputs
// writes:  outputs; for silu, after those of an agent, also the values before the activation
// twin:    src/model/pool/pool_forward.ts
//#import "src/model/pool/args.wgsl"
//#import "shaders/lib/network/activation.wgsl"
//#import "shaders/lib/network/inputs.wgsl"

@group(0) @binding(0) var<storage, read> stop: array<u32>;
@group(0) @binding(1) var<storage, read_write> outputs: array<vec4f>;
@group(1) @binding(0) var<uniform> args: PoolArgs;

@compute @workgroup_size(POOL_THREADS)
fn pool_forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let agent = group.z;
  if (stop[agent * args.stop_stride + args.gate] != 0u) { return; }
  let item = pool_item(item_of(group, thread, POOL_THREADS), args.out_height, args.out_width);
  if (item.row >= args.rows) { return; }

  let x = (args.input + agent * args.input_agent_stride + item.row * args.input_row_stride) / 4u;
  let corner = item.pixel * args.stride;
  var largest = vec4f(-3.4028234e38);
  var sum = vec4f();
  for (var ky = 0u; ky < args.kernel; ky++) {
    for (var kx = 0u; kx < args.kernel; kx++) {
      let pixel = (corner.x + ky) * args.width + corner.y + kx;
      let value = input_at(x, input_place(pixel * args.vecs + item.vec));
      largest = max(largest, value);
      sum += value;
    }
  }
  let y = select(largest, sum / f32(args.kernel * args.kernel), args.mean != 0u);

  let stride = args.output_row_stride / 4u;
  let pixel = item.pixel.x * args.out_width + item.pixel.y;
  let output = (args.output + agent * args.output_agent_stride) / 4u;
  let at = output + item.row * stride + pixel * args.vecs + item.vec;
  let behind = kept(args.activation, args.rows * stride);
  if (behind > 0u) { outputs[at + behind] = y; }
  outputs[at] = activate(y, args.activation);
}
