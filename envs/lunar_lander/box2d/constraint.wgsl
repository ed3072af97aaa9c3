// The constraints of touching contacts, and iterations over them: Box2D's b2ContactSolver.cpp, the moon being fixed.
// Twin: envs/lunar_lander/box2d/constraint.ts, envs/lunar_lander/box2d/contact_solver.ts
//#import "lunar_lander/contacts"

/// Touching contacts that are solved at once; more are left out, in the twin too.
const MAX_CONSTRAINTS = 8u;

struct Constraint {
  slot: u32,
  body: u32,
  friction: f32,
  manifold: Manifold,
  /// Points that the velocity solver takes: 1 where two would be redundant.
  points: u32,
  normal: vec2f,
  /// From the centre of mass to each point.
  arm1: vec2f,
  arm2: vec2f,
  normal_mass: vec2f,
  tangent_mass: vec2f,
  normal_impulse: vec2f,
  tangent_impulse: vec2f,
  /// For two points: k11, k12, k22 of the matrix that takes impulses to velocities, and of its inverse.
  k: vec3f,
  inverse: vec3f,
}

alias Constraints = array<Constraint, MAX_CONSTRAINTS>;

/// Position or velocity of a body: x, y and the angle.
alias Motion = vec3f;

/// Computes contact `slot` anew at the present pose. Its constraint, without masses; with no points when nothing touches.
fn touch(state: ptr<function, EnvState>, slot: u32, crashed: ptr<function, bool>) -> Constraint {
  var c: Constraint;
  c.slot = slot;
  c.body = body_of((*state).contacts[slot]);
  let edge = edge_of((*state).contacts[slot]);
  c.friction = friction_between(c.body, edge);
  c.manifold = collide(edge_at(state, edge), c.body, pose_of(state, c.body));
  c.points = c.manifold.count;
  update_contact(state, slot, c.manifold, crashed);
  return c;
}

/// A point of contact: the normal from moon to body, the point on the face's other side, and how far apart the skins are.
struct ContactPoint {
  normal: vec2f,
  point: vec2f,
  separation: f32,
}

fn contact_point(m: Manifold, local: vec2f, pose: Pose) -> ContactPoint {
  if (m.face == FACE_EDGE) {
    let point = placed(pose, local);
    return ContactPoint(m.normal, point, dot(point - m.point, m.normal) - 2.0 * RADIUS);
  }
  let normal = turned(pose, m.normal);
  return ContactPoint(-normal, local, dot(local - placed(pose, m.point), normal) - 2.0 * RADIUS);
}

/// The middle between the two skins, from the centre of mass.
fn contact_arm(m: Manifold, local: vec2f, pose: Pose, centre: vec2f) -> vec2f {
  let p = contact_point(m, local, pose);
  // Both skins lie along the face's own normal.
  let normal = select(-p.normal, p.normal, m.face == FACE_EDGE);
  return p.point - 0.5 * (p.separation + 2.0 * RADIUS) * normal - centre;
}

/// 1 / effective mass of a push at `lever`.
fn inverse_mass(body: u32, lever: f32) -> f32 {
  return 1.0 / (shape_inv_mass(body) + shape_inv_inertia(body) * lever * lever);
}

/// Fills in what depends on the pose: arms and masses.
fn prepare_constraint(given: Constraint, pose: Pose, centre: vec2f) -> Constraint {
  var c = given;
  c.normal = contact_point(c.manifold, c.manifold.local1, pose).normal;
  let tangent = clockwise(c.normal);
  c.arm1 = contact_arm(c.manifold, c.manifold.local1, pose, centre);
  c.arm2 = contact_arm(c.manifold, c.manifold.local2, pose, centre);
  let lever = vec2f(cross2(c.arm1, c.normal), cross2(c.arm2, c.normal));
  c.normal_mass = vec2f(inverse_mass(c.body, lever.x), inverse_mass(c.body, lever.y));
  c.tangent_mass = vec2f(inverse_mass(c.body, cross2(c.arm1, tangent)), inverse_mass(c.body, cross2(c.arm2, tangent)));
  if (c.manifold.count == 2u) {
    let k = shape_inv_mass(c.body) + shape_inv_inertia(c.body) * lever.xxy * lever.xyy;
    let det = k.x * k.z - k.y * k.y;
    c.k = k;
    if (k.x * k.x < MAX_CONDITION * det) { c.inverse = vec3f(k.z, -k.y, k.x) / det; }
    else { c.points = 1u; }
  }
  return c;
}

/// The order of bodies in an island: left leg, lander, right leg.
fn island_rank(body: u32) -> u32 { return (body + 1u) % NUM_BODIES; }

/// Updates contacts, and makes the constraints of those that touch. Returns how many there are.
/// With `first` MAX_CONTACTS: all of the list, from the latest on; those whose boxes came apart are dropped; constraints
/// stand body by body and take the impulses of the step before. (Box2D leaves out bodies that sleep while another one is
/// awake; that does not happen in practice, and the twin does it.)
/// Else, at an impact: contact `first`, and if it touches the others of its body.
fn touch_all(state: ptr<function, EnvState>, first: u32, touching: ptr<function, Constraints>, crashed: ptr<function, bool>) -> u32 {
  let every = first == MAX_CONTACTS;
  let only = select(body_of((*state).contacts[first % MAX_CONTACTS]), 0u, every);
  var count = 0u;
  var k = 0u;
  while (k < (*state).contact_count + select(1u, 0u, every)) {
    let slot = select(select(k - 1u, first, k == 0u), k, every);
    let contact = (*state).contacts[slot];
    let body = body_of(contact);
    if (every && !boxes_overlap(state, body, edge_of(contact))) {
      if (contact.points > 0u) { end_contact(state, body); }
      remove_contact(state, slot);
      continue;
    }
    k++;
    if (!every && k > 1u && (slot == first || body != only)) { continue; }
    var c = touch(state, slot, crashed);
    if (c.points == 0u && slot == first) { return 0u; }
    if (c.points == 0u || count == MAX_CONSTRAINTS) { continue; }
    if (every) {
      c = prepare_constraint(c, pose_of(state, body), (*state).bodies[body].position);
      c.normal_impulse = (*state).contacts[slot].normal_impulse;
      c.tangent_impulse = (*state).contacts[slot].tangent_impulse;
    }
    var i = count;
    for (; i > 0u; i--) {
      if (island_rank((*touching)[i - 1u].body) <= island_rank(body)) { break; }
      (*touching)[i] = (*touching)[i - 1u];
    }
    (*touching)[i] = c;
    count++;
  }
  return count;
}

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

/// One iteration on velocities: friction first, since not to sink in matters more. Returns the body's new velocity.
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

/// Both normals at once: of the four ways in which each point may push or come apart, the first that is possible.
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
