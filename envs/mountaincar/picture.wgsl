//#import "shaders/lib/env.wgsl"
//#import "shaders/lib/sincos.wgsl"
// Gymnasium's picture of both mountain cars: the hill, a flag at GOAL_POSITION, the car. One pixel there is 0.003 here.
// The environments import it as `picture`; it uses their EnvState and constants.

const HILL_SEGMENTS = 36u;
const PENNANT_BARS = 5u;
const NUM_SHAPES = HILL_SEGMENTS + 1u + PENNANT_BARS + 3u;

const BLACK = vec4f(0.0, 0.0, 0.0, 1.0);
const PIXEL = 0.003f;

fn hill(x: f32) -> vec2f {
  return vec2f(x, 0.45 * sincos(3.0 * x).x + 0.55);
}

fn env_shape(state: EnvState, i: u32) -> Shape {
  if (i < HILL_SEGMENTS) { return hill_shape(i); }
  if (i < HILL_SEGMENTS + 1u + PENNANT_BARS) { return flag_shape(i - HILL_SEGMENTS); }
  return car_shape(state.position, i - (HILL_SEGMENTS + 1u + PENNANT_BARS));
}

/// Straight pieces of a line one pixel wide, less than half a pixel from the curve.
fn hill_shape(i: u32) -> Shape {
  let width = (MAX_POSITION - MIN_POSITION) / f32(HILL_SEGMENTS);
  let start = hill(MIN_POSITION + width * f32(i));
  let end = hill(MIN_POSITION + width * f32(i + 1u));
  let along = end - start;
  let half_size = vec2f(0.5 * length(along) + 0.5 * PIXEL, 0.5 * PIXEL);
  return Shape(0.5 * (start + end), half_size, atan2(along.y, along.x), 0.5 * PIXEL, BLACK);
}

/// A pole of 50 pixels, and a yellow triangle of 25 x 10 at its top, in bars of 2 pixels each.
fn flag_shape(i: u32) -> Shape {
  let foot = hill(GOAL_POSITION);
  if (i == 0u) { return Shape(foot + vec2f(0.0, 25.0 * PIXEL), vec2f(0.5, 25.0) * PIXEL, 0.0, 0.0, BLACK); }
  let y = 2.0 * f32(i) - 6.0;
  let half_length = 0.5 * 25.0 * (1.0 - abs(y) / 5.0);
  let centre = foot + vec2f(half_length, 45.0 + y) * PIXEL;
  return Shape(centre, vec2f(half_length, 1.0) * PIXEL, 0.0, 0.0, vec4f(0.8, 0.8, 0.0, 1.0));
}

/// A box of 40 x 20 pixels and two wheels, tilted by the slope, 10 pixels above the hill.
fn car_shape(position: f32, i: u32) -> Shape {
  let angle = sincos(3.0 * position).y;
  let forward = sincos(angle).yx;
  let up = vec2f(-forward.y, forward.x);
  let axle = hill(position) + vec2f(0.0, 10.0 * PIXEL);
  if (i == 0u) { return Shape(axle + 10.0 * PIXEL * up, vec2f(20.0, 10.0) * PIXEL, angle, 0.0, BLACK); }
  let side = select(-10.0, 10.0, i == 1u);
  return Shape(axle + side * PIXEL * forward, vec2f(8.0 * PIXEL), 0.0, 8.0 * PIXEL, vec4f(0.502, 0.502, 0.502, 1.0));
}
