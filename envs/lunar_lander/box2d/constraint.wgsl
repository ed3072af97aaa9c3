// The constraints of touching contacts: Box2D's b2ContactSolver.cpp, the moon being fixed.
// Twin: envs/lunar_lander/box2d/constraint.ts
//#import "lunar_lander/contacts"

/// Touching contacts that are solved at once; more are left out, in the twin too.
const MAX_CONSTRAINTS = 8u;

struct Constraint {
  slot: u32,
  body: u32,
  friction: f32,
  manifold: Manifold,
  /// Points in the velocity solver: 1 if two would be redundant.
  points: u32,
  normal: vec2f,
  /// From the centre of mass to each point.
  arm1: vec2f,
  arm2: vec2f,
  normal_mass: vec2f,
  tangent_mass: vec2f,
  normal_impulse: vec2f,
  tangent_impulse: vec2f,
  /// For two points: k11, k12, k22 of the matrix that maps impulses to velocities, and of its inverse.
  k: vec3f,
  inverse: vec3f,
}

alias Constraints = array<Constraint, MAX_CONSTRAINTS>;

/// Computes contact `slot` again at the present pose. Its constraint, without masses; with no points when nothing
/// touches.
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

/// A point of contact: the normal from moon to body, the point on the face's other side, and the distance between the
/// skins.
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

/// Sets what depends on the pose: arms and masses.
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
