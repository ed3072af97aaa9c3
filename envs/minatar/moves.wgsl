// How everything but the player moves in Seaquest, and what meets what. Lists are gone through from their ends, so that
// removing an item moves none that is still to come.
// Twin: envs/minatar/seaquest.ts
//#import "minatar/items"

const MAX_DIVERS = 6;
const ENEMY_SHOT_INTERVAL = 10u;
const DIVER_SPEED = 5u;

/// Each of the player's bullets takes the first fish that it meets, else the first submarine. Returns how many did.
fn move_bullets(s: ptr<function, EnvState>) -> u32 {
  var taken = 0u;
  for (var i = (*s).num_bullets; i > 0u; i--) {
    let bullet = advanced((*s).bullets[i - 1u]);
    (*s).bullets[i - 1u] = bullet;
    if (has_left(bullet)) {
      remove_bullet(s, i - 1u);
      continue;
    }
    var hit = enemy_at(s, place_of(bullet), false);
    if (hit == MAX_ENEMIES) { hit = enemy_at(s, place_of(bullet), true); }
    if (hit == MAX_ENEMIES) { continue; }
    remove_enemy(s, hit);
    remove_bullet(s, i - 1u);
    taken++;
  }
  return taken;
}

fn is_picked(s: ptr<function, EnvState>, diver: u32) -> bool {
  return place_of(diver) == player(s) && (*s).diver_count < MAX_DIVERS;
}

fn move_divers(s: ptr<function, EnvState>) {
  for (var i = (*s).num_divers; i > 0u; i--) {
    var diver = (*s).divers[i - 1u];
    var picked = is_picked(s, diver);
    if (!picked) {
      if (move_timer(diver) == 0u) {
        diver = with_move_timer(advanced(diver), DIVER_SPEED);
        if (has_left(diver)) {
          remove_diver(s, i - 1u);
          continue;
        }
        picked = is_picked(s, diver);
      } else {
        diver = with_move_timer(diver, move_timer(diver) - 1u);
      }
      (*s).divers[i - 1u] = diver;
    }
    if (picked) {
      remove_diver(s, i - 1u);
      (*s).diver_count++;
    }
  }
}

struct Met {
  reward: u32,
  ends: bool,
}

/// Fish or submarines: meet the player, move, meet it or a bullet there.
fn move_enemies(s: ptr<function, EnvState>, sub: bool) -> Met {
  var met = Met(0u, false);
  for (var i = (*s).num_enemies; i > 0u; i--) {
    var enemy = (*s).enemies[i - 1u];
    if (is_submarine(enemy) != sub) { continue; }
    met.ends = met.ends || place_of(enemy) == player(s);
    var is_gone = false;
    if (move_timer(enemy) == 0u) {
      enemy = with_move_timer(advanced(enemy), u32((*s).move_speed));
      is_gone = has_left(enemy);
      if (!is_gone && place_of(enemy) == player(s)) {
        met.ends = true;
      } else if (!is_gone) {
        let hit = bullet_at(s, place_of(enemy));
        if (hit < MAX_BULLETS) {
          remove_bullet(s, hit);
          is_gone = true;
          met.reward++;
        }
      }
    } else {
      enemy = with_move_timer(enemy, move_timer(enemy) - 1u);
    }
    if (sub) {
      // A submarine that is gone shoots all the same.
      let left = shot_timer(enemy);
      if (left == 0u) { add_enemy_bullet(s, enemy & (PLACE | RIGHTWARD)); }
      enemy = with_shot_timer(enemy, select(left - 1u, ENEMY_SHOT_INTERVAL, left == 0u));
    }
    if (is_gone) { remove_enemy(s, i - 1u); } else { (*s).enemies[i - 1u] = enemy; }
  }
  return met;
}

/// Returns whether one meets the player, before or after it moves.
fn move_enemy_bullets(s: ptr<function, EnvState>) -> bool {
  var ends = false;
  for (var i = (*s).num_enemy_bullets; i > 0u; i--) {
    let before = (*s).enemy_bullets[i - 1u];
    let bullet = advanced(before);
    ends = ends || place_of(before) == player(s) || place_of(bullet) == player(s);
    if (has_left(bullet)) { remove_enemy_bullet(s, i - 1u); } else { (*s).enemy_bullets[i - 1u] = bullet; }
  }
  return ends;
}
