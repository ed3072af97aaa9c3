// Linear layers of one network on a tile of rows in workgroup memory. A layer's inputs and outputs are regions of
// `act`; weights come from `parameters`. The threads of the workgroup share the tiles of 8 rows x 8 columns; the number
// of threads does not change the results: they are bit-identical. All offsets and widths here are in vec4s.
// Needs from the importer: var<workgroup> act: array<vec4f, ...>, parameters: array<vec4f>, args.networks:
// array<Mlp, 2> (actor, critic).
//#import "shaders/lib/network/mlp.wgsl"
//#import "shaders/lib/network/activation.wgsl"
//#import "shaders/lib/network/weights.wgsl"

// output = activation(input W^T + b) on rows [0, rows); the agent's parameters begin at `base`.
fn dense_forward(layer: Dense, base: u32, rows: u32, thread: u32, threads: u32) {
  let row_tiles = rows / 8u;
  let tiles = row_tiles * ((layer.out_width + 1u) / 2u);
  for (var tile = thread; tile < tiles; tile += threads) {
    let row = tile % row_tiles * 8u;
    let column = tile / row_tiles * 2u;
    if (column + 1u < layer.out_width) { forward_8x8(layer, base, row, column); } else { forward_8x4(layer, base, row, column); }
    // In a separate loop: one inlined activation instead of sixteen keeps compilation short.
    for (var i = 0u; i < 16u && layer.activation != IDENTITY; i++) {
      let at = layer.output + (row + i / 2u) * layer.out_width + column + i % 2u;
      if (column + i % 2u >= layer.out_width) { continue; }
      if (layer.activation == SILU) { act[at + rows * layer.out_width] = act[at]; }
      act[at] = activate(act[at], layer.activation);
    }
  }
}

fn forward_8x8(layer: Dense, base: u32, row: u32, column: u32) {
  let width = layer.in_width;
  let x = layer.input + row * width;
  let wa = base + layer.weight + column * 4u * width;
  let wb = wa + 4u * width;
  var y0a = parameters[base + layer.bias + column];
  var y0b = parameters[base + layer.bias + column + 1u];
  var y1a = y0a; var y2a = y0a; var y3a = y0a; var y4a = y0a; var y5a = y0a; var y6a = y0a; var y7a = y0a;
  var y1b = y0b; var y2b = y0b; var y3b = y0b; var y4b = y0b; var y5b = y0b; var y6b = y0b; var y7b = y0b;
  for (var k = 0u; k < width; k++) {
    let ma = weights(wa + k, width);
    let mb = weights(wb + k, width);
    let x0 = act[x + k]; y0a += x0 * ma; y0b += x0 * mb;
    let x1 = act[x + width + k]; y1a += x1 * ma; y1b += x1 * mb;
    let x2 = act[x + 2u * width + k]; y2a += x2 * ma; y2b += x2 * mb;
    let x3 = act[x + 3u * width + k]; y3a += x3 * ma; y3b += x3 * mb;
    let x4 = act[x + 4u * width + k]; y4a += x4 * ma; y4b += x4 * mb;
    let x5 = act[x + 5u * width + k]; y5a += x5 * ma; y5b += x5 * mb;
    let x6 = act[x + 6u * width + k]; y6a += x6 * ma; y6b += x6 * mb;
    let x7 = act[x + 7u * width + k]; y7a += x7 * ma; y7b += x7 * mb;
  }
  let stride = layer.out_width;
  let y = layer.output + row * stride + column;
  act[y] = y0a; act[y + 1u] = y0b;
  act[y + stride] = y1a; act[y + stride + 1u] = y1b;
  act[y + 2u * stride] = y2a; act[y + 2u * stride + 1u] = y2b;
  act[y + 3u * stride] = y3a; act[y + 3u * stride + 1u] = y3b;
  act[y + 4u * stride] = y4a; act[y + 4u * stride + 1u] = y4b;
  act[y + 5u * stride] = y5a; act[y + 5u * stride + 1u] = y5b;
  act[y + 6u * stride] = y6a; act[y + 6u * stride + 1u] = y6b;
  act[y + 7u * stride] = y7a; act[y + 7u * stride + 1u] = y7b;
}

// The last columns of an odd number of vec4s.
fn forward_8x4(layer: Dense, base: u32, row: u32, column: u32) {
  let width = layer.in_width;
  let x = layer.input + row * width;
  let w = base + layer.weight + column * 4u * width;
  var y0 = parameters[base + layer.bias + column];
  var y1 = y0; var y2 = y0; var y3 = y0; var y4 = y0; var y5 = y0; var y6 = y0; var y7 = y0;
  for (var k = 0u; k < width; k++) {
    let m = weights(w + k, width);
    y0 += act[x + k] * m;
    y1 += act[x + width + k] * m;
    y2 += act[x + 2u * width + k] * m;
    y3 += act[x + 3u * width + k] * m;
    y4 += act[x + 4u * width + k] * m;
    y5 += act[x + 5u * width + k] * m;
    y6 += act[x + 6u * width + k] * m;
    y7 += act[x + 7u * width + k] * m;
  }
  let stride = layer.out_width;
  let y = layer.output + row * stride + column;
  act[y] = y0;
  act[y + stride] = y1;
  act[y + 2u * stride] = y2;
  act[y + 3u * stride] = y3;
  act[y + 4u * stride] = y4;
  act[y + 5u * stride] = y5;
  act[y + 6u * stride] = y6;
  act[y + 7u * stride] = y7;
}

// The whole network, from the inputs of its first layer to `head`. Must be called in uniform control flow.
fn mlp_forward(network: u32, base: u32, rows: u32, thread: u32, threads: u32) {
  for (var l = 0u; l < args.networks[network].num_layers; l++) {
    dense_forward(args.networks[network].layers[l], base, rows, thread, threads);
    workgroupBarrier(); // wait for the layer's outputs
  }
}
