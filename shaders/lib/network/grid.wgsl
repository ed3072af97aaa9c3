// Convolutions, pooling and dense layers of one network on the GRID_ROWS rows of a workgroup, for grid_rollout. A layer's
// inputs and outputs are regions of `act`, weights come from `parameters`. The threads of the workgroup share the work; which
// thread does what changes no bit, nor does the number of rows: a thread that has loaded weights uses them for all rows.
// Needs from the importer: var<workgroup> act: array<vec4f, ...>, parameters: array<vec4f>, args.networks:
// array<Mlp, 2> (actor, critic).
//#import "shaders/lib/network/mlp.wgsl"
//#import "shaders/lib/network/activation.wgsl"
//#import "shaders/lib/network/weights.wgsl"

// Threads that share an output of a dense layer, each every fourth vec4 of the inputs: so many wait for weights at once.
const DENSE_PARTS = 4u;

fn dense_parts(layer: GridLayer, base: u32, thread: u32, threads: u32) {
  for (var i = thread; i < DENSE_PARTS * layer.out_vecs; i += threads) {
    let part = i % DENSE_PARTS;
    let column = i / DENSE_PARTS;
    let w = base + layer.weight + column * 4u * layer.in_vecs;
    let bias = select(vec4f(), parameters[base + layer.bias + column], part == 0u);
//#repeat $r < GRID_ROWS
    var y$r = bias;
//#end
    for (var k = part; k < layer.in_vecs; k += DENSE_PARTS) {
      let m = weights(w + k, layer.in_vecs);
//#repeat $r < GRID_ROWS
      y$r = add_outputs(m, act[layer.input + $r * layer.in_stride + k], y$r);
//#end
    }
//#repeat $r < GRID_ROWS
    act[layer.parts + $r * DENSE_PARTS * layer.out_vecs + i] = y$r;
//#end
  }
}

// The outputs from their parts, in place of the inputs, which are not needed any more.
fn dense_outputs(layer: GridLayer, rows: u32, thread: u32, threads: u32) {
  for (var i = thread; i < rows * layer.out_vecs; i += threads) {
    let at = layer.parts + DENSE_PARTS * i;
    act[layer.output + i] = activate(act[at] + act[at + 1u] + act[at + 2u] + act[at + 3u], layer.activation);
  }
}

// As conv_forward: a thread computes 4 channels of a pixel, in all rows.
fn grid_convolution(layer: GridLayer, base: u32, thread: u32, threads: u32) {
  let filter_vecs = layer.kernel * layer.kernel * layer.in_vecs;
  for (var i = thread; i < layer.out_stride; i += threads) {
    let column = i % layer.out_vecs;
    let pixel = i / layer.out_vecs;
    let corner = vec2u(pixel / layer.out_width, pixel % layer.out_width) * layer.stride;
    // The part of the kernel that is inside the map; `corner` is its first pixel, moved by the padding.
    let size = vec2u(layer.height, layer.width) + layer.padding;
    let first = max(vec2u(layer.padding), corner) - corner;
    let end = max(first, min(vec2u(layer.kernel), max(size, corner) - corner));
    let w = base + layer.weight + column * 4u * filter_vecs;
    let bias = parameters[base + layer.bias + column];
//#repeat $r < GRID_ROWS
    var y$r = bias;
//#end
    let length = (end.y - first.y) * layer.in_vecs;
    for (var ky = first.x; ky < end.x; ky++) {
      let pixels = (corner.x + ky - layer.padding) * layer.width + corner.y + first.y - layer.padding;
      let x = layer.input + pixels * layer.in_vecs;
      let from_weight = w + (ky * layer.kernel + first.y) * layer.in_vecs;
      for (var k = 0u; k < length; k++) {
        let m = weights(from_weight + k, filter_vecs);
//#repeat $r < GRID_ROWS
        y$r = add_outputs(m, act[x + $r * layer.in_stride + k], y$r);
//#end
      }
    }
//#repeat $r < GRID_ROWS
    act[layer.output + $r * layer.out_stride + i] = activate(y$r, layer.activation);
//#end
  }
}

// As pool_forward: a thread computes 4 channels of a pixel of a row.
fn grid_pool(layer: GridLayer, rows: u32, thread: u32, threads: u32) {
  for (var i = thread; i < rows * layer.out_stride; i += threads) {
    let vec = i % layer.out_vecs;
    let pixel = i % layer.out_stride / layer.out_vecs;
    let corner = vec2u(pixel / layer.out_width, pixel % layer.out_width) * layer.stride;
    let x = layer.input + i / layer.out_stride * layer.in_stride + vec;
    var largest = vec4f(-3.4028234e38);
    var sum = vec4f();
    for (var ky = 0u; ky < layer.kernel; ky++) {
      for (var kx = 0u; kx < layer.kernel; kx++) {
        let value = act[x + ((corner.x + ky) * layer.width + corner.y + kx) * layer.in_vecs];
        largest = max(largest, value);
        sum += value;
      }
    }
    let y = select(largest, sum / f32(layer.kernel * layer.kernel), layer.kind == MEAN_POOL);
    act[layer.output + i] = activate(y, layer.activation);
  }
}

// The whole network, from the inputs of its first layer to its outputs. Must be called in uniform control flow.
fn grid_forward(network: u32, base: u32, rows: u32, thread: u32, threads: u32) {
  for (var l = 0u; l < args.networks[network].num_layers; l++) {
    let layer = args.networks[network].layers[l];
    if (layer.kind == DENSE) {
      dense_parts(layer, base, thread, threads);
      workgroupBarrier(); // wait for the parts
      dense_outputs(layer, rows, thread, threads);
    } else if (layer.kind == CONVOLUTION) {
      grid_convolution(layer, base, thread, threads);
    } else {
      grid_pool(layer, rows, thread, threads);
    }
    workgroupBarrier(); // wait for the layer's outputs
  }
}
