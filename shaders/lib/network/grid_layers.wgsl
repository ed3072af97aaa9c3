// Offsets of the layers of a network for grid_rollout, in which this module stands for mlp.wgsl. All offsets, widths and
// strides are in vec4s; a pixel of a map has whole ones. A region of act is [row][width of the layer].

struct GridLayer {
  kind: u32,
  input: u32,             // regions of act
  output: u32,
  parts: u32,             // region of the four parts of each output of a dense layer
  in_stride: u32,         // from one row of the inputs to the next, and of the outputs
  out_stride: u32,
  in_vecs: u32,           // of a pixel; a row of a dense layer is one pixel
  out_vecs: u32,
  height: u32,            // of the inputs
  width: u32,
  out_height: u32,
  out_width: u32,
  kernel: u32,
  stride: u32,
  padding: u32,
  weight: u32,            // dense: [4 out_vecs][in_vecs]; convolution: [4 out_vecs][kernel][kernel][in_vecs]
  bias: u32,              // [out_vecs]
  activation: u32,
  pad0: u32,
  pad1: u32,
}

const DENSE = 0u;
const CONVOLUTION = 1u;
const MAX_POOL = 2u;
const MEAN_POOL = 3u;

const MAX_GRID_LAYERS = 8u;

struct Mlp {
  num_layers: u32,
  head: u32,              // region of the last layer's outputs, head_width apart
  head_width: u32,
  channels: u32,          // numbers of a pixel of the observation, and the vec4s that they take in act
  pixel_vecs: u32,
  pad0: u32,
  pad1: u32,
  pad2: u32,
  layers: array<GridLayer, MAX_GRID_LAYERS>,
}
