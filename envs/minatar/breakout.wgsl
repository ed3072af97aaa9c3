//#import "minatar/common"
//#import "minatar/actions"
// MinAtar's Breakout: a ball, a paddle, three rows of bricks that come back when all are gone.
// Twin: envs/minatar/breakout.ts

const OBS_DIM = 400u;
const CHANNELS = 4u;

alias Action = u32;

struct EnvState {
  ball_x: i32,
  ball_y: i32,
  /// 0 up and left, 1 up and right, 2 down and right, 3 down and left.
  ball_dir: u32,
  /// Column of the paddle, which is in the last row.
  pos: i32,
  /// Bit 10 (y - 1) + x: the brick of column x in row y, 1 to 3.
  bricks: u32,
  /// 1 while the ball passes through bricks after it took one.
  strike: u32,
  /// Where the ball was before the step.
  last_x: i32,
  last_y: i32,
  last_action: u32,
}

const ALL_BRICKS = 0x3fffffffu;

fn channel_colour(channel: u32) -> u32 {
  return array<u32, CHANNELS>(0x163d4eu, 0x54792fu, 0xd07e93u, 0xc1caf3u)[channel];
}

fn env_reset(rng: ptr<function, Rng>, previous: EnvState) -> EnvState {
  let from_right = random_below(rng, 2u);
  let x = LAST * i32(from_right);
  return EnvState(x, 3, 2u + from_right, 4, ALL_BRICKS, 0u, x, 3, previous.last_action);
}

fn brick_bit(x: i32, y: i32) -> u32 {
  return select(0u, 1u << u32(SIZE * (y - 1) + x), y >= 1 && y <= 3);
}

fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  var s = *state;
  s.last_action = sticky(s.last_action, game_action(action), rng);
  if (s.last_action == ACTION_LEFT) { s.pos = max(0, s.pos - 1); }
  if (s.last_action == ACTION_RIGHT) { s.pos = min(LAST, s.pos + 1); }
  var x = s.ball_x + select(-1, 1, s.ball_dir == 1u || s.ball_dir == 2u);
  var y = s.ball_y + select(-1, 1, s.ball_dir >= 2u);
  s.last_x = s.ball_x;
  s.last_y = s.ball_y;
  if (!is_inside(x)) {
    x = clamp(x, 0, LAST);
    s.ball_dir ^= 1u;
  }
  var result = StepResult(0.0, 0u);
  let brick = select(0u, s.bricks & brick_bit(x, y), y >= 0);
  if (y < 0) {
    y = 0;
    s.ball_dir ^= 3u;
  } else if (brick != 0u) {
    if (s.strike == 0u) {
      result.reward = 1.0;
      s.strike = 1u;
      s.bricks ^= brick;
      y = s.ball_y;
      s.ball_dir ^= 3u;
    }
  } else if (y == LAST) {
    if (s.bricks == 0u) { s.bricks = ALL_BRICKS; }
    if (s.ball_x == s.pos) {
      y = s.ball_y;
      s.ball_dir ^= 3u;
    } else if (x == s.pos) {
      y = s.ball_y;
      s.ball_dir ^= 2u;
    } else {
      result.terminated = 1u;
    }
  }
  if (brick == 0u) { s.strike = 0u; }
  s.ball_x = x;
  s.ball_y = y;
  *state = s;
  return result;
}

/// Eight cells of four channels; the bricks are those of cells 10 to 39.
fn env_observe_word(state: EnvState, i: u32) -> u32 {
  let first = i32(8u * i) - SIZE;
  var bricks = select(state.bricks << u32(-first), state.bricks >> u32(first), first >= 0);
  if (first <= -32 || first >= 32) { bricks = 0u; }
  // Eight bits, each to the last of its four.
  bricks &= 0xffu;
  bricks = (bricks | (bricks << 12u)) & 0x000f000fu;
  bricks = (bricks | (bricks << 6u)) & 0x03030303u;
  bricks = (bricks | (bricks << 3u)) & 0x11111111u;
  return (bricks << 3u) | seen(i, state.pos, LAST, 0u) | seen(i, state.ball_x, state.ball_y, 1u) |
    seen(i, state.last_x, state.last_y, 2u);
}
