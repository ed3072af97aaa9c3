// The minibatch order: a Feistel bijection over [0, n), keyed by (seed, iteration, epoch), with cycle walking while the
// result is outside. No permutation is stored: each row computes its own index.
// Twin: src/reference/shuffle.ts
//#import "shaders/lib/rng.wgsl"

// Chris Wellons' lowbias32.
fn mix32(value: u32) -> u32 {
  var x = value;
  x ^= x >> 16u;
  x *= 0x7feb352du;
  x ^= x >> 15u;
  x *= 0x846ca68bu;
  x ^= x >> 16u;
  return x;
}

fn shuffle_keys(seed: u32, iteration: u32, epoch: u32) -> vec2u {
  return threefry2x32(vec2u(seed, iteration), vec2u(epoch, STREAM_SHUFFLE << 28u));
}

fn shuffle_index(i: u32, n: u32, keys: vec2u) -> u32 {
  let bits = 32u - countLeadingZeros(n - 1u);
  let low = (bits + 1u) / 2u;
  let mask_a = (1u << (bits - low)) - 1u;
  let mask_b = (1u << low) - 1u;
  var x = i;
  loop {
    var a = x >> low;
    var b = x & mask_b;
    for (var r = 0u; r < 6u; r += 2u) {
      a ^= mix32(b ^ (keys.x + r * (keys.y | 1u))) & mask_a;
      b ^= mix32(a ^ (keys.x + (r + 1u) * (keys.y | 1u))) & mask_b;
    }
    x = (a << low) | b;
    if (x < n) { break; }
  }
  return x;
}

// The index of the transition in row `row` of the epoch's order.
fn shuffled_row(row: u32, n: u32, seed: u32, iteration: u32, epoch: u32, agent: u32) -> u32 {
  return shuffle_index(row, n, shuffle_keys(seed, iteration, epoch));
}
