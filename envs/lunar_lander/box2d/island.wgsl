// The discrete part of a step: Box2D's b2Island::Solve over the three bodies, which are always one island. Gravity
// and `fast` are the environment's parameters.
// Twin: envs/lunar_lander/box2d/island.ts
//#import "params"
//#import "lunar_lander/joint"
//#import "lunar_lander/motions"

/// Velocities, and the impulses of both joints.
struct Velocities {
  v: Motions,
  right: vec4f,
  left: vec4f,
}

/// One iteration over both joints, the left one first. (After a sleep of some bodies only, which does not happen in
/// practice, Box2D takes another order; the twin does.)
fn solve_joints(given: Velocities, right: JointWork, left: JointWork) -> Velocities {
  let l = solve_joint_velocity(left, JointMotion(given.v.lander, given.v.left, given.left));
  let r = solve_joint_velocity(right, JointMotion(l.a, given.v.right, given.right));
  return Velocities(Motions(r.a, r.b, l.b), r.impulse, l.impulse);
}

/// One iteration over both joints' positions; `ok` as Box2D's.
struct Positions {
  x: Motions,
  ok: bool,
}
fn solve_joint_positions(x: Motions, limit_right: u32, limit_left: u32) -> Positions {
  let l = solve_joint_position(1.0, limit_left, x.lander, x.left);
  let r = solve_joint_position(-1.0, limit_right, l.a, x.right);
  return Positions(Motions(r.a, r.b, l.b), l.ok && r.ok);
}

/// The force and torque on the lander for one step: force, N, and torque, N m.
alias Load = vec3f;

/// Both joints, and the velocities to iterate on.
struct Island {
  right: JointWork,
  left: JointWork,
  s: Velocities,
}

/// Sets up the joints, and adds gravity and load to the velocities.
fn begin_island(state: ptr<function, EnvState>, load: Load) -> Island {
  let x = positions_of(state);
  let v = velocities_of(state);
  let right = prepare_joint(-1.0, x.lander.z, x.right.z);
  let left = prepare_joint(1.0, x.lander.z, x.left.z);
  let fall = Motion(0.0, DT * params.gravity, 0.0);
  let lander_load = DT * vec3f(LANDER_INV_MASS * load.xy, LANDER_INV_INERTIA * load.z);
  let motions = Motions(v.lander + fall + lander_load, v.right + fall, v.left + fall);
  let impulse_right = joint_impulse((*state).joints[0], right.limit);
  let impulse_left = joint_impulse((*state).joints[1], left.limit);
  return Island(right, left, Velocities(motions, impulse_right, impulse_left));
}

/// Starts both joints from the impulses of the step before.
fn warm_start_joints(given: Velocities, right: JointWork, left: JointWork) -> Velocities {
  let s = given;
  let l = push_joint(JointMotion(s.v.lander, s.v.left, s.left), left.arm_a, left.arm_b, s.left.xy, s.left.z + s.left.w);
  let r = push_joint(JointMotion(l.a, s.v.right, s.right), right.arm_a, right.arm_b, s.right.xy, s.right.z + s.right.w);
  return Velocities(Motions(r.a, r.b, l.b), s.right, s.left);
}

/// Stores the impulses of the joints. Returns the velocities, limited.
fn end_velocities(state: ptr<function, EnvState>, s: Velocities, right: u32, left: u32) -> Motions {
  (*state).joints[0] = Joint(array<f32, 2>(s.right.x, s.right.y), s.right.z, s.right.w, right);
  (*state).joints[1] = Joint(array<f32, 2>(s.left.x, s.left.y), s.left.z, s.left.w, left);
  return Motions(limited(s.v.lander, DT), limited(s.v.right, DT), limited(s.v.left, DT));
}

/// One step of an island that is awake. `touching`: the constraints of its contacts.
fn solve_island(state: ptr<function, EnvState>, load: Load, touching: ptr<function, Constraints>, count: u32) {
  let island = begin_island(state, load);
  var s = island.s;
  for (var i = 0u; i < count; i++) {
    let c = (*touching)[i];
    s.v = with_motion(s.v, c.body, motion_of(s.v, c.body) + warm_start(c));
  }
  s = warm_start_joints(s, island.right, island.left);
  for (var iteration = 0u; iteration < VELOCITY_ITERATIONS; iteration++) {
    let before = s.v;
    s = solve_joints(s, island.right, island.left);
    for (var i = 0u; i < count; i++) {
      let body = (*touching)[i].body;
      s.v = with_motion(s.v, body, solve_contact_velocity(touching, i, motion_of(s.v, body)));
    }
    if (params.fast && settled(before, s.v)) { break; }
  }
  for (var i = 0u; i < count; i++) { store_impulses(state, (*touching)[i]); }
  let v = end_velocities(state, s, island.right.limit, island.left.limit);
  var x = moved_by(positions_of(state), v);
  var solved = false;
  for (var iteration = 0u; iteration < POSITION_ITERATIONS && !solved; iteration++) {
    var least = 0.0;
    for (var i = 0u; i < count; i++) {
      let c = (*touching)[i];
      let moved = solve_contact_position(c, motion_of(x, c.body), BAUMGARTE);
      x = with_motion(x, c.body, moved.xyz);
      least = min(least, moved.w);
    }
    let joints = solve_joint_positions(x, island.right.limit, island.left.limit);
    x = joints.x;
    solved = joints.ok && least >= -3.0 * LINEAR_SLOP;
  }
  store_island(state, x, v, solved);
}

/// The same far above the ground, without contacts and sleeping bodies: the step of a reset.
fn fly(state: ptr<function, EnvState>, load: Load) {
  let island = begin_island(state, load);
  var s = warm_start_joints(island.s, island.right, island.left);
  for (var i = 0u; i < VELOCITY_ITERATIONS; i++) {
    let before = s.v;
    s = solve_joints(s, island.right, island.left);
    if (params.fast && settled(before, s.v)) { break; }
  }
  let v = end_velocities(state, s, island.right.limit, island.left.limit);
  var x = Positions(moved_by(positions_of(state), v), false);
  for (var i = 0u; i < POSITION_ITERATIONS && !x.ok; i++) {
    x = solve_joint_positions(x.x, island.right.limit, island.left.limit);
  }
  store_island(state, x.x, v, x.ok);
}

/// Stores the impulses of a contact for the next step.
fn store_impulses(state: ptr<function, EnvState>, c: Constraint) {
  (*state).contacts[c.slot].normal_impulse.x = c.normal_impulse.x;
  (*state).contacts[c.slot].tangent_impulse.x = c.tangent_impulse.x;
  if (c.points == 2u) {
    (*state).contacts[c.slot].normal_impulse.y = c.normal_impulse.y;
    (*state).contacts[c.slot].tangent_impulse.y = c.tangent_impulse.y;
  }
}

/// Writes back the bodies, and puts all to sleep together when all have been slow for half a second.
fn store_island(state: ptr<function, EnvState>, x: Motions, v: Motions, solved: bool) {
  var least = FAR;
  for (var body = 0u; body < NUM_BODIES; body++) {
    let velocity = motion_of(v, body);
    let position = motion_of(x, body);
    (*state).bodies[body].position = position.xy;
    (*state).bodies[body].angle = position.z;
    (*state).bodies[body].velocity = velocity.xy;
    (*state).bodies[body].angular_velocity = velocity.z;
    let fast = abs(velocity.z) > ANGULAR_SLEEP_TOLERANCE || length(velocity.xy) > LINEAR_SLEEP_TOLERANCE;
    let time = select((*state).bodies[body].sleep_time + DT, 0.0, fast);
    (*state).bodies[body].sleep_time = time;
    least = min(least, time);
  }
  if (least < TIME_TO_SLEEP || !solved) { return; }
  for (var body = 0u; body < NUM_BODIES; body++) {
    (*state).bodies[body].velocity = vec2f(0.0);
    (*state).bodies[body].angular_velocity = 0.0;
    (*state).bodies[body].sleep_time = 0.0;
    (*state).bodies[body].awake = 0u;
  }
}
