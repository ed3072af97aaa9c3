// The backward passes of shaders/lib/network/dense.wgsl. A layer's output region holds the gradient of its outputs; the
// gradient of its inputs replaces the inputs.
// Needs from the importer, besides the needs of dense.wgsl: partials: array<vec4f>, read_write.
//#import "shaders/lib/network/dense.wgsl"

// Adds dLoss/dW = dLoss/dy^T x and dLoss/db = sum dLoss/dy over the tile's rows, in order, to the partial at `base`.
// The first tile of a partial overwrites it.
fn dense_backward_weight(layer: Dense, base: u32, rows: u32, is_first: bool, thread: u32, threads: u32) {
  let tiles_across = (layer.in_width + 1u) / 2u;
  let tiles = tiles_across * ((layer.out_width + 1u) / 2u);
  for (var tile = thread; tile < tiles; tile += threads) {
    weight_8x8(layer, base, rows, is_first, tile / tiles_across * 2u, tile % tiles_across * 2u);
  }
  for (var i = thread; i < layer.out_width; i += threads) {
    var db = before(base + layer.bias + i, is_first);
    for (var r = 0u; r < rows; r++) { db += act[layer.output + r * layer.out_width + i]; }
    partials[base + layer.bias + i] = db;
  }
}

fn before(at: u32, is_first: bool) -> vec4f {
  if (is_first) { return vec4f(); }
  return partials[at];
}

// Rows 4 row to 4 row + 7 of W, columns `column` and the next, in vec4s. Past the edge it computes with the last row or
// column and stores nothing.
fn weight_8x8(layer: Dense, base: u32, rows: u32, is_first: bool, row: u32, column: u32) {
  let width = layer.in_width;
  let next_row = min(row + 1u, layer.out_width - 1u);
  let next_column = min(column + 1u, width - 1u);
  let wa = base + layer.weight + row * 4u * width + column;
  let wb = base + layer.weight + row * 4u * width + next_column;
  let high = (next_row - row) * 4u * width; // 0 if there is no next row
  var d0a = before(wa, is_first); var d0b = before(wb, is_first);
  var d1a = before(wa + width, is_first); var d1b = before(wb + width, is_first);
  var d2a = before(wa + 2u * width, is_first); var d2b = before(wb + 2u * width, is_first);
  var d3a = before(wa + 3u * width, is_first); var d3b = before(wb + 3u * width, is_first);
  var d4a = before(wa + high, is_first); var d4b = before(wb + high, is_first);
  var d5a = before(wa + high + width, is_first); var d5b = before(wb + high + width, is_first);
  var d6a = before(wa + high + 2u * width, is_first); var d6b = before(wb + high + 2u * width, is_first);
  var d7a = before(wa + high + 3u * width, is_first); var d7b = before(wb + high + 3u * width, is_first);
  for (var r = 0u; r < rows; r++) {
    let xa = act[layer.input + r * width + column];
    let xb = act[layer.input + r * width + next_column];
    let dy_low = act[layer.output + r * layer.out_width + row];
    let dy_high = act[layer.output + r * layer.out_width + next_row];
    d0a += dy_low.x * xa; d0b += dy_low.x * xb;
    d1a += dy_low.y * xa; d1b += dy_low.y * xb;
    d2a += dy_low.z * xa; d2b += dy_low.z * xb;
    d3a += dy_low.w * xa; d3b += dy_low.w * xb;
    d4a += dy_high.x * xa; d4b += dy_high.x * xb;
    d5a += dy_high.y * xa; d5b += dy_high.y * xb;
    d6a += dy_high.z * xa; d6b += dy_high.z * xb;
    d7a += dy_high.w * xa; d7b += dy_high.w * xb;
  }
  let wide = next_column > column;
  store_pair(wa, wide, d0a, d0b);
  store_pair(wa + width, wide, d1a, d1b);
  store_pair(wa + 2u * width, wide, d2a, d2b);
  store_pair(wa + 3u * width, wide, d3a, d3b);
  if (high == 0u) { return; }
  store_pair(wa + high, wide, d4a, d4b);
  store_pair(wa + high + width, wide, d5a, d5b);
  store_pair(wa + high + 2u * width, wide, d6a, d6b);
  store_pair(wa + high + 3u * width, wide, d7a, d7b);
}

fn store_pair(at: u32, wide: bool, a: vec4f, b: vec4f) {
  partials[at] = a;
  if (wide) { partials[at + 1u] = b; }
}

// input = (d_output W) * activation'(input); `activation` is that of the layer before. A thread replaces only inputs
// that no other thread reads any more.
fn dense_backward_input(layer: Dense, base: u32, rows: u32, activation: u32, thread: u32, threads: u32) {
  let row_tiles = rows / 8u;
  let tiles = row_tiles * ((layer.in_width + 1u) / 2u);
  for (var tile = thread; tile < tiles; tile += threads) {
    input_8x8(layer, base, rows, activation, tile % row_tiles * 8u, tile / row_tiles * 2u);
  }
}

fn input_8x8(layer: Dense, base: u32, rows: u32, activation: u32, row: u32, column: u32) {
  let width = layer.in_width;
  let next = min(column + 1u, width - 1u);
  let y = layer.output + row * layer.out_width;
  let stride = layer.out_width;
  var d0a = vec4f(); var d1a = vec4f(); var d2a = vec4f(); var d3a = vec4f();
  var d4a = vec4f(); var d5a = vec4f(); var d6a = vec4f(); var d7a = vec4f();
  var d0b = vec4f(); var d1b = vec4f(); var d2b = vec4f(); var d3b = vec4f();
  var d4b = vec4f(); var d5b = vec4f(); var d6b = vec4f(); var d7b = vec4f();
  for (var k = 0u; k < layer.out_width; k++) {
    let w = base + layer.weight + 4u * k * width;
    let ma = weights(w + column, width);
    let mb = weights(w + next, width);
    let dy0 = act[y + k]; d0a += ma * dy0; d0b += mb * dy0;
    let dy1 = act[y + stride + k]; d1a += ma * dy1; d1b += mb * dy1;
    let dy2 = act[y + 2u * stride + k]; d2a += ma * dy2; d2b += mb * dy2;
    let dy3 = act[y + 3u * stride + k]; d3a += ma * dy3; d3b += mb * dy3;
    let dy4 = act[y + 4u * stride + k]; d4a += ma * dy4; d4b += mb * dy4;
    let dy5 = act[y + 5u * stride + k]; d5a += ma * dy5; d5b += mb * dy5;
    let dy6 = act[y + 6u * stride + k]; d6a += ma * dy6; d6b += mb * dy6;
    let dy7 = act[y + 7u * stride + k]; d7a += ma * dy7; d7b += mb * dy7;
  }
  let x = layer.input + row * width + column;
  let wide = next > column;
  // Replaces the activations by their derivatives; in a loop, to keep compilation short.
  for (var i = 0u; i < 16u; i++) {
    let at = x + i / 2u * width + i % 2u;
    if (column + i % 2u < width) { act[at] = d_activate(act[at + kept(activation, rows * width)], activation); }
  }
  replace_pair(x, wide, d0a, d0b);
  replace_pair(x + width, wide, d1a, d1b);
  replace_pair(x + 2u * width, wide, d2a, d2b);
  replace_pair(x + 3u * width, wide, d3a, d3b);
  replace_pair(x + 4u * width, wide, d4a, d4b);
  replace_pair(x + 5u * width, wide, d5a, d5b);
  replace_pair(x + 6u * width, wide, d6a, d6b);
  replace_pair(x + 7u * width, wide, d7a, d7b);
}

fn replace_pair(at: u32, wide: bool, a: vec4f, b: vec4f) {
  act[at] *= a;
  if (wide) { act[at + 1u] *= b; }
}

// The whole network, from the gradient in `head` to the partial at `partial`. Must be called in uniform control flow.
fn mlp_backward(network: u32, base: u32, partial: u32, rows: u32, is_first: bool, thread: u32, threads: u32) {
  for (var l = args.networks[network].num_layers; l > 0u; l--) {
    dense_backward_weight(args.networks[network].layers[l - 1u], partial, rows, is_first, thread, threads);
    workgroupBarrier(); // wait until the layer's inputs have been read, before replacing them
    if (l > 1u) {
      let activation = args.networks[network].layers[l - 2u].activation;
      dense_backward_input(args.networks[network].layers[l - 1u], base, rows, activation, thread, threads);
      workgroupBarrier(); // wait for the gradient of the layer's inputs
    }
  }
}
