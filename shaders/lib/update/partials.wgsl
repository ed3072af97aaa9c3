// One partial of a minibatch's gradient, as stored in buffers: [parameter_stride] floats, then the sums of the losses
// of its rows, separately for policy and values: two LossSums of shaders/lib/update/loss_sums.wgsl.
const LOSS_SUMS = 4u;     // vec4s
const PARTIAL_TAIL = 2u * LOSS_SUMS;

// vec4s from one partial to the next.
fn partial_width(parameter_stride: u32) -> u32 {
  return parameter_stride / 4u + PARTIAL_TAIL;
}
