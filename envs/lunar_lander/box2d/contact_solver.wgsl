// Iterations over touching contacts: Box2D's b2ContactSolver.cpp.
// Twin: envs/lunar_lander/box2d/contact_solver.ts
//#import "lunar_lander/constraint"

/// Position or velocity of a body: x, y and the angle.
alias Motion = vec3f;

/// What impulse `p` at `arm` adds to the velocity.
fn impulse_motion(body: u32, arm: vec2f, p: vec2f) -> Motion {
  return Motion(shape_inv_mass(body) * p, shape_inv_inertia(body) * cross2(arm, p));
}

/// The velocity at `arm`, along `axis`.
fn velocity_along(v: Motion, arm: vec2f, axis: vec2f) -> f32 { return dot(v.xy + spin(v.z, arm), axis); }

/// What the impulses of the step before give.
fn warm_start(c: Constraint) -> Motion {
  let tangent = clockwise(c.normal);
  let first = impulse_motion(c.body, c.arm1, c.normal_impulse.x * c.normal + c.tangent_impulse.x * tangent);
  let second = impulse_motion(c.body, c.arm2, c.normal_impulse.y * c.normal + c.tangent_impulse.y * tangent);
  return first + select(Motion(0.0), second, c.points == 2u);
}

/// One iteration on velocities: friction first, because preventing penetration matters more. Returns the body's new
/// velocity.
fn solve_contact_velocity(constraints: ptr<function, Constraints>, index: u32, given: Motion) -> Motion {
  let c = (*constraints)[index];
  var v = given;
  let tangent = clockwise(c.normal);
  let most = c.friction * c.normal_impulse;
  var friction = c.tangent_impulse;
  friction.x = clamp(friction.x - c.tangent_mass.x * velocity_along(v, c.arm1, tangent), -most.x, most.x);
  v += impulse_motion(c.body, c.arm1, (friction.x - c.tangent_impulse.x) * tangent);
  if (c.points == 2u) {
    friction.y = clamp(friction.y - c.tangent_mass.y * velocity_along(v, c.arm2, tangent), -most.y, most.y);
    v += impulse_motion(c.body, c.arm2, (friction.y - c.tangent_impulse.y) * tangent);
  }
  (*constraints)[index].tangent_impulse = friction;
  let vn1 = velocity_along(v, c.arm1, c.normal);
  var impulse = c.normal_impulse;
  if (c.points == 1u) { impulse.x = max(impulse.x - c.normal_mass.x * vn1, 0.0); }
  else { impulse = two_points(c, vec2f(vn1, velocity_along(v, c.arm2, c.normal))); }
  (*constraints)[index].normal_impulse = impulse;
  let change = impulse - c.normal_impulse;
  v += impulse_motion(c.body, c.arm1, change.x * c.normal);
  return v + impulse_motion(c.body, c.arm2, change.y * c.normal);
}

/// Both normals at once: each point either pushes or separates; of the four combinations the first consistent one.
fn two_points(c: Constraint, vn: vec2f) -> vec2f {
  // b' = b - K a: the velocities without the impulses so far.
  let b = vn - vec2f(dot(c.k.xy, c.normal_impulse), dot(c.k.yz, c.normal_impulse));
  let both = -vec2f(dot(c.inverse.xy, b), dot(c.inverse.yz, b));
  if (all(both >= vec2f(0.0))) { return both; }
  let alone = -c.normal_mass * b;
  if (alone.x >= 0.0 && c.k.y * alone.x + b.y >= 0.0) { return vec2f(alone.x, 0.0); }
  if (alone.y >= 0.0 && c.k.y * alone.y + b.x >= 0.0) { return vec2f(0.0, alone.y); }
  return select(c.normal_impulse, vec2f(0.0), all(b >= vec2f(0.0)));
}

/// One iteration on positions: the body's new position and angle, and the least separation found, or 0.
fn solve_contact_position(c: Constraint, given: Motion, baumgarte: f32) -> vec4f {
  var x = given;
  var least = 0.0;
  for (var i = 0u; i < c.manifold.count; i++) {
    let pose = pose_at(x.xy, x.z, shape_centre(c.body));
    let p = contact_point(c.manifold, select(c.manifold.local2, c.manifold.local1, i == 0u), pose);
    let arm = p.point - x.xy;
    least = min(least, p.separation);
    let error = clamp(baumgarte * (p.separation + LINEAR_SLOP), -MAX_LINEAR_CORRECTION, 0.0);
    x += impulse_motion(c.body, arm, -error * inverse_mass(c.body, cross2(arm, p.normal)) * p.normal);
  }
  return vec4f(x, least);
}
