// Linear layers of one network on a tile of rows in workgroup memory. A layer's inputs and outputs are regions of `act`;
// weights come from `parameters`. The threads of the workgroup share the work; which thread does what changes no bit. All
// offsets and widths here are in vec4s.
// Needs from the importer: var<workgroup> act: array<vec4f, ...>, parameters: array<vec4f>, args.networks:
// array<Mlp, 2> (actor, critic).
//#import "shaders/lib/network/mlp.wgsl"
//#import "shaders/lib/network/activation.wgsl"
//#import "shaders/lib/network/weights.wgsl"

// output = activation(input W^T + b) of a hidden layer on rows [0, rows). A thread takes blocks of 4 rows and 4 columns, which
// need the fewest loads; or 1 row and 4 columns where there would be more threads than blocks.
fn dense_forward(layer: Dense, base: u32, rows: u32, thread: u32, threads: u32) {
  let in_stride = layer.in_width + 1u;
  let height = select(1u, 4u, rows / 4u * layer.out_width >= threads);
  let groups = rows / height;
  for (var block = thread; block < groups * layer.out_width; block += threads) {
    let row = block % groups * height;
    let column = block / groups;
    let x = layer.input + row * in_stride;
    let y = layer.output + row * layer.out_stride + column;
    let w = base + layer.weight + column * 4u * layer.in_width;
    let bias = parameters[base + layer.bias + column];
    if (height == 4u) { forward_4x4(layer, x, y, w, bias); } else { forward_1x4(layer, x, y, w, bias); }
    // In a loop, which keeps one text of the activation.
    for (var i = 0u; i < height; i++) {
      let at = y + i * layer.out_stride;
      if (layer.kept > 0u) { act[at + layer.kept] = act[at]; }
      act[at] = activate(act[at], layer.activation);
    }
  }
}

fn forward_4x4(layer: Dense, x: u32, y: u32, w: u32, bias: vec4f) {
  let width = layer.in_width;
  let in_stride = width + 1u;
  var y0 = bias; var y1 = bias; var y2 = bias; var y3 = bias;
  for (var k = 0u; k < width; k++) {
    let m = weights(w + k, width);
    y0 = add_outputs(m, act[x + k], y0);
    y1 = add_outputs(m, act[x + in_stride + k], y1);
    y2 = add_outputs(m, act[x + 2u * in_stride + k], y2);
    y3 = add_outputs(m, act[x + 3u * in_stride + k], y3);
  }
  act[y] = y0;
  act[y + layer.out_stride] = y1;
  act[y + 2u * layer.out_stride] = y2;
  act[y + 3u * layer.out_stride] = y3;
}

fn forward_1x4(layer: Dense, x: u32, y: u32, w: u32, bias: vec4f) {
  var sum = bias;
  for (var k = 0u; k < layer.in_width; k++) { sum = add_outputs(weights(w + k, layer.in_width), act[x + k], sum); }
  act[y] = sum;
}

// The last layer has few columns: four threads share an output, each every fourth vec4 of the inputs. The thread that needs
// the outputs of a row adds them: collect_head.
fn head_forward(layer: Dense, parts: u32, base: u32, rows: u32, thread: u32, threads: u32) {
  for (var i = thread; i < 4u * rows * layer.out_width; i += threads) {
    let part = i % 4u;
    let column = i / 4u / rows;
    let x = layer.input + i / 4u % rows * (layer.in_width + 1u);
    let w = base + layer.weight + column * 4u * layer.in_width;
    var y = vec4f();
    if (part == 0u) { y = parameters[base + layer.bias + column]; }
    for (var k = part; k < layer.in_width; k += 4u) { y = add_outputs(weights(w + k, layer.in_width), act[x + k], y); }
    act[parts + i] = y;
  }
}

// Puts the outputs of row `row` of `rows` into the head's region.
fn collect_head(network: u32, rows: u32, row: u32) {
  let width = args.networks[network].head_width;
  for (var column = 0u; column < width; column++) {
    let at = args.networks[network].parts + 4u * (column * rows + row);
    act[args.networks[network].head + row * width + column] = act[at] + act[at + 1u] + act[at + 2u] + act[at + 3u];
  }
}

// The whole network, from the inputs of its first layer to the parts of its outputs. Must be called in uniform control flow.
fn mlp_forward(network: u32, base: u32, rows: u32, thread: u32, threads: u32) {
  let last = args.networks[network].num_layers - 1u;
  for (var l = 0u; l < last; l++) {
    dense_forward(args.networks[network].layers[l], base, rows, thread, threads);
    workgroupBarrier(); // wait for the layer's outputs
  }
  head_forward(args.networks[network].layers[last], args.networks[network].parts, base, rows, thread, threads);
  workgroupBarrier(); // wait for the parts
}
