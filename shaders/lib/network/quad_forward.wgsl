// Forward pass of a quad on one row: y = activation(W x + b), from the first INPUT of the newest row, the last of ROWS.
// Twin: src/reference/mlp.ts
// Needs from the importer, besides what quad_layers.wgsl needs: args.num_envs, which is never 0.
//#import "shaders/lib/network/quad_layers.wgsl"

// The outputs of the last four rows, the newest in the last component: entry o is column 4 o + lane.
var<private> heads: array<vec4f, MOST_HEAD>;

//#repeat $n < NETWORKS
fn forward_$n() {
//#repeat $l < HIDDEN[$n]
//#repeat $b < VECS[$n][$l + 1]
  // Each loop runs once. It keeps the registers of one block of code apart from those of the next.
  loop {
    var y = w[BIAS[$n][$l] + $b];
//#repeat $q < QUADS[$n][$l]
//#repeat $j < 4
    y += w[WEIGHT[$n][$l] + ($b * QUADS[$n][$l] + $q) * 4 + $j] * swap_$j(x[NEWEST + INPUT[$n][$l] + $q / 4][$q % 4]);
//#end
//#end
//#repeat $k < KEEPS
    x[NEWEST + KEPT[$n][$l + 1] + $b] = y;
//#end
    x[NEWEST + INPUT[$n][$l + 1] + $b] = hidden_activate(y);
    continuing { break if args.num_envs > 0u; }
  }
//#end
//#end
//#repeat $o < HEAD[$n]
  {
    var y = vec4f();
//#repeat $j < 4
//#repeat $v < HEAD_VECS[$n]
    y += w[WEIGHT[$n][HIDDEN[$n]] + ($o * 4 + $j) * HEAD_VECS[$n] + $v] * swap4_$j(x[NEWEST + INPUT[$n][HIDDEN[$n]] + $v]);
//#end
//#end
    let bias = w[BIAS[$n][HIDDEN[$n]] + $o / 4][$o % 4];
    heads[$o] = vec4f(heads[$o].yzw, (y.x + y.y) + (y.z + y.w) + bias);
  }
//#end
}

//#end
