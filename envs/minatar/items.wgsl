// The state of Seaquest, and what moves through it: an item is one word, and a list has a number of places, of which the
// first ones are taken. From the lowest bit on an item has x and y in 4 bits each, whether it moves right, whether it is a
// submarine, and in 4 bits each how many steps it waits before it moves, and before it shoots.
// Twin: envs/minatar/items.ts

const MAX_ENEMIES = 32u;
const MAX_ENEMY_BULLETS = 16u;
const MAX_BULLETS = 4u;
const MAX_DIVERS_IN = 4u;

struct EnvState {
  oxygen: i32,
  diver_count: i32,
  sub_x: i32,
  sub_y: i32,
  /// 1: the submarine looks right.
  sub_or: u32,
  /// 1: it is at the surface, and has been before this step.
  surface: u32,
  spawn_speed: i32,
  spawn_timer: i32,
  diver_timer: i32,
  move_speed: i32,
  ramp_index: i32,
  shot_timer: i32,
  /// How many things could not come in this episode because their list was full.
  overflow: u32,
  num_enemies: u32,
  num_enemy_bullets: u32,
  num_bullets: u32,
  num_divers: u32,
  /// Fish and submarines, in the order in which they came.
  enemies: array<u32, MAX_ENEMIES>,
  enemy_bullets: array<u32, MAX_ENEMY_BULLETS>,
  bullets: array<u32, MAX_BULLETS>,
  divers: array<u32, MAX_DIVERS_IN>,
  last_action: u32,
}

const PLACE = 0xffu;
const RIGHTWARD = 0x100u;
const SUBMARINE = 0x200u;

fn place_of(item: u32) -> u32 { return item & PLACE; }
fn row_of(item: u32) -> u32 { return (item >> 4u) & 15u; }
fn is_rightward(item: u32) -> bool { return (item & RIGHTWARD) != 0u; }
fn is_submarine(item: u32) -> bool { return (item & SUBMARINE) != 0u; }
fn move_timer(item: u32) -> u32 { return (item >> 10u) & 15u; }
fn shot_timer(item: u32) -> u32 { return (item >> 14u) & 15u; }
fn with_move_timer(item: u32, steps: u32) -> u32 { return (item & ~(15u << 10u)) | (steps << 10u); }
fn with_shot_timer(item: u32, steps: u32) -> u32 { return (item & ~(15u << 14u)) | (steps << 14u); }

/// At the side from which it moves, in row `y`.
fn new_item(right: u32, y: u32, sub: u32, moves_in: u32, shoots_in: u32) -> u32 {
  return (9u * (1u - right)) | (y << 4u) | (right << 8u) | (sub << 9u) | (moves_in << 10u) | (shoots_in << 14u);
}

/// One column further; off the board on the left x is 15.
fn advanced(item: u32) -> u32 {
  return (item & ~15u) | ((item + select(15u, 1u, is_rightward(item))) & 15u);
}

fn has_left(item: u32) -> bool { return (item & 15u) >= 10u; }

/// The place of the player's submarine, to compare with those of items.
fn player(s: ptr<function, EnvState>) -> u32 { return u32((*s).sub_x) | (u32((*s).sub_y) << 4u); }

/// The first fish, or submarine, there; MAX_ENEMIES: none.
fn enemy_at(s: ptr<function, EnvState>, place: u32, sub: bool) -> u32 {
  for (var i = 0u; i < (*s).num_enemies; i++) {
    let enemy = (*s).enemies[i];
    if (place_of(enemy) == place && is_submarine(enemy) == sub) { return i; }
  }
  return MAX_ENEMIES;
}

/// The first bullet of the player there; MAX_BULLETS: none.
fn bullet_at(s: ptr<function, EnvState>, place: u32) -> u32 {
  for (var i = 0u; i < (*s).num_bullets; i++) { if (place_of((*s).bullets[i]) == place) { return i; } }
  return MAX_BULLETS;
}

fn add_enemy(s: ptr<function, EnvState>, item: u32) {
  if ((*s).num_enemies == MAX_ENEMIES) { (*s).overflow++; return; }
  (*s).enemies[(*s).num_enemies] = item;
  (*s).num_enemies++;
}

fn add_enemy_bullet(s: ptr<function, EnvState>, item: u32) {
  if ((*s).num_enemy_bullets == MAX_ENEMY_BULLETS) { (*s).overflow++; return; }
  (*s).enemy_bullets[(*s).num_enemy_bullets] = item;
  (*s).num_enemy_bullets++;
}

fn add_bullet(s: ptr<function, EnvState>, item: u32) {
  if ((*s).num_bullets == MAX_BULLETS) { (*s).overflow++; return; }
  (*s).bullets[(*s).num_bullets] = item;
  (*s).num_bullets++;
}

fn add_diver(s: ptr<function, EnvState>, item: u32) {
  if ((*s).num_divers == MAX_DIVERS_IN) { (*s).overflow++; return; }
  (*s).divers[(*s).num_divers] = item;
  (*s).num_divers++;
}

// Removing keeps the order of the others; the place that becomes free is 0.
fn remove_enemy(s: ptr<function, EnvState>, at: u32) {
  (*s).num_enemies--;
  for (var i = at; i < (*s).num_enemies; i++) { (*s).enemies[i] = (*s).enemies[i + 1u]; }
  (*s).enemies[(*s).num_enemies] = 0u;
}

fn remove_enemy_bullet(s: ptr<function, EnvState>, at: u32) {
  (*s).num_enemy_bullets--;
  for (var i = at; i < (*s).num_enemy_bullets; i++) { (*s).enemy_bullets[i] = (*s).enemy_bullets[i + 1u]; }
  (*s).enemy_bullets[(*s).num_enemy_bullets] = 0u;
}

fn remove_bullet(s: ptr<function, EnvState>, at: u32) {
  (*s).num_bullets--;
  for (var i = at; i < (*s).num_bullets; i++) { (*s).bullets[i] = (*s).bullets[i + 1u]; }
  (*s).bullets[(*s).num_bullets] = 0u;
}

fn remove_diver(s: ptr<function, EnvState>, at: u32) {
  (*s).num_divers--;
  for (var i = at; i < (*s).num_divers; i++) { (*s).divers[i] = (*s).divers[i + 1u]; }
  (*s).divers[(*s).num_divers] = 0u;
}
