//#import "shaders/lib/rng.wgsl"
//#import "shaders/lib/env.wgsl"
//#import "shaders/lib/sincos.wgsl"
//#import "shaders/lib/tanh.wgsl"
//#import "params"
//#import "lunar_lander/action"
//#import "lunar_lander/world"
//#import "lunar_lander/picture"
// LunarLander: land between two flags, with three engines whose impulses are slightly random. The dynamics are
// those of Gymnasium's lunar_lander.py and of Box2D 2.3 below it (box2d/), in the same order and with as many iterations.
// The spec binds "lunar_lander/action" to discrete.wgsl or continuous.wgsl.
// Twin: envs/lunar_lander/lunar_lander.ts

const OBS_DIM = 8u;

struct EnvState {
  /// Lander, right leg, left leg.
  bodies: array<Body, NUM_BODIES>,
  joints: array<Joint, NUM_JOINTS>,
  /// Height of the moon at x = 0, 2, ..., 20 m.
  terrain: array<f32, NUM_HILLS>,
  /// Pairs of body and edge that are near each other: how many there are, and those, the latest first.
  contact_count: u32,
  contacts: array<Contact, MAX_CONTACTS>,
  /// 1 when a leg stands on the ground.
  legs: array<u32, 2>,
  /// Time indices of the wind's force and torque.
  wind_index: i32,
  torque_index: i32,
  /// Power of the main engine in the latest step, and of the side engines: below 0 the left one, above 0 the right one.
  flames: array<f32, 2>,
}

const WIDTH = 20.0f;
const HEIGHT = 400.0f / 30.0f;
const HELIPAD_Y = HEIGHT / 4.0f;
const LEG_AWAY = 20.0f / 30.0f;
const LEG_DOWN = 18.0f / 30.0f;
const FPS = 50.0f;
const INITIAL_RANDOM = 1000.0f;
const MAIN_ENGINE_POWER = 13.0f;
const SIDE_ENGINE_POWER = 0.6f;
const MAIN_ENGINE_Y = 4.0f / 30.0f;
const SIDE_ENGINE_AWAY = 12.0f / 30.0f;
/// Upstream places the side engines by half the lander's width, and 14 units up.
const SIDE_ENGINE_PLACE = vec2f(17.0f / 30.0f, 14.0f / 30.0f);

fn draw_between(rng: ptr<function, Rng>, low: f32, high: f32) -> f32 { return low + (high - low) * rng_uniform(rng); }

/// A whole number in [-9999, 9999): floor(19998 u), without rounding.
fn draw_index(rng: ptr<function, Rng>) -> i32 {
  let k = u32(rng_uniform(rng) * 0x1p24f);
  return i32(((k >> 12u) * 19998u + (((k & 0xfffu) * 19998u) >> 12u)) >> 12u) - 9999;
}

/// Heights of the moon: smoothed random numbers, level under the landing pad. Its first neighbour on the left is the
/// last one.
fn draw_terrain(rng: ptr<function, Rng>) -> array<f32, NUM_HILLS> {
  var height: array<f32, NUM_HILLS + 1u>;
  for (var i = 0u; i <= NUM_HILLS; i++) {
    let drawn = draw_between(rng, 0.0, HEIGHT / 2.0);
    height[i] = select(drawn, HELIPAD_Y, i >= 3u && i <= 7u);
  }
  var terrain: array<f32, NUM_HILLS>;
  for (var i = 0u; i < NUM_HILLS; i++) {
    terrain[i] = 0.33 * (height[select(i - 1u, NUM_HILLS, i == 0u)] + height[i] + height[i + 1u]);
  }
  return terrain;
}

/// The wind at a moment, -1 to 1.
fn gust(index: i32) -> f32 { return tanh1(sincos(0.02 * f32(index)).x + sincos(0.031415927 * f32(index)).x); }

/// Force and torque of the wind; only while no leg is on the ground.
fn blow(state: ptr<function, EnvState>) -> Load {
  if (!params.enable_wind || (*state).legs[0] != 0u || (*state).legs[1] != 0u) { return Load(0.0); }
  let load = Load(gust((*state).wind_index) * params.wind_power, 0.0, gust((*state).torque_index) * params.turbulence_power);
  (*state).wind_index++;
  (*state).torque_index++;
  return load;
}

/// Draws the random offsets of the engines, and fires them. Returns the power of the main engine and of the side
/// engines.
fn fire_engines(state: ptr<function, EnvState>, throttle: vec3f, rng: ptr<function, Rng>) -> vec2f {
  let pose = pose_of(state, LANDER);
  let tip = vec2f(pose.s, pose.c);
  let across = vec2f(-tip.y, tip.x);
  let first = draw_between(rng, -1.0, 1.0) / 30.0;
  let second = draw_between(rng, -1.0, 1.0) / 30.0;
  let arm = pose.p - (*state).bodies[LANDER].position;
  var change = Motion(0.0);
  if (throttle.x > 0.0) {
    let o = vec2f(1.0, -1.0) * (tip * (MAIN_ENGINE_Y + 2.0 * first) + across * second);
    change += impulse_motion(LANDER, arm + o, -o * (MAIN_ENGINE_POWER * throttle.x));
  }
  if (throttle.y > 0.0) {
    let o = vec2f(1.0, -1.0) * (tip * first + across * (3.0 * second + throttle.z * SIDE_ENGINE_AWAY));
    let at = o + vec2f(-1.0, 1.0) * tip * SIDE_ENGINE_PLACE;
    change += impulse_motion(LANDER, arm + at, -o * (SIDE_ENGINE_POWER * throttle.y));
  }
  (*state).bodies[LANDER].velocity += change.xy;
  (*state).bodies[LANDER].angular_velocity += change.z;
  (*state).flames = array<f32, 2>(throttle.x, throttle.y * throttle.z);
  return throttle.xy;
}

/// A random moon, the lander at the top of the picture with a random push, and one step without engines.
fn env_reset(rng: ptr<function, Rng>) -> EnvState {
  var state: EnvState;
  state.terrain = draw_terrain(rng);
  let top = vec2f(WIDTH / 2.0, HEIGHT);
  for (var body = 0u; body < NUM_BODIES; body++) {
    // 0 for the lander, -1 and 1 for the legs, which lie on the other side of it and turn by 0.05 rad.
    let side = select(2.0 * f32(body) - 3.0, 0.0, body == LANDER);
    state.bodies[body] = body_at(body, top - vec2f(side * LEG_AWAY, 0.0), 0.05 * side);
  }
  var load = Load(0.0);
  load.x = draw_between(rng, -INITIAL_RANDOM, INITIAL_RANDOM);
  load.y = draw_between(rng, -INITIAL_RANDOM, INITIAL_RANDOM);
  if (params.enable_wind) {
    state.wind_index = draw_index(rng);
    state.torque_index = draw_index(rng);
  }
  load += blow(&state);
  _ = fire_engines(&state, vec3f(0.0), rng);
  let before = positions_of(&state);
  fly(&state, load);
  _ = sweep_boxes(&state, before, 7u);
  return state;
}

/// The potential of a state: a reward is the difference of two.
fn shaping(obs: array<f32, OBS_DIM>) -> f32 {
  return -100.0 * (length(vec2f(obs[0], obs[1])) + length(vec2f(obs[2], obs[3])) + abs(obs[4])) + 10.0 * (obs[6] + obs[7]);
}

/// The observation of the lander with its legs on or off the ground.
fn observe(lander: Body, right: u32, left: u32) -> array<f32, OBS_DIM> {
  let origin = pose_at(lander.position, lander.angle, LANDER_CENTRE).p;
  let at = (origin - vec2f(WIDTH / 2.0, HELIPAD_Y + LEG_DOWN)) / vec2f(WIDTH / 2.0, HEIGHT / 2.0);
  let v = lander.velocity * vec2f(WIDTH / 2.0, HEIGHT / 2.0) / FPS;
  return array<f32, OBS_DIM>(
    at.x, at.y, v.x, v.y, lander.angle, 20.0 * lander.angular_velocity / FPS, f32(right), f32(left));
}

fn env_step(state: ptr<function, EnvState>, action: Action, rng: ptr<function, Rng>) -> StepResult {
  let before = shaping(observe((*state).bodies[LANDER], (*state).legs[0], (*state).legs[1]));
  let load = blow(state);
  let power = fire_engines(state, throttles(action), rng);
  let crashed = step_world(state, load);
  let obs = observe((*state).bodies[LANDER], (*state).legs[0], (*state).legs[1]);
  let lost = crashed || abs(obs[0]) >= 1.0;
  let asleep = (*state).bodies[LANDER].awake == 0u;
  let reward = shaping(obs) - before - 0.3 * power.x - 0.03 * power.y;
  return StepResult(select(select(reward, -100.0, lost), 100.0, asleep), select(0u, 1u, lost || asleep));
}

fn env_observe(state: EnvState) -> array<f32, OBS_DIM> {
  return observe(state.bodies[LANDER], state.legs[0], state.legs[1]);
}
