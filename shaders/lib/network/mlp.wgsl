// Offsets of the layers of a network, for the fused kernels. All offsets and widths are in vec4s.

struct Dense {
  in_width: u32,
  out_width: u32,
  weight: u32,            // [4 out_width][in_width]
  bias: u32,              // [out_width]
  input: u32,             // region of act, [row][in_width]
  output: u32,            // region of act, [row][out_width]; with silu followed by its inputs, same shape
  activation: u32,
  pad: u32,
}

const MAX_LAYERS = 8u;

struct Mlp {
  num_layers: u32,
  head: u32,              // region of the last layer's outputs
  head_width: u32,
  pad: u32,
  layers: array<Dense, MAX_LAYERS>,
}
