//#import "minatar/common"
//#import "minatar/actions"
// MinAtar's Freeway: a chicken crosses eight lanes of cars, as often as it can in 2501 steps.
// Twin: envs/minatar/freeway.ts

const OBS_DIM = 700u;
const CHANNELS = 7u;

alias Action = u32;

struct EnvState {
  /// Of car i, row i + 1, in bits 4i to 4i + 3: its column, steps until it moves, and steps between its moves, 1 to 5.
  xs: u32,
  timers: u32,
  speeds: u32,
  /// Bit i: car i moves left.
  leftward: u32,
  /// Row of the chicken, which is in column 4.
  pos: i32,
  move_timer: i32,
  terminate_timer: i32,
  last_action: u32,
}

const CARS = 8u;
const COLUMN = 4;
const CHICKEN_SPEED = 3;
const TIME_LIMIT = 2500;

fn channel_colour(channel: u32) -> u32 {
  return array<u32, CHANNELS>(
    0x1b1e3bu, 0x16534cu, 0x447731u, 0xa1794au, 0xd484a9u, 0xc6b4eeu, 0xcbe8f0u,
  )[channel];
}

/// New speeds and directions of all cars; a car's timer starts at its speed.
fn draw_cars(s: ptr<function, EnvState>, rng: ptr<function, Rng>) {
  var speeds = 0u;
  var leftward = 0u;
  for (var car = 0u; car < CARS; car++) { speeds |= (random_below(rng, 5u) + 1u) << (4u * car); }
  for (var car = 0u; car < CARS; car++) { leftward |= select(0u, 1u << car, rng_uniform(rng) < 0.5); }
  (*s).speeds = speeds;
  (*s).timers = speeds;
  (*s).leftward = leftward;
}

fn env_reset(rng: ptr<function, Rng>, previous: EnvState) -> EnvState {
  var state = EnvState(0u, 0u, 0u, 0u, LAST, CHICKEN_SPEED, TIME_LIMIT, previous.last_action);
  draw_cars(&state, rng);
  return state;
}

fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  var s = *state;
  s.last_action = sticky(s.last_action, game_action(action), rng);
  var reward = 0.0;
  if (s.move_timer == 0 && (s.last_action == ACTION_UP || s.last_action == ACTION_DOWN)) {
    s.move_timer = CHICKEN_SPEED;
    s.pos = clamp(s.pos + select(1, -1, s.last_action == ACTION_UP), 0, LAST);
  }
  if (s.pos == 0) {
    reward = 1.0;
    draw_cars(&s, rng);
    s.pos = LAST;
  }
  for (var car = 0u; car < CARS; car++) {
    var x = nibble(s.xs, car);
    let is_in_row = s.pos == i32(car) + 1;
    var hit = is_in_row && x == COLUMN;
    let timer = nibble(s.timers, car);
    if (timer > 0) {
      s.timers = with_nibble(s.timers, car, timer - 1);
    } else {
      s.timers = with_nibble(s.timers, car, nibble(s.speeds, car));
      x = (x + select(1, LAST, ((s.leftward >> car) & 1u) == 1u)) % SIZE;
      s.xs = with_nibble(s.xs, car, x);
      hit = hit || (is_in_row && x == COLUMN);
    }
    if (hit) { s.pos = LAST; }
  }
  s.move_timer = max(0, s.move_timer - 1);
  s.terminate_timer--;
  *state = s;
  return StepResult(reward, u32(s.terminate_timer < 0));
}

fn env_observe_word(state: EnvState, i: u32) -> u32 {
  var word = seen(i, COLUMN, state.pos, 0u);
  for (var car = 0u; car < CARS; car++) {
    let x = nibble(state.xs, car);
    let y = i32(car) + 1;
    let behind = (x + select(LAST, 1, ((state.leftward >> car) & 1u) == 1u)) % SIZE;
    word |= seen(i, x, y, 1u) | seen(i, behind, y, 1u + u32(nibble(state.speeds, car)));
  }
  return word;
}
