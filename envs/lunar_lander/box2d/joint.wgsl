// The two revolute joints with motor and limits: Box2D's b2RevoluteJoint.cpp. Body A is the lander, B a leg.
// Where Box2D solves its symmetric matrix by Cramer's rule in every iteration, this inverts it once.
// Twin: envs/lunar_lander/box2d/joint.ts
//#import "lunar_lander/contact_solver"

/// Values of Joint.limit.
const INACTIVE = 0u;
const AT_LOWER = 1u;
const AT_UPPER = 2u;

const MAX_MOTOR_IMPULSE = DT * 40.0f;
const MOTOR_MASS = 1.0f / (LANDER_INV_INERTIA + LEG_INV_INERTIA);
/// The lander's anchor is its origin; here it is measured from its centre of mass.
const ANCHOR_A = -LANDER_CENTRE;

/// The constants of the joint at `side`: -1 holds leg 0, on the right, 1 leg 1.
fn joint_lower(side: f32) -> f32 { return select(-0.9f, 0.4f, side < 0.0); }
fn joint_upper(side: f32) -> f32 { return select(-0.4f, 0.9f, side < 0.0); }
fn joint_anchor(side: f32) -> vec2f { return vec2f(side * (20.0f / 30.0f), 18.0f / 30.0f); }
/// The legs spread by this angle where the joint's is 0.
fn joint_reference(side: f32) -> f32 { return 0.05f * side; }

/// Both bodies of a joint, and its impulses: x, y, limit, motor.
struct JointMotion {
  a: Motion,
  b: Motion,
  impulse: vec4f,
}

/// The data for one solve of a joint.
struct JointWork {
  arm_a: vec2f,
  arm_b: vec2f,
  /// Effect of the limit's impulse on the point.
  kxz: f32,
  kyz: f32,
  /// Inverse of the point's 2 by 2 matrix: xx, xy, yy.
  point: vec3f,
  /// Inverse of the 3 by 3 matrix of point and angle: xx, xy, xz, and yy, yz, zz.
  whole_x: vec3f,
  whole_y: vec3f,
  motor_speed: f32,
  limit: u32,
}

fn rotated(angle: f32, v: vec2f) -> vec2f { return turned(pose_at(vec2f(0.0), angle, vec2f(0.0)), v); }

/// Adds impulse `p` at the arms, and a turn.
fn push_joint(m: JointMotion, arm_a: vec2f, arm_b: vec2f, p: vec2f, twist: f32) -> JointMotion {
  let a = m.a - Motion(LANDER_INV_MASS * p, LANDER_INV_INERTIA * (cross2(arm_a, p) + twist));
  let b = m.b + Motion(LEG_INV_MASS * p, LEG_INV_INERTIA * (cross2(arm_b, p) + twist));
  return JointMotion(a, b, m.impulse);
}

/// The matrix of the point: xx, xy, yy.
fn joint_matrix(arm_a: vec2f, arm_b: vec2f) -> vec3f {
  let a = LANDER_INV_INERTIA * vec3f(arm_a.y * arm_a.y, -arm_a.x * arm_a.y, arm_a.x * arm_a.x);
  let b = LEG_INV_INERTIA * vec3f(arm_b.y * arm_b.y, -arm_b.x * arm_b.y, arm_b.x * arm_b.x);
  const MASS = LANDER_INV_MASS + LEG_INV_MASS;
  return vec3f(MASS, 0.0, MASS) + a + b;
}

/// Sets up the joint at the angles of both bodies, and decides which limit it is at.
fn prepare_joint(side: f32, angle_a: f32, angle_b: f32) -> JointWork {
  var w: JointWork;
  w.arm_a = rotated(angle_a, ANCHOR_A);
  w.arm_b = rotated(angle_b, joint_anchor(side));
  let k = joint_matrix(w.arm_a, w.arm_b);
  w.kxz = -w.arm_a.y * LANDER_INV_INERTIA - w.arm_b.y * LEG_INV_INERTIA;
  w.kyz = w.arm_a.x * LANDER_INV_INERTIA + w.arm_b.x * LEG_INV_INERTIA;
  const KZZ = LANDER_INV_INERTIA + LEG_INV_INERTIA;
  w.point = vec3f(k.z, -k.y, k.x) / (k.x * k.z - k.y * k.y);
  // Cofactors over the determinant.
  let x = vec3f(k.z * KZZ - w.kyz * w.kyz, w.kxz * w.kyz - k.y * KZZ, k.y * w.kyz - k.z * w.kxz);
  let y = vec3f(k.x * KZZ - w.kxz * w.kxz, w.kxz * k.y - k.x * w.kyz, k.x * k.z - k.y * k.y);
  let over = 1.0 / dot(vec3f(k.x, k.y, w.kxz), x);
  w.whole_x = over * x;
  w.whole_y = over * y;
  w.motor_speed = 0.3 * side;
  let angle = angle_b - angle_a - joint_reference(side);
  w.limit = select(select(INACTIVE, AT_UPPER, angle >= joint_upper(side)), AT_LOWER, angle <= joint_lower(side));
  return w;
}

/// The impulses to start from: those of the step before, the limit's only where it is still at the same one.
fn joint_impulse(joint: Joint, limit: u32) -> vec4f {
  let z = select(joint.limit_impulse, 0.0, limit == INACTIVE || limit != joint.limit);
  return vec4f(joint.impulse[0], joint.impulse[1], z, joint.motor_impulse);
}

/// One iteration on velocities: the motor, then the point, at a limit together with the angle.
fn solve_joint_velocity(w: JointWork, given: JointMotion) -> JointMotion {
  var m = given;
  let motor = clamp(m.impulse.w - MOTOR_MASS * (m.b.z - m.a.z - w.motor_speed), -MAX_MOTOR_IMPULSE, MAX_MOTOR_IMPULSE);
  let turn = motor - m.impulse.w;
  m.a.z -= LANDER_INV_INERTIA * turn;
  m.b.z += LEG_INV_INERTIA * turn;
  m.impulse.w = motor;

  let drift = m.b.xy + spin(m.b.z, w.arm_b) - m.a.xy - spin(m.a.z, w.arm_a);
  var twist = 0.0;
  var rhs = -drift;
  var p: vec2f;
  var free = w.limit == INACTIVE;
  if (!free) {
    let all = vec3f(drift, m.b.z - m.a.z);
    p = -vec2f(dot(w.whole_x, all), w.whole_x.y * all.x + w.whole_y.x * all.y + w.whole_y.y * all.z);
    twist = -(w.whole_x.z * all.x + w.whole_y.y * all.y + w.whole_y.z * all.z);
    let sum = m.impulse.z + twist;
    // The limit would pull: it is released, and only the point is solved.
    free = select(sum > 0.0, sum < 0.0, w.limit == AT_LOWER);
    if (free) {
      rhs += m.impulse.z * vec2f(w.kxz, w.kyz);
      twist = -m.impulse.z;
    }
    m.impulse.z = select(sum, 0.0, free);
  }
  if (free) { p = vec2f(dot(w.point.xy, rhs), dot(w.point.yz, rhs)); }
  m.impulse = vec4f(m.impulse.xy + p, m.impulse.zw);
  return push_joint(m, w.arm_a, w.arm_b, p, twist);
}

/// Both bodies of a joint after an iteration on positions, and whether its errors were small enough.
struct JointPosition {
  a: Motion,
  b: Motion,
  ok: bool,
}

/// One iteration on positions: the limit, then the point.
fn solve_joint_position(side: f32, limit: u32, given_a: Motion, given_b: Motion) -> JointPosition {
  var a = given_a;
  var b = given_b;
  var angular_error = 0.0;
  if (limit != INACTIVE) {
    let lower = limit == AT_LOWER;
    let excess = b.z - a.z - joint_reference(side) - select(joint_upper(side), joint_lower(side), lower);
    angular_error = select(excess, -excess, lower);
    let at_lower = clamp(excess + ANGULAR_SLOP, -MAX_ANGULAR_CORRECTION, 0.0);
    let at_upper = clamp(excess - ANGULAR_SLOP, 0.0, MAX_ANGULAR_CORRECTION);
    let impulse = -MOTOR_MASS * select(at_upper, at_lower, lower);
    a.z -= LANDER_INV_INERTIA * impulse;
    b.z += LEG_INV_INERTIA * impulse;
  }
  let arm_a = rotated(a.z, ANCHOR_A);
  let arm_b = rotated(b.z, joint_anchor(side));
  let apart = b.xy + arm_b - a.xy - arm_a;
  let k = joint_matrix(arm_a, arm_b);
  let over = -1.0 / (k.x * k.z - k.y * k.y);
  let p = over * vec2f(k.z * apart.x - k.y * apart.y, k.x * apart.y - k.y * apart.x);
  let moved = push_joint(JointMotion(a, b, vec4f(0.0)), arm_a, arm_b, p, 0.0);
  let ok = dot(apart, apart) <= LINEAR_SLOP * LINEAR_SLOP && angular_error <= ANGULAR_SLOP;
  return JointPosition(moved.a, moved.b, ok);
}
