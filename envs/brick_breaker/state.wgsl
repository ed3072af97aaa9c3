//#import "shaders/lib/env.wgsl"

/// Places and speeds: 1/64 of a pixel, and that in a frame. y points down.
const PIXEL = 64;
const LEFT = 6 * PIXEL;
const RIGHT = 78 * PIXEL;
const CEILING = 13 * PIXEL;
const BOTTOM = 84 * PIXEL;
/// In pixels.
const BRICK_TOP = 23;
const ROWS = 6u;
/// Eighteen bricks.
const FULL = 262143u;
const BALL_WIDTH = PIXEL;
const BALL_HEIGHT = 2 * PIXEL;
const PADDLE_TOP = 76 * PIXEL;

struct EnvState {
  ball_x: i32,
  ball_y: i32,
  ball_vx: i32,
  ball_vy: i32,
  /// Left end of the paddle.
  paddle_x: i32,
  lives: i32,
  /// 1 while a ball is in play.
  in_play: i32,
  /// Bounces off the paddle since the ball was served.
  hits: i32,
  /// 1 after a brick of the two upper rows, until the ball is lost.
  fast: i32,
  /// 1 after the ceiling, until the ball is lost: the paddle is half as wide.
  narrow: i32,
  /// Walls that were cleared.
  walls: i32,
  /// Row by row from the top, bit c for column c.
  bricks: array<u32, ROWS>,
}

fn paddle_width(s: EnvState) -> i32 { return select(8 * PIXEL, 4 * PIXEL, s.narrow != 0); }
