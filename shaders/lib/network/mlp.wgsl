// Where the layers of a network lie, for the fused kernels. All offsets and widths are in vec4s.

struct Dense {
  in_width: u32,
  out_width: u32,
  weight: u32,            // [4 out_width][in_width]
  bias: u32,              // [out_width]
  input: u32,             // region of act, [row][in_width]
  output: u32,            // region of act, [row][out_width]; before silu also what it is taken of, in the same form
  activation: u32,
  share: u32,             // where the layer begins in a lane's share of the weights (shaders/lib/network/quad_share.wgsl)
}

const MAX_LAYERS = 8u;

struct Mlp {
  num_layers: u32,
  head: u32,              // region of the last layer's outputs
  head_width: u32,
  pad: u32,
  layers: array<Dense, MAX_LAYERS>,
}
