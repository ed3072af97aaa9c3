//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
//#import "params"
//#import "frame"
//#import "brick_breaker/state"
//#import "brick_breaker/picture"
// Brick breaker: a paddle, a ball, six rows of bricks, five lives, as on the home computers of 1978. All in whole numbers:
// the twin computes exactly the same. The spec binds `frame` to the part of the picture that is observed.
// Twin: envs/brick_breaker/brick_breaker.ts

const OBS_DIM = FRAME_WIDTH * FRAME_HEIGHT;
const ACTION_DIM = 4u;

/// 0 nothing, 1 serve, 2 to the right, 3 to the left.
alias Action = u32;

const PADDLE_STEP = 64;
const SERVE_WIDTH = 4096.0f;
const SERVE_X = (LEFT + RIGHT - BALL_WIDTH - 4096) / 2;
const SERVE_Y = 40 * PIXEL;
const SERVE_VX = 30;
const SLOWEST = 40;
const FRAMES = 4u;
const WALLS = 2;

fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  var s = EnvState();
  s.paddle_x = 38 * PIXEL;
  s.lives = 5;
  s.bricks = array<u32, ROWS>(FULL, FULL, FULL, FULL, FULL, FULL);
  return s;
}

/// The speed of the ball after a bounce off the paddle: 4 and 12 bounces, and the upper rows, make it faster.
fn speed_of(s: EnvState) -> i32 {
  if (s.fast != 0) { return 80; }
  return select(select(SLOWEST, 52, s.hits >= 4), 64, s.hits >= 12);
}

fn serve(s: ptr<function, EnvState>, rng: ptr<function, Rng>) {
  (*s).ball_x = SERVE_X + i32(rng_uniform(rng) * SERVE_WIDTH);
  (*s).ball_vx = select(SERVE_VX, -SERVE_VX, rng_uniform(rng) < 0.5);
  (*s).ball_y = SERVE_Y;
  (*s).ball_vy = SLOWEST;
  (*s).in_play = 1;
}

/// Takes the brick at a place away. Returns its points, 0 where there is none.
fn hit_brick(s: ptr<function, EnvState>, x: i32, y: i32) -> i32 {
  let pixel = (y >> 6u) - BRICK_TOP;
  if (pixel < 0 || pixel >= 2 * i32(ROWS)) { return 0; }
  let row = u32(pixel) / 2u;
  let bit = 1u << u32((x - LEFT) / (4 * PIXEL));
  if (((*s).bricks[row] & bit) == 0u) { return 0; }
  (*s).bricks[row] &= ~bit;
  if (row < 2u) { (*s).fast = 1; }
  return select(select(1, 4, row < 4u), 7, row < 2u);
}

fn is_cleared(s: EnvState) -> bool {
  let b = s.bricks;
  return (b[0] | b[1] | b[2] | b[3] | b[4] | b[5]) == 0u;
}

/// Off the paddle: the further from its middle, the flatter. An empty wall is built again.
fn bounce(s: ptr<function, EnvState>) {
  (*s).hits++;
  let width = paddle_width(*s);
  let offset = 2 * (*s).ball_x + BALL_WIDTH - (2 * (*s).paddle_x + width);
  let third = 3 * abs(offset) / width;
  let speed = speed_of(*s);
  (*s).ball_vy = -speed;
  let flatness = select(select(9, 6, third == 1), 3, third == 0);
  (*s).ball_vx = (speed * flatness / 8) * select(1, -1, offset < 0);
  if (is_cleared(*s)) { (*s).bricks = array<u32, ROWS>(FULL, FULL, FULL, FULL, FULL, FULL); }
}

/// To the side, then up or down: the ball turns at walls and bricks. Returns the points.
fn move_ball(s: ptr<function, EnvState>) -> i32 {
  var x = (*s).ball_x + (*s).ball_vx;
  if (x < LEFT) {
    x = 2 * LEFT - x;
    (*s).ball_vx = -(*s).ball_vx;
  } else if (x > RIGHT - BALL_WIDTH) {
    x = 2 * (RIGHT - BALL_WIDTH) - x;
    (*s).ball_vx = -(*s).ball_vx;
  }
  let before = (*s).ball_y;
  let side = select(x, x + BALL_WIDTH - 1, (*s).ball_vx > 0);
  var points = hit_brick(s, side, before);
  if (points == 0) { points = hit_brick(s, side, before + BALL_HEIGHT - 1); }
  if (points > 0) {
    x = (*s).ball_x;
    (*s).ball_vx = -(*s).ball_vx;
  }
  (*s).ball_x = x;
  var y = before + (*s).ball_vy;
  if (y < CEILING) {
    y = 2 * CEILING - y;
    (*s).ball_vy = -(*s).ball_vy;
    (*s).narrow = 1;
  }
  let end = select(y, y + BALL_HEIGHT - 1, (*s).ball_vy > 0);
  var more = hit_brick(s, x, end);
  if (more == 0) { more = hit_brick(s, x + BALL_WIDTH - 1, end); }
  if (more > 0) {
    y = before;
    (*s).ball_vy = -(*s).ball_vy;
  }
  let crosses = before + BALL_HEIGHT <= PADDLE_TOP && y + BALL_HEIGHT > PADDLE_TOP;
  if (crosses && x + BALL_WIDTH > (*s).paddle_x && x < (*s).paddle_x + paddle_width(*s)) {
    y = PADDLE_TOP - BALL_HEIGHT;
    bounce(s);
  }
  (*s).ball_y = y;
  return points + more;
}

/// Four frames with the same action.
fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  var s = *state;
  var reward = 0;
  var terminated = 0u;
  for (var k = 0u; k < FRAMES && terminated == 0u; k++) {
    let shift = select(0, PADDLE_STEP, action == 2u) - select(0, PADDLE_STEP, action == 3u);
    s.paddle_x = clamp(s.paddle_x + shift, LEFT, RIGHT - paddle_width(s));
    if (s.in_play == 0 && (action == 1u || params.auto_serve)) { serve(&s, rng); }
    if (s.in_play == 0) { continue; }
    let points = move_ball(&s);
    reward += points;
    if (points > 0 && is_cleared(s)) { s.walls++; }
    if (s.walls == WALLS) {
      terminated = 1u;
    } else if (s.ball_y >= BOTTOM) {
      s.lives--;
      s.in_play = 0;
      s.hits = 0;
      s.fast = 0;
      s.narrow = 0;
      terminated = select(2u, 1u, s.lives == 0);
    }
  }
  *state = s;
  return StepResult(f32(reward), terminated);
}

/// Four pixels, a byte each.
fn env_observe_word(state: EnvState, i: u32) -> u32 {
  var word = 0u;
  for (var j = 0u; j < 4u; j++) {
    let k = 4u * i + j;
    if (k >= OBS_DIM) { break; }
    word |= gray(state, FRAME_LEFT + k % FRAME_WIDTH, FRAME_TOP + k / FRAME_WIDTH) << (8u * j);
  }
  return word;
}
