// One network in the private memory of a quad, four lanes of a subgroup. Every lane has its own rows of the batch; of
// every layer's weights lane l holds the rows 4 o + l, and a quad broadcast passes each to the other three. There are
// no barriers: on an adapter that computes on the CPU, this is several times as fast as tiles of workgroup memory. All
// offsets and widths are in vec4s.
// Needs from the importer: parameters: array<vec4f>, args.networks: array<Mlp, 2> (actor, critic).
//#import "shaders/lib/network/quad.wgsl"
//#import "shaders/lib/network/mlp.wgsl"
//#import "shaders/lib/network/activation.wgsl"
//#import "quad"

// Regions of inputs and outputs of the layers, [row of the lane][width].
var<private> act: array<vec4f, QUAD_ACT>;
// The lane's weights, [out_width][in_width], and all biases, [out_width], layer after layer.
var<private> share: array<vec4f, QUAD_SHARE>;

fn load_share(network: u32, base: u32, lane: u32) {
  for (var l = 0u; l < args.networks[network].num_layers; l++) {
    let layer = args.networks[network].layers[l];
    let biases = layer.share + layer.out_width * layer.in_width;
    for (var o = 0u; o < layer.out_width; o++) {
      let row = base + layer.weight + (4u * o + lane) * layer.in_width;
      for (var k = 0u; k < layer.in_width; k++) { share[layer.share + o * layer.in_width + k] = parameters[row + k]; }
      share[biases + o] = parameters[base + layer.bias + o];
    }
  }
}
