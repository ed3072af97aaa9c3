// Arguments of the kernels of a dense layer, y = activation(x W^T + b). Offsets and strides in floats; widths are
// padded to multiples of 4. A dispatch computes one layer, or two of the same shape in two networks (actor, critic), of
// every agent.
//#import "shaders/lib/network/rows.wgsl"

struct DensePlace {
  in_width: u32,
  out_width: u32,
  weight: u32,              // [out_width][in_width], inside one agent's parameters
  bias: u32,                // [out_width]
  input: u32,
  input_agent_stride: u32,
  input_row_stride: u32,
  output: u32,
  output_agent_stride: u32,
  output_row_stride: u32,
  tile_columns: u32,        // arrangement of a workgroup's tiles, one per thread: columns x rows
  activation: u32,          // backwards: of the layer before
}

struct DenseArgs {
  rows: u32,
  gate: u32,
  stop_stride: u32,
  parameter_stride: u32,
  rows_per_partial: u32,    // of dense_backward_weight
  num_partials: u32,
  num_layers: u32,          // workgroup_id.z = agent * num_layers + layer
  @align(16) layers: array<DensePlace, 2>,
}

// Threads per workgroup; the results are bit-identical for any number.
override DENSE_THREADS: u32 = 64;

// A thread's 8 rows x 4 columns: of larger tiles some compilers spill the registers.
struct Tile {
  row: u32,
  column: u32,            // in vec4s
}

// Which tile a thread of a workgroup computes.
fn layer_tile(layer: DensePlace, group: vec3u, thread: u32) -> Tile {
  let column = group.x * layer.tile_columns + thread % layer.tile_columns;
  let row = group.y * (DENSE_THREADS / layer.tile_columns) + thread / layer.tile_columns;
  return Tile(8u * row, column);
}
