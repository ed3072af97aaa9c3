// Backward pass of a quad, on the Q_ROWS = 4 rows of `x` that forward has filled. Twin: src/reference/mlp.ts
// Needs from the importer, besides what quad_forward.wgsl needs: partials: array<vec4f>, read_write.
//#import "shaders/lib/network/quad_forward.wgsl"

// The gradient of `w`, and of the outputs of the hidden layers: Q_ROWS rows of Q_ROW_GRADIENTS.
var<private> g: array<vec4f, Q_WEIGHTS>;
var<private> d: array<vec4f, Q_ROWS * max(Q_ROW_GRADIENTS, 1u)>;
// The gradient of the head: entry o is column 4 o + lane, component r is row r.
var<private> d_heads: array<vec4f, Q_MOST_HEAD>;

fn keep_gradients_whole() {
  for (var i = 0u; i < Q_ROWS * Q_ROW_GRADIENTS; i++) { d[i] = vec4f(); }
}

const NEWEST_D = (Q_ROWS - 1u) * Q_ROW_GRADIENTS;

fn turn_gradients() {
//#repeat $i < Q_ROW_GRADIENTS
//#repeat $r < Q_ROWS - 1
  d[$r * Q_ROW_GRADIENTS + $i] = d[($r + 1) * Q_ROW_GRADIENTS + $i];
//#end
//#end
}

fn turn_heads() {
//#repeat $o < Q_MOST_HEAD
  d_heads[$o] = d_heads[$o].yzwx;
//#end
}

//#repeat $n < Q_NETWORKS
// dLoss/dx = (dLoss/dy W) * activation'(x) of every layer behind the first, for the oldest row of `x` and the first
// component of `d_heads`, to the newest row of `d`.
fn backward_input_$n() {
//#repeat $h < DEEP[$n]
//#repeat $v < Q_HEAD_VECS[$n]
  loop {
    var sum = vec4f();
//#repeat $j < 4
    {
      var part = vec4f();
//#repeat $o < Q_HEAD[$n]
      part += w[Q_WEIGHT[$n][Q_HIDDEN[$n]] + ($o * 4 + $j) * Q_HEAD_VECS[$n] + $v] * d_heads[$o].x;
//#end
      sum += swap4_$j(part);
    }
//#end
    d[NEWEST_D + Q_GRADIENT[$n][Q_HIDDEN[$n]] + $v] = sum * d_hidden_activate(x[Q_KEPT[$n][Q_HIDDEN[$n]] + $v]);
    continuing { break if args.num_envs > 0u; }
  }
//#end
//#end
//#repeat $l < INNER[$n] backwards
//#repeat $v < Q_VECS[$n][$l + 1]
  loop {
    var sum = vec4f();
//#repeat $c < COLUMNS[$n][$l + 1][$v]
    {
//#repeat $j < 4
      var part_$j = 0.0;
//#end
//#repeat $b < Q_VECS[$n][$l + 2]
      {
        let dy = d[NEWEST_D + Q_GRADIENT[$n][$l + 2] + $b];
//#repeat $j < 4
        part_$j += dot(w[Q_WEIGHT[$n][$l + 1] + ($b * Q_QUADS[$n][$l + 1] + 4 * $v + $c) * 4 + $j], dy);
//#end
      }
//#end
      sum[$c] = (part_0 + swap_1(part_1)) + (swap_2(part_2) + swap_3(part_3));
    }
//#end
    d[NEWEST_D + Q_GRADIENT[$n][$l + 1] + $v] = sum * d_hidden_activate(x[Q_KEPT[$n][$l + 1] + $v]);
    continuing { break if args.num_envs > 0u; }
  }
//#end
//#end
}

// Adds dLoss/dW = dLoss/dy^T x and dLoss/db = sum dLoss/dy of the four rows to `g`.
fn backward_weight_$n() {
//#repeat $l < Q_HIDDEN[$n]
//#repeat $q < Q_QUADS[$n][$l]
  loop {
//#repeat $j < 4
    {
//#repeat $r < Q_ROWS
      let x_$r = vec4f(swap_$j(x[$r * Q_ROW_INPUTS + Q_INPUT[$n][$l] + $q / 4][$q % 4]));
//#end
//#repeat $b < Q_VECS[$n][$l + 1]
      // In one expression: each factor is loaded where it is used, so that no register waits.
      g[Q_WEIGHT[$n][$l] + ($b * Q_QUADS[$n][$l] + $q) * 4 + $j] = fma(
        d[3 * Q_ROW_GRADIENTS + Q_GRADIENT[$n][$l + 1] + $b], x_3,
        fma(
          d[2 * Q_ROW_GRADIENTS + Q_GRADIENT[$n][$l + 1] + $b], x_2,
          fma(
            d[Q_ROW_GRADIENTS + Q_GRADIENT[$n][$l + 1] + $b], x_1,
            fma(d[Q_GRADIENT[$n][$l + 1] + $b], x_0, g[Q_WEIGHT[$n][$l] + ($b * Q_QUADS[$n][$l] + $q) * 4 + $j]),
          ),
        ),
      );
//#end
    }
//#end
    continuing { break if args.num_envs > 0u; }
  }
//#end
//#repeat $b < Q_VECS[$n][$l + 1]
//#repeat $r < Q_ROWS
  g[Q_BIAS[$n][$l] + $b] += d[$r * Q_ROW_GRADIENTS + Q_GRADIENT[$n][$l + 1] + $b];
//#end
//#end
//#end
//#repeat $v < Q_HEAD_VECS[$n]
//#repeat $j < 4
  {
//#repeat $r < Q_ROWS
    let x_$r = swap4_$j(x[$r * Q_ROW_INPUTS + Q_INPUT[$n][Q_HIDDEN[$n]] + $v]);
//#end
//#repeat $o < Q_HEAD[$n]
    {
      let dy = d_heads[$o];
      let sum = (x_0 * dy.x + x_1 * dy.y) + (x_2 * dy.z + x_3 * dy.w);
      g[Q_WEIGHT[$n][Q_HIDDEN[$n]] + ($o * 4 + $j) * Q_HEAD_VECS[$n] + $v] += sum;
    }
//#end
  }
//#end
//#end
//#repeat $o < Q_HEAD[$n]
  {
    let dy = d_heads[$o];
    g[Q_BIAS[$n][Q_HIDDEN[$n]] + $o / 4][$o % 4] += (dy.x + dy.y) + (dy.z + dy.w);
  }
//#end
}

// Writes what the lane holds of the gradient of network `network` to the partial at `base`.
fn store_gradient_$n(network: u32, base: u32, lane: u32) {
//#repeat $l < Q_HIDDEN[$n] + 1
  {
    let layer = args.networks[network].layers[$l];
    for (var k = 0u; k < layer.out_width; k++) {
      let row = base + layer.weight + (4u * k + lane) * layer.in_width;
      for (var q = 0u; q < layer.in_width; q++) {
        var columns: vec4f;
//#repeat $j < 4
        {
          let place = weight_place(k, q, $j, $l == Q_HIDDEN[$n], Q_QUADS[$n][$l], Q_VECS[$n][$l]);
          columns[$j] = g[Q_WEIGHT[$n][$l] + place.x][place.y];
        }
//#end
        partials[row + q] = lane_order(columns, lane);
      }
    }
    for (var i = 0u; i < layer.out_width; i++) {
      partials[base + layer.bias + i][lane] = g[Q_BIAS[$n][$l] + i / 4u][i % 4u];
    }
  }
//#end
}

//#end
