// Forward pass of a quad on one row: y = activation(W x + b), from the first Q_INPUT of the newest row, the last of Q_ROWS.
// Twin: src/reference/mlp.ts
// Needs from the importer, besides what quad_layers.wgsl needs: args.num_envs, which is never 0.
//#import "shaders/lib/network/quad_layers.wgsl"

// The outputs of the last four rows, the newest in the last component: entry o is column 4 o + lane.
var<private> heads: array<vec4f, Q_MOST_HEAD>;

//#repeat $n < Q_NETWORKS
fn forward_$n() {
//#repeat $l < Q_HIDDEN[$n]
//#repeat $b < Q_VECS[$n][$l + 1]
  // Each loop runs once. It keeps the registers of one block of code apart from those of the next.
  loop {
    var y = w[Q_BIAS[$n][$l] + $b];
//#repeat $q < Q_QUADS[$n][$l]
//#repeat $j < 4
    y += w[Q_WEIGHT[$n][$l] + ($b * Q_QUADS[$n][$l] + $q) * 4 + $j] * swap_$j(x[NEWEST + Q_INPUT[$n][$l] + $q / 4][$q % 4]);
//#end
//#end
//#repeat $k < KEEPS
    x[NEWEST + Q_KEPT[$n][$l + 1] + $b] = y;
//#end
    x[NEWEST + Q_INPUT[$n][$l + 1] + $b] = hidden_activate(y);
    continuing { break if args.num_envs > 0u; }
  }
//#end
//#end
//#repeat $o < Q_HEAD[$n]
  {
    var y = vec4f();
//#repeat $j < 4
//#repeat $v < Q_HEAD_VECS[$n]
    y += w[Q_WEIGHT[$n][Q_HIDDEN[$n]] + ($o * 4 + $j) * Q_HEAD_VECS[$n] + $v] * swap4_$j(x[NEWEST + Q_INPUT[$n][Q_HIDDEN[$n]] + $v]);
//#end
//#end
    let bias = w[Q_BIAS[$n][Q_HIDDEN[$n]] + $o / 4][$o % 4];
    heads[$o] = vec4f(heads[$o].yzw, (y.x + y.y) + (y.z + y.w) + bias);
  }
//#end
}

//#end
