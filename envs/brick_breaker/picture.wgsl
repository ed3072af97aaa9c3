//#import "shaders/lib/env.wgsl"
//#import "brick_breaker/state"
// The observed picture, in grays, and that of the lab, in colours.

const WALL_GRAY = 142u;
const BALL_GRAY = 110u;

fn within(x: i32, left: i32, width: i32) -> bool { return x >= left && x < left + width; }

fn brick_gray(row: i32) -> u32 {
  switch row {
    case 0: { return 110u; }
    case 1: { return 129u; }
    case 2: { return 131u; }
    case 3: { return 148u; }
    case 4: { return 124u; }
    default: { return 85u; }
  }
}

/// Gray of a pixel, 0 to 255.
fn gray(state: EnvState, column: u32, line: u32) -> u32 {
  let s = state;
  let x = i32(column);
  let y = i32(line);
  if (s.in_play != 0 && within(x, s.ball_x >> 6u, 1) && within(y, s.ball_y >> 6u, 2)) { return BALL_GRAY; }
  if (within(y, 76, 2) && within(x, s.paddle_x >> 6u, paddle_width(s) / PIXEL)) { return BALL_GRAY; }
  if (within(y, BRICK_TOP, 2 * i32(ROWS)) && within(x, 6, 72)) {
    let row = (y - BRICK_TOP) / 2;
    let bit = (s.bricks[row] >> u32((x - 6) / 4)) & 1u;
    return bit * brick_gray(row);
  }
  if (within(y, 2, 2) && within(x, 6, 4 * s.lives) && (x - 6) % 4 < 2) { return WALL_GRAY; }
  return select(0u, WALL_GRAY, (y >= 7 && !within(x, 6, 72)) || within(y, 7, 6));
}

const COLUMNS = 18u;
const FIRST_BRICK = 4u;
const FIRST_LIFE = FIRST_BRICK + 6u * COLUMNS;
/// The night behind it, three walls, bricks, five lives, the paddle, the ball.
const NUM_SHAPES = FIRST_LIFE + 7u;

/// A rectangle by its left, top, width and height in pixels, y down.
fn rectangle(left: f32, top: f32, width: f32, height: f32, colour: vec3f) -> Shape {
  let half = 0.5 * vec2f(width, height);
  return Shape(vec2f(left + half.x, 84.0 - top - half.y), half, 0.0, 0.0, vec4f(colour, 1.0));
}

fn nothing() -> Shape { return Shape(vec2f(), vec2f(), 0.0, 0.0, vec4f()); }

fn brick_colour(row: u32) -> vec3f {
  switch row {
    case 0u: { return vec3f(0.784, 0.282, 0.282); }
    case 1u: { return vec3f(0.776, 0.424, 0.227); }
    case 2u: { return vec3f(0.706, 0.478, 0.188); }
    case 3u: { return vec3f(0.635, 0.635, 0.165); }
    case 4u: { return vec3f(0.282, 0.627, 0.282); }
    default: { return vec3f(0.259, 0.282, 0.784); }
  }
}

fn env_shape(state: EnvState, i: u32) -> Shape {
  var s = state;
  let red = brick_colour(0u);
  let gray = vec3f(0.557);
  switch i {
    case 0u: { return rectangle(0.0, 0.0, 84.0, 84.0, vec3f()); }
    case 1u: { return rectangle(0.0, 7.0, 84.0, 6.0, gray); }
    case 2u: { return rectangle(0.0, 7.0, 6.0, 77.0, gray); }
    case 3u: { return rectangle(78.0, 7.0, 6.0, 77.0, gray); }
    default: {}
  }
  if (i < FIRST_LIFE) {
    let row = (i - FIRST_BRICK) / COLUMNS;
    let column = (i - FIRST_BRICK) % COLUMNS;
    if (((s.bricks[row] >> column) & 1u) == 0u) { return nothing(); }
    return rectangle(6.0 + 4.0 * f32(column), f32(BRICK_TOP) + 2.0 * f32(row), 4.0, 2.0, brick_colour(row));
  }
  let k = i - FIRST_LIFE;
  if (k < 5u) {
    if (i32(k) >= s.lives) { return nothing(); }
    return rectangle(6.0 + 4.0 * f32(k), 2.0, 2.0, 2.0, gray);
  }
  if (k == 5u) { return rectangle(f32(s.paddle_x) / 64.0, 76.0, f32(paddle_width(s)) / 64.0, 2.0, red); }
  if (s.in_play == 0) { return nothing(); }
  return rectangle(f32(s.ball_x) / 64.0, f32(s.ball_y) / 64.0, 1.0, 2.0, red);
}
