//#import "minatar/common"
//#import "minatar/actions"
//#import "minatar/items"
//#import "minatar/moves"
// MinAtar's Seaquest: a submarine shoots fish and submarines, picks up divers, and has to come up for air.
// Twin: envs/minatar/seaquest.ts

const OBS_DIM = 1000u;
const CHANNELS = 10u;

alias Action = u32;

const LOWEST = 8;
const MAX_OXYGEN = 200;
const SHOT_COOLDOWN = 5;
const DIVER_INTERVAL = 30;
const LEAST_MOVE_SPEED = 2;

fn channel_colour(channel: u32) -> u32 {
  return array<u32, CHANNELS>(
    0x19122bu, 0x17344cu, 0x185b48u, 0x3c7632u, 0x7e7a36u, 0xbc7967u, 0xd486afu, 0xcaa9e7u, 0xc2d2f3u, 0xd6f0efu,
  )[channel];
}

fn env_reset(rng: ptr<function, Rng>, previous: EnvState) -> EnvState {
  var s: EnvState;
  s.oxygen = MAX_OXYGEN;
  s.sub_x = 5;
  s.surface = 1u;
  s.spawn_speed = 20;
  s.spawn_timer = 20;
  s.diver_timer = DIVER_INTERVAL;
  s.move_speed = 5;
  s.last_action = previous.last_action;
  return s;
}

/// A fish or a submarine comes in at a side, unless its row has one that goes the other way.
fn spawn_enemy(s: ptr<function, EnvState>, rng: ptr<function, Rng>) {
  let right = u32(rng_uniform(rng) < 0.5);
  let sub = u32(rng_uniform(rng) < 1.0 / 3.0);
  let y = random_below(rng, u32(LOWEST)) + 1u;
  for (var i = 0u; i < (*s).num_enemies; i++) {
    let enemy = (*s).enemies[i];
    if (row_of(enemy) == y && is_rightward(enemy) != (right == 1u)) { return; }
  }
  add_enemy(s, new_item(right, y, sub, u32((*s).move_speed), sub * ENEMY_SHOT_INTERVAL));
}

fn spawn_diver(s: ptr<function, EnvState>, rng: ptr<function, Rng>) {
  let right = u32(rng_uniform(rng) < 0.5);
  add_diver(s, new_item(right, random_below(rng, u32(LOWEST)) + 1u, 0u, DIVER_SPEED, 0u));
}

fn take_action(s: ptr<function, EnvState>) {
  let action = (*s).last_action;
  if (action == ACTION_FIRE && (*s).shot_timer == 0) {
    add_bullet(s, player(s) | ((*s).sub_or * RIGHTWARD));
    (*s).shot_timer = SHOT_COOLDOWN;
  }
  if (action == ACTION_LEFT || action == ACTION_RIGHT) {
    (*s).sub_or = u32(action == ACTION_RIGHT);
    (*s).sub_x = clamp((*s).sub_x + select(-1, 1, action == ACTION_RIGHT), 0, LAST);
  }
  if (action == ACTION_UP) { (*s).sub_y = max(0, (*s).sub_y - 1); }
  if (action == ACTION_DOWN) { (*s).sub_y = min(LOWEST, (*s).sub_y + 1); }
}

/// At the surface with a diver, or with one less than none: new oxygen, and a harder game. Returns the reward.
fn come_up(s: ptr<function, EnvState>) -> u32 {
  var reward = 0u;
  (*s).surface = 1u;
  if ((*s).diver_count == MAX_DIVERS) {
    reward = u32((*s).oxygen * SIZE / MAX_OXYGEN);
    (*s).diver_count = 0;
  }
  // As in the original also after all six: then the count is -1, and the next time at the surface does not end the game.
  (*s).diver_count--;
  (*s).oxygen = MAX_OXYGEN;
  if (!params.difficulty_ramping || ((*s).spawn_speed <= 1 && (*s).move_speed <= LEAST_MOVE_SPEED)) { return reward; }
  if ((*s).move_speed > LEAST_MOVE_SPEED && ((*s).ramp_index & 1) == 1) { (*s).move_speed--; }
  if ((*s).spawn_speed > 1) { (*s).spawn_speed--; }
  (*s).ramp_index++;
  return reward;
}

fn env_step(s: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  (*s).last_action = sticky((*s).last_action, game_action(action), rng);
  if ((*s).spawn_timer == 0) {
    spawn_enemy(s, rng);
    (*s).spawn_timer = (*s).spawn_speed;
  }
  if ((*s).diver_timer == 0) {
    spawn_diver(s, rng);
    (*s).diver_timer = DIVER_INTERVAL;
  }
  take_action(s);
  var reward = move_bullets(s);
  move_divers(s);
  let submarines = move_enemies(s, true);
  let is_shot = move_enemy_bullets(s);
  let fish = move_enemies(s, false);
  reward += submarines.reward + fish.reward;
  var ends = submarines.ends || is_shot || fish.ends || (*s).oxygen <= 0;
  (*s).spawn_timer--;
  (*s).diver_timer--;
  (*s).shot_timer = max(0, (*s).shot_timer - 1);
  if ((*s).sub_y > 0) {
    (*s).oxygen--;
    (*s).surface = 0u;
  } else if ((*s).surface == 0u) {
    if ((*s).diver_count == 0) { ends = true; } else { reward += come_up(s); }
  }
  return StepResult(f32(reward), u32(ends));
}

/// An item in `channel`, and its trail.
fn seen_with_trail(i: u32, item: u32, channel: u32) -> u32 {
  let x = i32(item & 15u);
  let y = i32(row_of(item));
  return seen(i, x, y, channel) | seen(i, x + select(1, -1, is_rightward(item)), y, 3u);
}

fn env_observe_word(state: EnvState, i: u32) -> u32 {
  var s = state;
  var word = seen(i, s.sub_x, s.sub_y, 0u) | seen(i, s.sub_x + select(1, -1, s.sub_or == 1u), s.sub_y, 1u);
  for (var k = 0u; k < s.num_bullets; k++) {
    word |= seen(i, i32(s.bullets[k] & 15u), i32(row_of(s.bullets[k])), 2u);
  }
  for (var k = 0u; k < s.num_enemy_bullets; k++) {
    word |= seen(i, i32(s.enemy_bullets[k] & 15u), i32(row_of(s.enemy_bullets[k])), 4u);
  }
  for (var k = 0u; k < s.num_enemies; k++) {
    word |= seen_with_trail(i, s.enemies[k], select(5u, 6u, is_submarine(s.enemies[k])));
  }
  for (var k = 0u; k < s.num_divers; k++) { word |= seen_with_trail(i, s.divers[k], 9u); }
  // The last row shows a cell for each 20 of the oxygen, and the divers, from the right, beside the last column.
  if (i >= 28u) {
    for (var x = 0; x < SIZE; x++) {
      word |= select(0u, seen(i, x, LAST, 7u), x < s.oxygen * SIZE / MAX_OXYGEN);
      word |= select(0u, seen(i, x, LAST, 8u), x < LAST && x >= LAST - s.diver_count);
    }
  }
  return word;
}
