// LunarLander as Gymnasium draws it: a black sky over a white moon, flags, and the lander in lilac. The flames are where
// Gymnasium's particles begin; they do not drift and fade.
//#import "shaders/lib/env.wgsl"
//#import "lunar_lander/state"

const NUM_SLOPES = NUM_HILLS - 1u;
/// Below the shapes: the sky over each slope, two pennants, two legs, the lander.
const NUM_POLYGONS = NUM_SLOPES + 5u;
/// Two poles, three puffs of the main engine, two of the side engines.
const NUM_SHAPES = 7u;

const PIXEL = 1.0f / 30.0f;
const SEAM = 0.15f;
const SKY_TOP = 400.0f * PIXEL;
const POLE_FOOT = SKY_TOP / 4.0f;
const POLE_TOP = POLE_FOOT + 50.0f * PIXEL;
const BLACK = vec4f(0.0, 0.0, 0.0, 1.0);
const WHITE = vec4f(1.0);
const NO_EDGE = vec4f(0.0);
const YELLOW = vec4f(0.8, 0.8, 0.0, 1.0);
const LILAC = vec4f(0.502, 0.4, 0.902, 1.0);
const LILAC_EDGE = vec4f(0.302, 0.302, 0.502, 1.0);

fn pole_x(i: u32) -> f32 { return select(12.0, 8.0, i == 0u); }

/// The sky over slope `i`; at its top it is wider than the slope, so that no gap is visible.
fn sky(state: EnvState, i: u32) -> Polygon {
  var terrain = state.terrain;
  let a = vec2f(2.0 * f32(i), terrain[i]);
  let b = vec2f(2.0 * f32(i) + 2.0, terrain[i + 1u]);
  let left = vec2f(a.x - SEAM, SKY_TOP + 1.0);
  let right = vec2f(b.x + SEAM, SKY_TOP + 1.0);
  // Steeper than any slope: the neighbour's ground stays free.
  let up = vec2f(SEAM, 3.0 * SEAM);
  return Polygon(array<vec2f, 6>(a, b, b + up, right, left, a + vec2f(-up.x, up.y)), BLACK, NO_EDGE);
}

fn pennant(i: u32) -> Polygon {
  let x = pole_x(i);
  let tip = vec2f(x + 25.0 * PIXEL, POLE_TOP - 5.0 * PIXEL);
  let top = vec2f(x, POLE_TOP);
  return Polygon(array<vec2f, 6>(vec2f(x, POLE_TOP - 10.0 * PIXEL), tip, top, top, top, top), YELLOW, NO_EDGE);
}

fn env_polygon(state: EnvState, i: u32) -> Polygon {
  if (i < NUM_SLOPES) { return sky(state, i); }
  if (i < NUM_SLOPES + 2u) { return pennant(i - NUM_SLOPES); }
  var bodies = state.bodies;
  let which = (i - NUM_SLOPES - 1u) % NUM_BODIES; // the legs, then the lander
  let body = bodies[which];
  if (which != LANDER) {
    let pose = pose_at(body.position, body.angle, vec2f(0.0));
    let h = LEG_HALF_SIZE;
    let last = placed(pose, vec2f(-h.x, h.y));
    let corners = array<vec2f, 6>(
      placed(pose, -h), placed(pose, vec2f(h.x, -h.y)), placed(pose, h), last, last, last);
    return Polygon(corners, LILAC, LILAC_EDGE);
  }
  let pose = pose_at(body.position, body.angle, LANDER_CENTRE);
  var corners = array<vec2f, 6>(
    vec2f(17.0, -10.0), vec2f(17.0, 0.0), vec2f(14.0, 17.0), vec2f(-14.0, 17.0), vec2f(-17.0, 0.0), vec2f(-17.0, -10.0));
  for (var k = 0u; k < 6u; k++) { corners[k] = placed(pose, PIXEL * corners[k]); }
  return Polygon(corners, LILAC, LILAC_EDGE);
}

/// A puff of an engine, `age` of 3 steps old.
fn puff(centre: vec2f, power: f32, age: f32) -> Shape {
  let left = power - 0.15 * age;
  let colour = vec4f(max(0.2, min(1.0, 0.15 + left)), max(0.2, 0.5 * left), max(0.2, 0.5 * left), select(0.0, 1.0, power > 0.0));
  return Shape(centre, vec2f(2.0 * PIXEL), 0.0, 2.0 * PIXEL, colour);
}

fn env_shape(state: EnvState, i: u32) -> Shape {
  if (i < 2u) {
    return Shape(vec2f(pole_x(i), 0.5 * (POLE_FOOT + POLE_TOP)), vec2f(0.5 * PIXEL, 25.0 * PIXEL), 0.0, 0.0, WHITE);
  }
  let pose = pose_at(state.bodies[LANDER].position, state.bodies[LANDER].angle, LANDER_CENTRE);
  if (i < 5u) {
    let age = f32(i - 2u);
    return puff(placed(pose, PIXEL * vec2f(3.0 * (age - 1.0), -16.0 - 9.0 * age)), state.flames[0], age);
  }
  let age = f32(i - 5u);
  let side = sign(state.flames[1]);
  return puff(placed(pose, PIXEL * vec2f(side * (22.0 + 9.0 * age), 14.0)), abs(state.flames[1]), age);
}
