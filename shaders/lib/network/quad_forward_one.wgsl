// Forward pass of a quad with one row per lane: y = activation(W x + b). Twin: src/reference/mlp.ts
//#import "shaders/lib/network/quad_share.wgsl"

// The whole network, from the inputs of its first layer to `head`, on the one row of each lane.
fn mlp_forward(network: u32) {
  for (var l = 0u; l < args.networks[network].num_layers; l++) {
    let layer = args.networks[network].layers[l];
    for (var column = 0u; column < layer.out_width; column += 2u) { forward_1x8(layer, column); }
    if (layer.activation == IDENTITY) { continue; }
    for (var i = 0u; i < layer.out_width; i++) {
      act[layer.output + i] = activate(act[layer.output + i], layer.activation);
    }
  }
}

// 8 columns. If only 4 are left, both halves compute and store the same.
fn forward_1x8(layer: Dense, column: u32) {
  let width = layer.in_width;
  let x = layer.input;
  let next = min(column + 1u, layer.out_width - 1u);
  let wa = layer.share + column * width;
  let wb = layer.share + next * width;
  let biases = layer.share + layer.out_width * width;
  var y0a = share[biases + column];
  var y0b = share[biases + next];
  for (var k = 0u; k < width; k++) {
    let x0 = act[x + k];
    let a = share[wa + k];
    let a0 = quadBroadcast(a, 0u); let a1 = quadBroadcast(a, 1u);
    let a2 = quadBroadcast(a, 2u); let a3 = quadBroadcast(a, 3u);
    y0a = add_dots(x0, a0, a1, a2, a3, y0a);
    let b = share[wb + k];
    let b0 = quadBroadcast(b, 0u); let b1 = quadBroadcast(b, 1u);
    let b2 = quadBroadcast(b, 2u); let b3 = quadBroadcast(b, 3u);
    y0b = add_dots(x0, b0, b1, b2, b3, y0b);
  }
  act[layer.output + column] = y0a;
  act[layer.output + next] = y0b;
}
