// Offsets of the layers of a network, for the fused kernels. All offsets and widths are in vec4s. Regions of act are
// [row][width + 1]: the vec4 more spreads the rows over the banks of workgroup memory.

struct Dense {
  in_width: u32,
  out_width: u32,
  weight: u32,            // [4 out_width][in_width]
  bias: u32,              // [out_width]
  input: u32,             // region of act
  output: u32,            // region of act
  d_output: u32,          // region of act for the gradient of the outputs
  out_stride: u32,        // from one row of the outputs, and of their gradient, to the next
  kept: u32,              // from the outputs to their values before the activation, where those are stored; or 0
  activation: u32,
  pad0: u32,
  pad1: u32,
}

const MAX_LAYERS = 8u;

struct Mlp {
  num_layers: u32,
  head: u32,              // region of the last layer's outputs, head_width apart
  head_width: u32,
  parts: u32,             // region of the four parts of each output of the last layer
  layers: array<Dense, MAX_LAYERS>,
}
