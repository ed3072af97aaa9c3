// Forward pass of a quad with 8 rows per lane: y = activation(W x + b). Twin: src/reference/mlp.ts
//#import "shaders/lib/network/quad_share.wgsl"

const LANE_ROWS = 8u;

// The whole network, from the inputs of its first layer to `head`, on the 8 rows of each lane.
fn mlp_forward(network: u32) {
  for (var l = 0u; l < args.networks[network].num_layers; l++) {
    let layer = args.networks[network].layers[l];
    for (var row = 0u; row < LANE_ROWS; row += 4u) {
      for (var column = 0u; column < layer.out_width; column += 2u) { forward_4x8(layer, row, column); }
    }
    if (layer.activation == IDENTITY) { continue; }
    let size = LANE_ROWS * layer.out_width;
    for (var i = 0u; i < size; i++) {
      let x = act[layer.output + i];
      if (layer.activation == SILU) { act[layer.output + size + i] = x; }
      act[layer.output + i] = activate(x, layer.activation);
    }
  }
}

// 4 rows and 8 columns. If only 4 columns are left, both halves compute and store the same.
fn forward_4x8(layer: Dense, row: u32, column: u32) {
  let width = layer.in_width;
  let x = layer.input + row * width;
  let next = min(column + 1u, layer.out_width - 1u);
  let wa = layer.share + column * width;
  let wb = layer.share + next * width;
  let biases = layer.share + layer.out_width * width;
  var y0a = share[biases + column];
  var y0b = share[biases + next];
  var y1a = y0a; var y2a = y0a; var y3a = y0a;
  var y1b = y0b; var y2b = y0b; var y3b = y0b;
  for (var k = 0u; k < width; k++) {
    let x0 = act[x + k];
    let x1 = act[x + width + k];
    let x2 = act[x + 2u * width + k];
    let x3 = act[x + 3u * width + k];
    let a = share[wa + k];
    let a0 = quadBroadcast(a, 0u); let a1 = quadBroadcast(a, 1u);
    let a2 = quadBroadcast(a, 2u); let a3 = quadBroadcast(a, 3u);
    y0a = add_dots(x0, a0, a1, a2, a3, y0a);
    y1a = add_dots(x1, a0, a1, a2, a3, y1a);
    y2a = add_dots(x2, a0, a1, a2, a3, y2a);
    y3a = add_dots(x3, a0, a1, a2, a3, y3a);
    let b = share[wb + k];
    let b0 = quadBroadcast(b, 0u); let b1 = quadBroadcast(b, 1u);
    let b2 = quadBroadcast(b, 2u); let b3 = quadBroadcast(b, 3u);
    y0b = add_dots(x0, b0, b1, b2, b3, y0b);
    y1b = add_dots(x1, b0, b1, b2, b3, y1b);
    y2b = add_dots(x2, b0, b1, b2, b3, y2b);
    y3b = add_dots(x3, b0, b1, b2, b3, y3b);
  }
  let ya = layer.output + row * layer.out_width + column;
  let yb = layer.output + row * layer.out_width + next;
  let stride = layer.out_width;
  act[ya] = y0a; act[yb] = y0b;
  act[ya + stride] = y1a; act[yb + stride] = y1b;
  act[ya + 2u * stride] = y2a; act[yb + 2u * stride] = y2b;
  act[ya + 3u * stride] = y3a; act[yb + 3u * stride] = y3b;
}
