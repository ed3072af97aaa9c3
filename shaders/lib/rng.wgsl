// Counter-based random numbers: Threefry-2x32 with 20 rounds (Salmon et al. 2011). No state is stored: the key is the
// agent's seed, the counter encodes the environment, step, stream and draw.
// Twin: src/env/rng.ts

const STREAM_ACTION = 0u;
const STREAM_ENV_STEP = 1u;
const STREAM_ENV_RESET = 2u;
const STREAM_SHUFFLE = 3u;
const STREAM_STAGGER = 5u; // 4: initial weights, on the host
const STREAM_PARAMS = 6u;

struct Rng {
  seed: u32,
  step: u32,      // global step of the environment
  lane: u32,      // stream << 28 | env
  draw: u32,      // numbers drawn so far, at most 255
}

fn make_rng(seed: u32, step: u32, stream: u32, env: u32) -> Rng {
  return Rng(seed, step, (stream << 28u) | env, 0u);
}

fn rotate_left(x: u32, bits: u32) -> u32 {
  return (x << bits) | (x >> (32u - bits));
}

fn threefry_round(x: vec2u, bits: u32) -> vec2u {
  let sum = x.x + x.y;
  return vec2u(sum, rotate_left(x.y, bits) ^ sum);
}

fn threefry2x32(key: vec2u, counter: vec2u) -> vec2u {
  let k2 = key.x ^ key.y ^ 0x1BD11BDAu;
  var x = counter + key;
  x = threefry_round(threefry_round(threefry_round(threefry_round(x, 13u), 15u), 26u), 6u);
  x += vec2u(key.y, k2 + 1u);
  x = threefry_round(threefry_round(threefry_round(threefry_round(x, 17u), 29u), 16u), 24u);
  x += vec2u(k2, key.x + 2u);
  x = threefry_round(threefry_round(threefry_round(threefry_round(x, 13u), 15u), 26u), 6u);
  x += vec2u(key.x, key.y + 3u);
  x = threefry_round(threefry_round(threefry_round(threefry_round(x, 17u), 29u), 16u), 24u);
  x += vec2u(key.y, k2 + 4u);
  x = threefry_round(threefry_round(threefry_round(threefry_round(x, 13u), 15u), 26u), 6u);
  x += vec2u(k2, key.x + 5u);
  return x;
}

fn rng_bits(rng: ptr<function, Rng>) -> vec2u {
  let r = *rng;
  (*rng).draw = r.draw + 1u;
  return threefry2x32(vec2u(r.seed, 0u), vec2u(r.step, r.lane | (r.draw << 20u)));
}

// Exact in f32 on every adapter, and the same on the CPU.
fn unit_f32(bits: u32) -> f32 {
  return f32(bits >> 8u) * 0x1p-24f;
}

// Uniform in [0, 1).
fn rng_uniform(rng: ptr<function, Rng>) -> f32 {
  return unit_f32(rng_bits(rng).x);
}

// Two independent standard normals (Box and Muller 1958); 1 - u is never 0.
fn rng_normal_pair(rng: ptr<function, Rng>) -> vec2f {
  let bits = rng_bits(rng);
  let radius = sqrt(-2.0 * log(1.0 - unit_f32(bits.x)));
  let sin_cos = sincos(6.283185307179586 * unit_f32(bits.y));
  return radius * sin_cos.yx;
}
//#import "shaders/lib/sincos.wgsl"
