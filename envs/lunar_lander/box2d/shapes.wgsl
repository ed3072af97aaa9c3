// The three bodies: lander, leg 0 (on the right), leg 1 (on the left). Functions instead of arrays: an array that is
// indexed by a variable would lie in memory.
// Twin: envs/lunar_lander/box2d/shapes.ts
//#import "lunar_lander/settings"

const NUM_BODIES = 3u;
const LANDER = 0u;

/// Centre of mass of the lander in its own frame; that of a leg is its origin.
const LANDER_CENTRE = vec2f(0.0f, 0.10130719095468521f);
const LANDER_INV_MASS = 0.20761245489120483f;
const LANDER_INV_INERTIA = 1.275704264640808f;
const LEG_INV_MASS = 14.062498092651367f;
const LEG_INV_INERTIA = 558.3638305664062f;
const LEG_HALF_SIZE = vec2f(2.0f / 30.0f, 8.0f / 30.0f);

fn shape_centre(body: u32) -> vec2f { return select(vec2f(0.0), LANDER_CENTRE, body == LANDER); }
fn shape_inv_mass(body: u32) -> f32 { return select(LEG_INV_MASS, LANDER_INV_MASS, body == LANDER); }
fn shape_inv_inertia(body: u32) -> f32 { return select(LEG_INV_INERTIA, LANDER_INV_INERTIA, body == LANDER); }
fn shape_count(body: u32) -> u32 { return select(4u, 6u, body == LANDER); }

/// Vertex `i`, counter-clockwise, in the order of Box2D's hull.
fn shape_vertex(body: u32, i: u32) -> vec2f {
  let leg = LEG_HALF_SIZE * vec2f(select(-1.0, 1.0, i == 1u || i == 2u), select(-1.0, 1.0, i >= 2u));
  // The lander: (17, -10), (17, 0), (14, 17), and the same on the left, from the top down.
  let k = min(i, 5u - i);
  let x = select(17.0f / 30.0f, 14.0f / 30.0f, k == 2u);
  let y = select(select(-10.0f / 30.0f, 0.0f, k == 1u), 17.0f / 30.0f, k == 2u);
  return select(leg, vec2f(select(-x, x, i < 3u), y), body == LANDER);
}

/// The normal of the edge from vertex `i` to the next.
fn shape_normal(body: u32, i: u32) -> vec2f {
  if (body == LANDER) {
    if (i == 1u) { return vec2f(0.9847835898399353f, 0.17378532886505127f); }
    if (i == 3u) { return vec2f(-0.9847835898399353f, 0.17378532886505127f); }
  }
  // Right (0), up, left or down (3). The lander's edges 0, 2, 4, 5 and a leg's 1, 2, 3, 0.
  let quarter = select((i + 3u) & 3u, select(i / 2u, 3u, i == 5u), body == LANDER);
  let along = select(1.0, -1.0, quarter >= 2u);
  return select(vec2f(along, 0.0), vec2f(0.0, along), (quarter & 1u) == 1u);
}

/// Friction between a body and edge `edge` of the moon, whose floor (edge 0) is rougher than its hills.
fn friction_between(body: u32, edge: u32) -> f32 {
  return sqrt(select(0.1f, 0.2f, edge == 0u) * select(0.2f, 0.1f, body == LANDER));
}
