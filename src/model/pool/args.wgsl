// Arguments of the kernels of a pooling layer, of every agent. Offsets and strides in floats, maps in pixels.
//#import "shaders/lib/network/items.wgsl"

struct PoolArgs {
  rows: u32,
  gate: u32,
  stop_stride: u32,
  height: u32,
  width: u32,
  vecs: u32,                // vec4s of a pixel
  out_height: u32,
  out_width: u32,
  kernel: u32,
  stride: u32,
  mean: u32,                // 1: the mean of a window; 0: its largest
  input: u32,
  input_agent_stride: u32,
  input_row_stride: u32,
  output: u32,
  output_agent_stride: u32,
  output_row_stride: u32,
  activation: u32,          // backwards: of the layer before
}

// Threads per workgroup; the results are bit-identical for any number.
override POOL_THREADS: u32 = 64;

// What a thread computes: 4 channels of a pixel.
struct Item {
  row: u32,
  pixel: vec2u,             // y, x
  vec: u32,
}

fn pool_item(item: u32, height: u32, width: u32) -> Item {
  let pixel = item / args.vecs;
  return Item(pixel / (height * width), vec2u(pixel / width % height, pixel % width), item % args.vecs);
}
