// The state of the physics between steps.
// Twin: envs/lunar_lander/box2d/state.ts
//#import "lunar_lander/math"
//#import "lunar_lander/shapes"

struct Body {
  /// Centre of mass in the world, m, and its velocity, m/s.
  position: vec2f,
  velocity: vec2f,
  /// rad, rad/s.
  angle: f32,
  angular_velocity: f32,
  /// Seconds since it became slow enough to sleep.
  sleep_time: f32,
  /// 1, or 0 when it sleeps.
  awake: u32,
  /// Its box in the broad phase, larger than the body: lower left and upper right corner.
  fat_lower: vec2f,
  fat_upper: vec2f,
}

/// A revolute joint between lander and leg: accumulated impulses, for warm starting.
struct Joint {
  impulse: array<f32, 2>,
  limit_impulse: f32,
  motor_impulse: f32,
  /// Which limit it is at: joint.wgsl.
  limit: u32,
}

/// A pair of body and edge whose boxes overlap.
struct Contact {
  /// edge << 2 | body.
  pair: u32,
  /// Points of its manifold, 0 to 2; 0: not touching.
  points: u32,
  /// The features that made each point: manifold.wgsl.
  id: vec2u,
  normal_impulse: vec2f,
  tangent_impulse: vec2f,
}

/// The hills: edges 1 to 10 go from point to point; edge 0 is the floor from (0, 0) to (20, 0).
const NUM_HILLS = 11u;
const NUM_JOINTS = 2u;
/// Three bodies over at most three hills and the floor each. Pairs beyond it are left out, in the twin too.
const MAX_CONTACTS = 12u;

/// An edge of the moon.
struct Edge {
  v1: vec2f,
  v2: vec2f,
}

fn edge_at(state: ptr<function, EnvState>, edge: u32) -> Edge {
  if (edge == 0u) { return Edge(vec2f(0.0), vec2f(20.0, 0.0)); }
  let x = 2.0 * f32(edge);
  return Edge(vec2f(x - 2.0, (*state).terrain[edge - 1u]), vec2f(x, (*state).terrain[edge]));
}

fn pose_of(state: ptr<function, EnvState>, body: u32) -> Pose {
  return pose_at((*state).bodies[body].position, (*state).bodies[body].angle, shape_centre(body));
}

/// Wakes a body that sleeps; its timer starts again.
fn wake(state: ptr<function, EnvState>, body: u32) {
  if ((*state).bodies[body].awake == 0u) {
    (*state).bodies[body].awake = 1u;
    (*state).bodies[body].sleep_time = 0.0;
  }
}

/// The box around the body at two poses: lower left corner, upper right corner.
fn box_around(body: u32, first: Pose, second: Pose) -> vec4f {
  var lower = vec2f(FAR);
  var upper = vec2f(-FAR);
  for (var i = 0u; i < shape_count(body); i++) {
    let v = shape_vertex(body, i);
    let a = placed(first, v);
    let b = placed(second, v);
    lower = min(lower, min(a, b));
    upper = max(upper, max(a, b));
  }
  return vec4f(lower - RADIUS, upper + RADIUS);
}

/// A body at rest whose origin is at `origin`.
fn body_at(body: u32, origin: vec2f, angle: f32) -> Body {
  var pose = pose_at(vec2f(0.0), angle, vec2f(0.0));
  pose.p = origin;
  let around = box_around(body, pose, pose);
  return Body(placed(pose, shape_centre(body)), vec2f(0.0), angle, 0.0, 0.0, 1u,
    around.xy - AABB_EXTENSION, around.zw + AABB_EXTENSION);
}
