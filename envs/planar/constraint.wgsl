//#import "planar/vectors"
// Soft constraints as MuJoCo has them ("Computation", section Constraint model; Todorov 2014): a spring for a distance, as
// stiff as its impedance says; and contacts, whose friction is a pyramid with four edges. In the plane two edges lean along
// the floor, and the other two are the normal itself.
// Twin: envs/planar/constraints.ts

/// The residual at no acceleration of what is out of reach: no acceleration makes it negative.
const OUT_OF_REACH = 1e12f;
const LEAST_REGULARIZER = 1e-15f;
const LEAST_FRICTION = 1e-5f;

/// A row pushes with -stiffness min(0, residual), and its residual is that at no acceleration, `base`, plus the
/// acceleration along it.
struct Spring {
  stiffness: f32,
  base: f32,
}

/// Impedance at a violation x >= 0: from least by range to most over the width, as two parabolas that meet in the middle.
fn impedance_at(x: f32, impedance: vec4f) -> f32 {
  let share = min(x / impedance.z, 1.0);
  let middle = impedance.w;
  let rise = share * share / middle;
  let fall = 1.0 - (1.0 - share) * (1.0 - share) / (1.0 - middle);
  return impedance.x + impedance.y * select(fall, rise, share <= middle);
}

/// The spring of a distance that changes at `velocity`. `spring`: MuJoCo's K, B, and the margin. `inverse_mass`: diagApprox.
fn spring_of(distance: f32, velocity: f32, impedance: vec4f, spring: vec3f, inverse_mass: f32) -> Spring {
  let violation = distance - spring.z;
  if (violation >= 0.0) { return Spring(0.0, OUT_OF_REACH); }
  let d = impedance_at(-violation, impedance);
  let regularizer = max((1.0 - d) / d * inverse_mass, LEAST_REGULARIZER);
  return Spring(1.0 / regularizer, spring.x * d * violation + spring.y * velocity);
}

struct Contact {
  /// Of each of the four rows: 0 out of reach.
  stiffness: f32,
  friction: f32,
  /// Across the contact, towards the (second) capsule; and its point, from the reference point of that capsule's frame.
  normal: vec2f,
  at: vec2f,
  /// Residual at no acceleration, along normal and tangent.
  base: vec2f,
  /// Between the surfaces.
  distance: f32,
}

fn tangent(normal: vec2f) -> vec2f { return vec2f(normal.y, -normal.x); }

/// Along normal and tangent.
fn seen_by(c: Contact, r: vec2f) -> vec2f { return vec2f(dot(c.normal, r), dot(tangent(c.normal), r)); }

/// A contact of surfaces at `distance`. `velocity`: of its point. `friction`: 0 for a contact without.
fn contact_of(normal: vec2f, at: vec2f, distance: f32, velocity: vec2f, friction: f32, impedance: vec4f, spring: vec3f,
  inverse_mass: f32) -> Contact {
  var c = Contact(0.0, 0.0, normal, at, vec2f(0.0), distance);
  let v = seen_by(c, velocity);
  if (friction == 0.0) {
    // Four equal rows of a quarter of the stiffness are one.
    let s = spring_of(distance, v.x, impedance, spring, inverse_mass);
    c.stiffness = 0.25 * s.stiffness;
    c.base = vec2f(s.base, 0.0);
    return c;
  }
  let mu = max(friction_factor() * friction, LEAST_FRICTION);
  let s = spring_of(distance, v.x, impedance, spring, inverse_mass * (1.0 + mu * mu));
  c.stiffness = s.stiffness / (2.0 * mu * mu);
  c.friction = mu;
  c.base = vec2f(s.base, select(spring.y * v.y, 0.0, s.stiffness == 0.0));
  return c;
}

/// The stiffness of the rows that push at `residual`: between normals, normal and tangent, tangents.
fn pushing(c: Contact, residual: vec2f) -> vec3f {
  let lean = c.friction * residual.y;
  let forward = select(0.0, c.stiffness, residual.x + lean < 0.0);
  let back = select(0.0, c.stiffness, residual.x - lean < 0.0);
  let straight = select(0.0, 2.0 * c.stiffness, residual.x < 0.0);
  let both = forward + back;
  return vec3f(both + straight, c.friction * (forward - back), c.friction * c.friction * both);
}

/// The force that these rows take for a residual along normal and tangent, in the world's directions.
fn push(c: Contact, weight: vec3f, residual: vec2f) -> vec2f {
  return -(c.normal * dot(weight.xy, residual) + tangent(c.normal) * dot(weight.yz, residual));
}

/// The stiffness in the world's directions: xx, xy, yy.
fn stiffness_of(c: Contact, weight: vec3f) -> vec3f {
  let n = c.normal;
  let t = tangent(n);
  return weight.x * vec3f(n.x * n.x, n.x * n.y, n.y * n.y) + weight.y * vec3f(2.0 * n.x * t.x, n.x * t.y + n.y * t.x, 2.0 * n.y * t.y)
    + weight.z * vec3f(t.x * t.x, t.x * t.y, t.y * t.y);
}
