// Backward pass of a quad, on the rows of quad_forward.wgsl. A layer's output region holds the gradient of its outputs;
// the gradient of its inputs replaces the inputs. Twin: src/reference/mlp.ts
// Needs from the importer, besides the needs of quad_share.wgsl: partials: array<vec4f>, read_write.
//#import "shaders/lib/network/quad_forward.wgsl"

// The lane's share of the gradient, with the layout of `share`.
var<private> d_share: array<vec4f, QUAD_SHARE>;

// Adds dLoss/dW = dLoss/dy^T x and dLoss/db = sum dLoss/dy over the quad's rows.
fn backward_weight(layer: Dense, lane: u32) {
  for (var column = 0u; column < layer.in_width; column++) { weight_columns(layer, lane, column); }
  let biases = layer.share + layer.out_width * layer.in_width;
  for (var o = 0u; o < layer.out_width; o++) {
    var sum = vec4f();
    for (var r = 0u; r < LANE_ROWS; r++) { sum += act[layer.output + r * layer.out_width + o]; }
    d_share[biases + o] += quad_sum(sum);
  }
}

// The weights of the four inputs of vec4 `column`.
fn weight_columns(layer: Dense, lane: u32, column: u32) {
  let width = layer.in_width;
  let x0a = act[layer.input + column];
  let x1a = act[layer.input + width + column];
  let x2a = act[layer.input + 2u * width + column];
  let x3a = act[layer.input + 3u * width + column];
  let x4a = act[layer.input + 4u * width + column];
  let x5a = act[layer.input + 5u * width + column];
  let x6a = act[layer.input + 6u * width + column];
  let x7a = act[layer.input + 7u * width + column];
  let stride = layer.out_width;
  for (var o = 0u; o < layer.out_width; o++) {
    let dy0 = act[layer.output + o];
    let dy1 = act[layer.output + stride + o];
    let dy2 = act[layer.output + 2u * stride + o];
    let dy3 = act[layer.output + 3u * stride + o];
    let dy4 = act[layer.output + 4u * stride + o];
    let dy5 = act[layer.output + 5u * stride + o];
    let dy6 = act[layer.output + 6u * stride + o];
    let dy7 = act[layer.output + 7u * stride + o];
    let a0 = weighted_sum(
      dy0.x, dy1.x, dy2.x, dy3.x, dy4.x, dy5.x, dy6.x, dy7.x,
      x0a, x1a, x2a, x3a, x4a, x5a, x6a, x7a,
    );
    let a1 = weighted_sum(
      dy0.y, dy1.y, dy2.y, dy3.y, dy4.y, dy5.y, dy6.y, dy7.y,
      x0a, x1a, x2a, x3a, x4a, x5a, x6a, x7a,
    );
    let a2 = weighted_sum(
      dy0.z, dy1.z, dy2.z, dy3.z, dy4.z, dy5.z, dy6.z, dy7.z,
      x0a, x1a, x2a, x3a, x4a, x5a, x6a, x7a,
    );
    let a3 = weighted_sum(
      dy0.w, dy1.w, dy2.w, dy3.w, dy4.w, dy5.w, dy6.w, dy7.w,
      x0a, x1a, x2a, x3a, x4a, x5a, x6a, x7a,
    );
    let at = layer.share + o * width + column;
    d_share[at] += quad_scatter_sum(lane, a0, a1, a2, a3);
  }
}

fn weighted_sum(
  c0: f32, c1: f32, c2: f32, c3: f32, c4: f32, c5: f32, c6: f32, c7: f32,
  x0: vec4f, x1: vec4f, x2: vec4f, x3: vec4f, x4: vec4f, x5: vec4f, x6: vec4f, x7: vec4f,
) -> vec4f {
  let low = fma(vec4f(c3), x3, fma(vec4f(c2), x2, fma(vec4f(c1), x1, c0 * x0)));
  return fma(vec4f(c7), x7, fma(vec4f(c6), x6, fma(vec4f(c5), x5, fma(vec4f(c4), x4, low))));
}

// input = (d_output W) * activation'(input), 4 rows and 8 inputs at a time; `activation` is that of the layer before.
// If only 4 inputs are left, they are computed twice and stored once.
fn backward_input(layer: Dense, activation: u32) {
  for (var row = 0u; row < LANE_ROWS; row += 4u) {
    for (var column = 0u; column < layer.in_width; column += 2u) { input_4x8(layer, activation, row, column); }
  }
}

fn input_4x8(layer: Dense, activation: u32, row: u32, column: u32) {
  var d0a = vec4f(); var d1a = vec4f(); var d2a = vec4f(); var d3a = vec4f();
  var d0b = vec4f(); var d1b = vec4f(); var d2b = vec4f(); var d3b = vec4f();
  let next = min(column + 1u, layer.in_width - 1u);
  let stride = layer.out_width;
  let y = layer.output + row * stride;
  for (var k = 0u; k < stride; k++) {
    let w = layer.share + k * layer.in_width;
    let dy0 = act[y + k];
    let dy1 = act[y + stride + k];
    let dy2 = act[y + 2u * stride + k];
    let dy3 = act[y + 3u * stride + k];
    let a = share[w + column];
    let a0 = quadBroadcast(a, 0u); let a1 = quadBroadcast(a, 1u);
    let a2 = quadBroadcast(a, 2u); let a3 = quadBroadcast(a, 3u);
    d0a = add_columns(dy0, a0, a1, a2, a3, d0a);
    d1a = add_columns(dy1, a0, a1, a2, a3, d1a);
    d2a = add_columns(dy2, a0, a1, a2, a3, d2a);
    d3a = add_columns(dy3, a0, a1, a2, a3, d3a);
    let b = share[w + next];
    let b0 = quadBroadcast(b, 0u); let b1 = quadBroadcast(b, 1u);
    let b2 = quadBroadcast(b, 2u); let b3 = quadBroadcast(b, 3u);
    d0b = add_columns(dy0, b0, b1, b2, b3, d0b);
    d1b = add_columns(dy1, b0, b1, b2, b3, d1b);
    d2b = add_columns(dy2, b0, b1, b2, b3, d2b);
    d3b = add_columns(dy3, b0, b1, b2, b3, d3b);
  }
  let width = layer.in_width;
  let x = layer.input + row * width + column;
  let wide = next > column;
  // Replaces the activations by their derivatives; in a loop, to keep the code short.
  for (var i = 0u; i < 8u; i++) {
    let at = x + i / 2u * width + i % 2u;
    if (wide || i % 2u == 0u) { act[at] = d_activate(act[at + kept(activation, LANE_ROWS * width)], activation); }
  }
  replace_pair(x, wide, d0a, d0b);
  replace_pair(x + width, wide, d1a, d1b);
  replace_pair(x + 2u * width, wide, d2a, d2b);
  replace_pair(x + 3u * width, wide, d3a, d3b);
}

fn replace_pair(at: u32, wide: bool, a: vec4f, b: vec4f) {
  act[at] *= a;
  if (wide) { act[at + 1u] *= b; }
}

// The whole network, from the gradient in `head` to d_share.
fn mlp_backward(network: u32, lane: u32) {
  for (var l = args.networks[network].num_layers; l > 0u; l--) {
    let layer = args.networks[network].layers[l - 1u];
    backward_weight(layer, lane);
    if (l > 1u) { backward_input(layer, args.networks[network].layers[l - 2u].activation); }
  }
}

// Writes the lane's part of the partial at `partial`; one lane writes what all lanes have.
fn store_d_share(network: u32, partial: u32, lane: u32) {
  for (var l = 0u; l < args.networks[network].num_layers; l++) {
    let layer = args.networks[network].layers[l];
    let biases = layer.share + layer.out_width * layer.in_width;
    for (var o = 0u; o < layer.out_width; o++) {
      let row = partial + layer.weight + (4u * o + lane) * layer.in_width;
      for (var k = 0u; k < layer.in_width; k++) { partials[row + k] = d_share[layer.share + o * layer.in_width + k]; }
      if (lane == 0u) { partials[partial + layer.bias + o] = d_share[biases + o]; }
    }
  }
}
