// One linear layer as the three matmul kernels see it: y = activation(x W^T + b). Offsets and strides in floats; widths
// are padded to multiples of 4. A dispatch covers the same layer of up to two networks (actor, critic) of every agent.
struct Linear {
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
  tile_columns: u32,        // how a workgroup's 64 tiles lie: columns x rows
  activation: u32,
}

struct LinearArgs {
  rows: u32,
  gate: u32,
  stop_stride: u32,
  parameter_stride: u32,
  num_networks: u32,        // workgroup_id.z = agent * num_networks + network
  first_network: u32,
  rows_per_partial: u32,    // of linear_backward_weight
  num_partials: u32,
  networks: array<Linear, 2>,
}

const IDENTITY = 0u;
const TANH = 1u;
const RELU = 2u;
