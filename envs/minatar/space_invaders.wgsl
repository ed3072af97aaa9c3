//#import "minatar/common"
//#import "minatar/actions"
// MinAtar's Space Invaders: a block of aliens comes down, shoots, and comes back faster when all are shot.
// Twin: envs/minatar/space_invaders.ts

const OBS_DIM = 600u;
const CHANNELS = 6u;

alias Action = u32;

/// A board of one bit a cell: row y is in word floor(y / 3), from bit 10 (y % 3) on, column x its bit x.
alias Board = vec4u;

struct EnvState {
  friendly: Board,
  enemy: Board,
  aliens: Board,
  /// Column of the cannon, which is in the last row.
  pos: i32,
  /// -1 left, 1 right.
  alien_dir: i32,
  /// Most steps between two moves of the aliens; few aliens are faster.
  move_interval: i32,
  alien_move_timer: i32,
  alien_shot_timer: i32,
  ramp_index: i32,
  shot_timer: i32,
  last_action: u32,
}

const SHOT_COOLDOWN = 5;
const FIRST_INTERVAL = 12;
const LEAST_INTERVAL = 6;
const ENEMY_SHOT_INTERVAL = 10;
/// Rows 0 to 3, columns 2 to 7.
const BLOCK = Board(0x0fc3f0fcu, 0xfcu, 0u, 0u);
/// The cells of the board, and those of column 0.
const CELLS = Board(0x3fffffffu, 0x3fffffffu, 0x3fffffffu, 0x3ffu);
const COLUMN_0 = Board(0x100401u, 0x100401u, 0x100401u, 1u);

fn channel_colour(channel: u32) -> u32 {
  return array<u32, CHANNELS>(0x1a2441u, 0x1b6145u, 0x697b30u, 0xc87b7cu, 0xcda2e0u, 0xc6e1f1u)[channel];
}

fn env_reset(rng: ptr<function, Rng>, previous: EnvState) -> EnvState {
  return EnvState(Board(), Board(), BLOCK, 5, -1, FIRST_INTERVAL, FIRST_INTERVAL, ENEMY_SHOT_INTERVAL, 0, 0, previous.last_action);
}

/// Every row one further down; the last one is lost.
fn down(board: Board) -> Board {
  return ((board << vec4u(10u)) | (vec4u(0u, board.xyz) >> vec4u(20u))) & CELLS;
}

/// Every row one further up; the first one is lost.
fn up(board: Board) -> Board {
  return (board >> vec4u(10u)) | ((vec4u(board.yzw, 0u) << vec4u(20u)) & CELLS);
}

fn count(board: Board) -> i32 {
  let ones = countOneBits(board);
  return i32(ones.x + ones.y + ones.z + ones.w);
}

/// The lowest alien of the nearest column that has one, of two the left one; no cell without aliens.
fn shooter(aliens: Board, pos: i32) -> Board {
  let folded = aliens.x | aliens.y | aliens.z | aliens.w;
  let columns = (folded | (folded >> 10u) | (folded >> 20u)) & 0x3ffu;
  if (columns == 0u) { return Board(); }
  // Of the columns up to pos the last, of those after it the first.
  let before = i32(firstLeadingBit(columns & ((2u << u32(pos)) - 1u)));
  let after = i32(firstTrailingBit(columns >> u32(pos)));
  let use_before = before >= 0 && (after < 0 || pos - before <= after);
  let x = u32(select(pos + after, before, use_before));
  let here = aliens & (COLUMN_0 << vec4u(x));
  if (here.w != 0u) { return Board(0u, 0u, 0u, here.w); }
  if (here.z != 0u) { return Board(0u, 0u, 1u << firstLeadingBit(here.z), 0u); }
  if (here.y != 0u) { return Board(0u, 1u << firstLeadingBit(here.y), 0u, 0u); }
  return Board(1u << firstLeadingBit(here.x), 0u, 0u, 0u);
}

fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  var s = *state;
  s.last_action = sticky(s.last_action, game_action(action), rng);
  if (s.last_action == ACTION_FIRE && s.shot_timer == 0) {
    s.friendly.w |= 1u << u32(s.pos);
    s.shot_timer = SHOT_COOLDOWN;
  }
  if (s.last_action == ACTION_LEFT) { s.pos = max(0, s.pos - 1); }
  if (s.last_action == ACTION_RIGHT) { s.pos = min(LAST, s.pos + 1); }
  s.friendly = up(s.friendly);
  s.enemy = down(s.enemy);
  let cannon = 1u << u32(s.pos);
  var ends = ((s.enemy.w | s.aliens.w) & cannon) != 0u;
  if (s.alien_move_timer == 0) {
    s.alien_move_timer = min(count(s.aliens), s.move_interval);
    let is_left = s.alien_dir < 0;
    if (any((s.aliens & (COLUMN_0 << vec4u(select(9u, 0u, is_left)))) != vec4u(0u))) {
      s.alien_dir = -s.alien_dir;
      ends = ends || s.aliens.w != 0u;
      // Around: what was in the last row is in the first.
      s.aliens = down(s.aliens) | vec4u(s.aliens.w, 0u, 0u, 0u);
    } else {
      s.aliens = select(s.aliens << vec4u(1u), s.aliens >> vec4u(1u), is_left);
    }
    ends = ends || (s.aliens.w & cannon) != 0u;
  }
  if (s.alien_shot_timer == 0) {
    s.alien_shot_timer = ENEMY_SHOT_INTERVAL;
    s.enemy |= shooter(s.aliens, s.pos);
  }
  let killed = s.aliens & s.friendly;
  s.aliens ^= killed;
  s.friendly ^= killed;
  s.shot_timer = max(0, s.shot_timer - 1);
  s.alien_move_timer--;
  s.alien_shot_timer--;
  if (all(s.aliens == vec4u(0u))) {
    if (s.move_interval > LEAST_INTERVAL && params.difficulty_ramping) {
      s.move_interval--;
      s.ramp_index++;
    }
    s.aliens = BLOCK;
  }
  *state = s;
  return StepResult(f32(count(killed)), u32(ends));
}

/// The cells that have a bit in word `i`, one after the other.
fn env_observe_word(state: EnvState, i: u32) -> u32 {
  var word = seen(i, state.pos, LAST, 0u);
  // An alien is in two channels: in its own, and in that of its direction.
  let alien = 2u | select(8u, 4u, state.alien_dir < 0);
  let first = 32u * i;
  let end = min(100u, (first + 31u) / CHANNELS + 1u);
  for (var cell = first / CHANNELS; cell < end; cell++) {
    let row = cell / 30u;
    let bit = 1u << (cell % 30u);
    var channels = select(0u, alien, (state.aliens[row] & bit) != 0u);
    channels |= select(0u, 16u, (state.friendly[row] & bit) != 0u) | select(0u, 32u, (state.enemy[row] & bit) != 0u);
    let at = cell * CHANNELS;
    word |= select(channels << ((at - first) & 31u), channels >> ((first - at) & 31u), at < first);
  }
  return word;
}
