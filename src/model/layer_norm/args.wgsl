// Arguments of the kernels of a layer normalisation, of every agent. Offsets and strides in floats. A pixel has `width` numbers
// in groups of `group`, each group padded to whole vec4s.
//#import "shaders/lib/network/items.wgsl"
//#import "shaders/lib/network/inputs.wgsl"

struct LayerNormArgs {
  rows: u32,
  gate: u32,
  stop_stride: u32,
  parameter_stride: u32,
  rows_per_partial: u32,    // of layer_norm_backward_weight
  num_partials: u32,
  pixels: u32,              // of a row
  width: u32,
  group: u32,
  vecs: u32,                // vec4s of a pixel
  weight: u32,              // [4 vecs], inside one agent's parameters
  bias: u32,                // [4 vecs]
  input: u32,
  input_agent_stride: u32,
  input_row_stride: u32,
  output: u32,
  output_agent_stride: u32,
  output_row_stride: u32,
  activation: u32,          // backwards: of the layer before
}

// Threads per workgroup; the results are bit-identical for any number.
override LAYER_NORM_THREADS: u32 = 64;

// Added to the variance.
const LAYER_NORM_EPS = 1e-5;

// Vec4 `k` of a pixel of the row at `row`, in vec4s.
fn input_of(row: u32, pixel: u32, k: u32) -> vec4f { return input_at(row, input_place(pixel * args.vecs + k)); }

fn sum_of(v: vec4f) -> f32 { return (v.x + v.y) + (v.z + v.w); }

// The mean of a pixel, and 1 / sqrt(variance + eps).
struct Statistics {
  mean: f32,
  scale: f32,
}

fn statistics(row: u32, pixel: u32) -> Statistics {
  let count = f32(args.width);
  var sum = vec4f();
  for (var k = 0u; k < args.vecs; k++) { sum += input_of(row, pixel, k); }
  let mean = sum_of(sum) / count;
  let group_vecs = (args.group + 3u) / 4u;
  var squares = vec4f();
  for (var k = 0u; k < args.vecs; k++) {
    let x = input_of(row, pixel, k) - mean;
    let is_there = 4u * (k % group_vecs) + vec4u(0u, 1u, 2u, 3u) < vec4u(args.group);
    squares += select(vec4f(), x * x, is_there);
  }
  return Statistics(mean, 1.0 / sqrt(sum_of(squares) / count + LAYER_NORM_EPS));
}
