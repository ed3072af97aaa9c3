//#import "minatar/common"
//#import "minatar/actions"
// MinAtar's Asterix: gold to take and enemies to avoid cross eight rows.
// Twin: envs/minatar/asterix.ts

const OBS_DIM = 400u;
const CHANNELS = 4u;

alias Action = u32;

struct EnvState {
  player_x: i32,
  player_y: i32,
  /// Column of what is in slot i, row i + 1: bits 4i to 4i + 3.
  xs: u32,
  /// Bit i: slot i is taken; what is in it moves right; it is gold.
  taken: u32,
  rightward: u32,
  gold: u32,
  spawn_speed: i32,
  spawn_timer: i32,
  move_speed: i32,
  move_timer: i32,
  ramp_timer: i32,
  ramp_index: i32,
  last_action: u32,
}

const SLOTS = 8u;
const RAMP_INTERVAL = 100;

fn channel_colour(channel: u32) -> u32 {
  return array<u32, CHANNELS>(0x163d4eu, 0x54792fu, 0xd07e93u, 0xc1caf3u)[channel];
}

fn env_reset(rng: ptr<function, Rng>, previous: EnvState) -> EnvState {
  return EnvState(5, 5, 0u, 0u, 0u, 0u, 10, 10, 5, 5, RAMP_INTERVAL, 0, previous.last_action);
}

/// Something enters a free slot; without one it does not, and the slot is not drawn.
fn spawn(s: ptr<function, EnvState>, rng: ptr<function, Rng>) {
  let is_rightward = rng_uniform(rng) < 0.5;
  let is_gold = rng_uniform(rng) < 1.0 / 3.0;
  var free = ~(*s).taken & 0xffu;
  if (free == 0u) { return; }
  // The lowest free slots are left out until the drawn one is the lowest.
  for (var left = random_below(rng, countOneBits(free)); left > 0u; left--) { free &= free - 1u; }
  let slot = countTrailingZeros(free);
  let bit = 1u << slot;
  (*s).taken |= bit;
  (*s).rightward |= select(0u, bit, is_rightward);
  (*s).gold |= select(0u, bit, is_gold);
  (*s).xs = with_nibble((*s).xs, slot, select(LAST, 0, is_rightward));
}

/// Empties a slot; nothing of it stays in the state.
fn clear_slot(s: ptr<function, EnvState>, slot: u32) {
  let rest = ~(1u << slot);
  (*s).taken &= rest;
  (*s).rightward &= rest;
  (*s).gold &= rest;
  (*s).xs = with_nibble((*s).xs, slot, 0);
}

/// What the player meets in the slot of its row: gold is taken, an enemy ends the episode.
fn meet(s: ptr<function, EnvState>, result: ptr<function, StepResult>) {
  let slot = u32((*s).player_y - 1);
  let bit = 1u << slot;
  if (((*s).taken & bit) == 0u || (*s).player_x != nibble((*s).xs, slot)) { return; }
  if (((*s).gold & bit) != 0u) {
    (*result).reward += 1.0;
    clear_slot(s, slot);
  } else {
    (*result).terminated = 1u;
  }
}

fn ramp(s: ptr<function, EnvState>) {
  if ((*s).spawn_speed <= 1 && (*s).move_speed <= 1) { return; }
  if ((*s).ramp_timer >= 0) {
    (*s).ramp_timer--;
    return;
  }
  if ((*s).move_speed > 1 && ((*s).ramp_index & 1) == 1) { (*s).move_speed--; }
  if ((*s).spawn_speed > 1) { (*s).spawn_speed--; }
  (*s).ramp_index++;
  (*s).ramp_timer = RAMP_INTERVAL;
}

fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  var s = *state;
  s.last_action = sticky(s.last_action, game_action(action), rng);
  var result = StepResult(0.0, 0u);
  if (s.spawn_timer == 0) {
    spawn(&s, rng);
    s.spawn_timer = s.spawn_speed;
  }
  if (s.last_action == ACTION_LEFT) { s.player_x = max(0, s.player_x - 1); }
  if (s.last_action == ACTION_RIGHT) { s.player_x = min(LAST, s.player_x + 1); }
  if (s.last_action == ACTION_UP) { s.player_y = max(1, s.player_y - 1); }
  if (s.last_action == ACTION_DOWN) { s.player_y = min(i32(SLOTS), s.player_y + 1); }
  meet(&s, &result);
  if (s.move_timer == 0) {
    s.move_timer = s.move_speed;
    for (var slot = 0u; slot < SLOTS; slot++) {
      if (((s.taken >> slot) & 1u) == 0u) { continue; }
      let x = nibble(s.xs, slot) + select(-1, 1, ((s.rightward >> slot) & 1u) == 1u);
      if (is_inside(x)) {
        s.xs = with_nibble(s.xs, slot, x);
      } else {
        clear_slot(&s, slot);
      }
    }
    meet(&s, &result);
  }
  s.spawn_timer--;
  s.move_timer--;
  if (params.difficulty_ramping) { ramp(&s); }
  *state = s;
  return result;
}

fn env_observe_word(state: EnvState, i: u32) -> u32 {
  var word = seen(i, state.player_x, state.player_y, 0u);
  for (var slot = 0u; slot < SLOTS; slot++) {
    if (((state.taken >> slot) & 1u) == 0u) { continue; }
    let x = nibble(state.xs, slot);
    let y = i32(slot) + 1;
    word |= seen(i, x, y, select(1u, 3u, ((state.gold >> slot) & 1u) == 1u));
    word |= seen(i, x + select(1, -1, ((state.rightward >> slot) & 1u) == 1u), y, 2u);
  }
  return word;
}
