// What a quad, four lanes of a subgroup, holds of a network in private memory, where every index is a number in the text:
// an adapter that computes on the CPU loads a private array 60 times as fast by a constant as by a variable. So the text
// of the layers is repeated (src/gpu/repeat.ts), with the numbers of src/plan/quadlayers.ts.
//
// Each lane holds a quarter of a layer's columns: lane l has columns 4 q + l, q = 0 to Q_QUADS - 1, four of them in a vec4
// (Q_VECS). A swap gives it the value of lane l ^ j.
// Weights of a hidden layer: vec4 (b Q_QUADS + q) 4 + j has row 4 (4 b + c) + l in component c, column 4 q + (l ^ j).
// Weights of a head:         vec4 (o 4 + j) Q_VECS + v has row 4 o + l, column 4 (4 v + c) + (l ^ j) in component c.
// Where a layer has fewer columns than its vec4s, the rest is 0 in weights, inputs and gradients.
// Needs from the importer: parameters: array<vec4f>, args.networks: array<Mlp, 2> (actor, critic).
//#import "shaders/lib/network/quad.wgsl"
//#import "shaders/lib/network/mlp.wgsl"
//#import "shaders/lib/network/activation.wgsl"
//#import "quad"

var<private> w: array<vec4f, Q_WEIGHTS>;
// The inputs of every layer, in Q_ROWS rows of Q_ROW_INPUTS.
var<private> x: array<vec4f, Q_ROWS * Q_ROW_INPUTS>;

// SwiftShader splits an array into single variables if all its indices are constants, and the kernel becomes slower. One
// loop with a variable index prevents that.
fn keep_inputs_whole() {
  for (var i = 0u; i < Q_ROWS * Q_ROW_INPUTS; i++) { x[i] = vec4f(); }
}

const NEWEST = (Q_ROWS - 1u) * Q_ROW_INPUTS;

// The oldest row becomes the newest: code with constant indices then works on one row after the other.
fn turn_inputs() {
//#repeat $i < Q_ROW_INPUTS
  {
    let oldest = x[$i];
//#repeat $r < Q_ROWS - 1
    x[$r * Q_ROW_INPUTS + $i] = x[($r + 1) * Q_ROW_INPUTS + $i];
//#end
    x[NEWEST + $i] = oldest;
  }
//#end
}

// Where a lane holds the weight of row 4 k + lane, column 4 q + (lane ^ j): vec4 of the layer, component.
fn weight_place(k: u32, q: u32, j: u32, is_head: bool, quads: u32, vecs: u32) -> vec2u {
  if (is_head) { return vec2u((k * 4u + j) * vecs + q / 4u, q % 4u); }
  return vec2u((k / 4u * quads + q) * 4u + j, k % 4u);
}

// Component j becomes component lane ^ j, and with a second call j again.
fn lane_order(value: vec4f, lane: u32) -> vec4f {
  let pairs = select(value, value.yxwz, (lane & 1u) != 0u);
  return select(pairs, pairs.zwxy, (lane & 2u) != 0u);
}

//#repeat $n < Q_NETWORKS
// Fills `w` with what the lane holds of network `network`, of the agent whose parameters begin at `base`.
fn load_weights_$n(network: u32, base: u32, lane: u32) {
//#repeat $l < Q_HIDDEN[$n] + 1
  {
    let layer = args.networks[network].layers[$l];
    for (var k = 0u; k < layer.out_width; k++) {
      let row = base + layer.weight + (4u * k + lane) * layer.in_width;
      for (var q = 0u; q < layer.in_width; q++) {
        let columns = lane_order(parameters[row + q], lane);
//#repeat $j < 4
        {
          let place = weight_place(k, q, $j, $l == Q_HIDDEN[$n], Q_QUADS[$n][$l], Q_VECS[$n][$l]);
          w[Q_WEIGHT[$n][$l] + place.x][place.y] = columns[$j];
        }
//#end
      }
    }
    for (var i = 0u; i < layer.out_width; i++) {
      w[Q_BIAS[$n][$l] + i / 4u][i % 4u] = parameters[base + layer.bias + i][lane];
    }
  }
//#end
}

//#end
