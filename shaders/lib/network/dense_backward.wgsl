// The backward passes of shaders/lib/network/dense.wgsl: from the gradient of a layer's outputs, in its region d_output, to
// those of its weights, in a partial, and of its inputs, in the region d_output of the layer before.
// Needs from the importer, besides the needs of dense.wgsl: partials: array<vec4f>, read_write.
//#import "shaders/lib/network/dense.wgsl"

// Adds dLoss/dW = dLoss/dy^T x and dLoss/db = sum dLoss/dy over the tile's rows, in order, to the partial at `base`.
// The first tile of a partial overwrites it.
fn dense_backward_weight(layer: Dense, base: u32, rows: u32, is_first: bool, thread: u32, threads: u32) {
  let across = (layer.in_width + 1u) / 2u;
  for (var block = thread; block < across * layer.out_width; block += threads) {
    weight_4x8(layer, base, rows, is_first, block / across, block % across * 2u);
  }
  for (var i = thread; i < layer.out_width; i += threads) {
    var db = before(base + layer.bias + i, is_first);
    for (var r = 0u; r < rows; r++) { db += act[layer.d_output + r * layer.out_stride + i]; }
    partials[base + layer.bias + i] = db;
  }
}

fn before(at: u32, is_first: bool) -> vec4f {
  if (is_first) { return vec4f(); }
  return partials[at];
}

// Rows 4 row to 4 row + 3 of W, columns `column` and the next, in vec4s. Past the edge it computes with the last column and
// stores nothing.
fn weight_4x8(layer: Dense, base: u32, rows: u32, is_first: bool, row: u32, column: u32) {
  let width = layer.in_width;
  let next = min(column + 1u, width - 1u);
  let wa = base + layer.weight + row * 4u * width + column;
  let wb = base + layer.weight + row * 4u * width + next;
  var d0a = before(wa, is_first); var d0b = before(wb, is_first);
  var d1a = before(wa + width, is_first); var d1b = before(wb + width, is_first);
  var d2a = before(wa + 2u * width, is_first); var d2b = before(wb + 2u * width, is_first);
  var d3a = before(wa + 3u * width, is_first); var d3b = before(wb + 3u * width, is_first);
  var x = layer.input;
  var y = layer.d_output + row;
  for (var r = 0u; r < rows; r++) {
    let xa = act[x + column];
    let xb = act[x + next];
    let dy = act[y];
    d0a = fma(vec4f(dy.x), xa, d0a); d0b = fma(vec4f(dy.x), xb, d0b);
    d1a = fma(vec4f(dy.y), xa, d1a); d1b = fma(vec4f(dy.y), xb, d1b);
    d2a = fma(vec4f(dy.z), xa, d2a); d2b = fma(vec4f(dy.z), xb, d2b);
    d3a = fma(vec4f(dy.w), xa, d3a); d3b = fma(vec4f(dy.w), xb, d3b);
    x += width + 1u;
    y += layer.out_stride;
  }
  let wide = next > column;
  store_pair(wa, wide, d0a, d0b);
  store_pair(wa + width, wide, d1a, d1b);
  store_pair(wa + 2u * width, wide, d2a, d2b);
  store_pair(wa + 3u * width, wide, d3a, d3b);
}

fn store_pair(at: u32, wide: bool, a: vec4f, b: vec4f) {
  partials[at] = a;
  if (wide) { partials[at + 1u] = b; }
}

// d_output of the layer before = (d_output W) * activation'(input), in blocks of 4 rows and 4 columns.
fn dense_backward_input(layer: Dense, previous: Dense, base: u32, rows: u32, thread: u32, threads: u32) {
  let width = layer.in_width;
  let groups = rows / 4u;
  for (var block = thread; block < groups * width; block += threads) {
    let row = block % groups * 4u;
    let column = block / groups;
    let y = layer.d_output + row * layer.out_stride;
    let w = base + layer.weight + column;
    var d0 = vec4f(); var d1 = vec4f(); var d2 = vec4f(); var d3 = vec4f();
    for (var k = 0u; k < layer.out_width; k++) {
      let m = weights(w + 4u * k * width, width);
      d0 = add_inputs(m, act[y + k], d0);
      d1 = add_inputs(m, act[y + layer.out_stride + k], d1);
      d2 = add_inputs(m, act[y + 2u * layer.out_stride + k], d2);
      d3 = add_inputs(m, act[y + 3u * layer.out_stride + k], d3);
    }
    let d = previous.d_output + row * previous.out_stride + column;
    act[d] = d0;
    act[d + previous.out_stride] = d1;
    act[d + 2u * previous.out_stride] = d2;
    act[d + 3u * previous.out_stride] = d3;
    let known = previous.output + previous.kept + row * previous.out_stride + column;
    // In a loop, which keeps one text of the derivative.
    for (var i = 0u; i < min(rows, 4u); i++) {
      let at = i * previous.out_stride;
      act[d + at] *= d_activate(act[known + at], previous.activation);
    }
  }
}

// The whole network, from the gradient in `head` to the partial at `partial`. Must be called in uniform control flow. The
// caller waits before it writes to act again.
fn mlp_backward(network: u32, base: u32, partial: u32, rows: u32, is_first: bool, thread: u32, threads: u32) {
  for (var l = args.networks[network].num_layers; l > 0u; l--) {
    dense_backward_weight(args.networks[network].layers[l - 1u], partial, rows, is_first, thread, threads);
    if (l == 1u) { break; }
    dense_backward_input(args.networks[network].layers[l - 1u], args.networks[network].layers[l - 2u], base, rows, thread, threads);
    workgroupBarrier(); // wait for the gradient of the layer's inputs
  }
}
