// Arguments of the kernels of a convolution, one layer of every agent. Offsets and strides in floats; maps and the kernel in
// pixels. A pixel of a map of a hidden layer, and of the weight, has whole vec4s.
//#import "shaders/lib/network/rows.wgsl"

struct ConvArgs {
  rows: u32,
  gate: u32,
  stop_stride: u32,
  parameter_stride: u32,
  rows_per_partial: u32,    // of conv_backward_weight
  num_partials: u32,
  height: u32,
  width: u32,
  in_vecs: u32,             // vec4s of a pixel of the inputs
  out_height: u32,
  out_width: u32,
  out_vecs: u32,            // vec4s of a pixel of the outputs
  kernel: u32,              // height and width
  stride: u32,
  padding: u32,
  weight: u32,              // [4 out_vecs][kernel][kernel][4 in_vecs], inside one agent's parameters
  bias: u32,                // [4 out_vecs]
  input: u32,
  input_agent_stride: u32,
  input_row_stride: u32,
  output: u32,
  output_agent_stride: u32,
  output_row_stride: u32,
  tile_columns: u32,        // arrangement of a workgroup's tiles, one per thread: columns x the others
  activation: u32,          // backwards: of the layer before
}

// Threads per workgroup; the results are bit-identical for any number.
override CONV_THREADS: u32 = 64;

// A thread's tile: 8 rows x 4 channels of one pixel. All 8 rows meet the same part of the kernel, so that padding costs nothing.
struct Tile {
  row: u32,
  pixel: vec2u,             // y, x
  column: u32,              // in vec4s
}

// Which tile a thread of a workgroup computes, of maps that are `width` pixels wide and `pixels` in all.
fn conv_tile(group: vec3u, thread: u32, width: u32, pixels: u32) -> Tile {
  // Without %: a division of integers takes as long as a dozen products on a CPU.
  let down = thread / args.tile_columns;
  let column = group.x * args.tile_columns + thread - down * args.tile_columns;
  let tile = group.y * (CONV_THREADS / args.tile_columns) + down;
  let row = tile / pixels;
  let pixel = tile - row * pixels;
  let y = pixel / width;
  return Tile(8u * row, vec2u(y, pixel - y * width), column);
}

// vec4s from one output channel of the weight to the next.
fn filter_vecs() -> u32 { return args.kernel * args.kernel * args.in_vecs; }

fn ceil_div(a: u32, b: u32) -> u32 { return (a + b - 1u) / b; }
