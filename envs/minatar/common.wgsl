// What MinAtar's games share: the six actions, sticky actions, whole random numbers, eight small numbers in a word, the bits
// of an observation, and the picture of a cell.
// Twins: envs/minatar/game.ts, envs/minatar/packed.ts
//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
//#import "params"

const SIZE = 10;
const LAST = 9;

const ACTION_LEFT = 1u;
const ACTION_UP = 2u;
const ACTION_RIGHT = 3u;
const ACTION_DOWN = 4u;
const ACTION_FIRE = 5u;

/// The action that a step carries out.
fn sticky(last_action: u32, action: u32, rng: ptr<function, Rng>) -> u32 {
  return select(action, last_action, rng_uniform(rng) < params.sticky_action_prob);
}

/// A whole number in [0, n), by whole numbers: the same on the CPU.
fn random_below(rng: ptr<function, Rng>, n: u32) -> u32 {
  return (u32(rng_uniform(rng) * 16777216.0) * n) >> 24u;
}

fn nibble(word: u32, i: u32) -> i32 { return i32((word >> (4u * i)) & 15u); }

fn with_nibble(word: u32, i: u32, value: i32) -> u32 {
  return (word & ~(15u << (4u * i))) | (u32(value) << (4u * i));
}

fn is_inside(x: i32) -> bool { return x >= 0 && x < SIZE; }

/// The bit of an observation's word `i` for a 1 at (x, y) of `channel`; 0 outside of the board.
fn seen(i: u32, x: i32, y: i32, channel: u32) -> u32 {
  let k = u32(y * SIZE + x) * CHANNELS + channel;
  return select(0u, 1u << (k & 31u), (k >> 5u) == i && is_inside(x));
}

/// The square of cell `cell` whose channels are the lowest bits of `channels`; the last one gives the colour.
fn cell_shape(cell: u32, channels: u32) -> Shape {
  let centre = vec2f(f32(cell % 10u) + 0.5, 9.5 - f32(cell / 10u));
  if (channels == 0u) { return Shape(centre, vec2f(0.0), 0.0, 0.0, vec4f(0.0)); }
  let rgb = channel_colour(firstLeadingBit(channels));
  let colour = vec3f(vec3u(rgb >> 16u, rgb >> 8u, rgb) & vec3u(255u)) / 255.0;
  return Shape(centre, vec2f(0.5), 0.0, 0.0, vec4f(colour, 1.0));
}

const NUM_POLYGONS = 1u;
/// The black board below the cells.
fn env_polygon(state: EnvState, i: u32) -> Polygon {
  let corners = array<vec2f, 6>(vec2f(0), vec2f(10, 0), vec2f(10), vec2f(0, 10), vec2f(0, 10), vec2f(0, 10));
  return Polygon(corners, vec4f(0.0, 0.0, 0.0, 1.0), vec4f(0.0));
}

const NUM_SHAPES = 100u;
fn env_shape(state: EnvState, i: u32) -> Shape {
  let first = i * CHANNELS;
  let shift = first & 31u;
  var bits = env_observe_word(state, first >> 5u) >> shift;
  if (shift + CHANNELS > 32u) { bits |= env_observe_word(state, (first >> 5u) + 1u) << (32u - shift); }
  return cell_shape(i, bits & ((1u << CHANNELS) - 1u));
}
