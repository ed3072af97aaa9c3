// Vectors and poses.
// Twin: envs/lunar_lander/box2d/math.ts
//#import "shaders/lib/sincos.wgsl"
//#import "lunar_lander/settings"

/// Where a body's origin is, and the sine and cosine of its angle.
struct Pose {
  p: vec2f,
  s: f32,
  c: f32,
}

fn cross2(a: vec2f, b: vec2f) -> f32 { return a.x * b.y - a.y * b.x; }
/// A quarter turn clockwise: the tangent of a normal.
fn clockwise(a: vec2f) -> vec2f { return vec2f(a.y, -a.x); }
/// The velocity at `arm` of a rotation with angular velocity `w`.
fn spin(w: f32, arm: vec2f) -> vec2f { return vec2f(-w * arm.y, w * arm.x); }

/// The unit vector along `a`; `a` itself where it is too short.
fn unit(a: vec2f) -> vec2f {
  let size = sqrt(dot(a, a));
  return select(a / size, a, size < EPSILON);
}

/// `v` turned by the pose's angle, and back.
fn turned(pose: Pose, v: vec2f) -> vec2f { return vec2f(pose.c * v.x - pose.s * v.y, pose.s * v.x + pose.c * v.y); }
fn turned_back(pose: Pose, v: vec2f) -> vec2f {
  return vec2f(pose.c * v.x + pose.s * v.y, -pose.s * v.x + pose.c * v.y);
}

/// The point `v` of the body, in the world.
fn placed(pose: Pose, v: vec2f) -> vec2f { return turned(pose, v) + pose.p; }

/// The pose of a body whose centre of mass, `local_centre` in the body, is at `centre`.
fn pose_at(centre: vec2f, angle: f32, local_centre: vec2f) -> Pose {
  let sin_cos = sincos(angle);
  var pose = Pose(vec2f(0.0), sin_cos.x, sin_cos.y);
  pose.p = centre - turned(pose, local_centre);
  return pose;
}
