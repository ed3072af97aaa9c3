// The time at which a moving body hits an edge: Box2D's b2TimeOfImpact.cpp (conservative advancement along separating
// axes).
// Twin: envs/lunar_lander/box2d/toi.ts
//#import "lunar_lander/distance"

/// The motion of a body: centre of mass and angle (x, y, angle) at fraction `alpha0` of the step, and at its end.
struct Sweep {
  start: vec3f,
  end: vec3f,
  alpha0: f32,
}

const TOI_TARGET = LINEAR_SLOP;
const TOI_TOLERANCE = 0.25f * LINEAR_SLOP;
const TOI_NEAR = TOI_TARGET + TOI_TOLERANCE;
const TOI_DEEP = TOI_TARGET - TOI_TOLERANCE;
const MAX_AXES = 20u;
const MAX_ROOTS = 50u;
/// pybox2d's b2_maxPolygonVertices.
const MAX_PUSH_BACKS = 16u;

/// Where the body is at fraction `beta` of the rest of its motion.
fn on_way(sweep: Sweep, beta: f32) -> vec3f { return (1.0 - beta) * sweep.start + beta * sweep.end; }
fn pose_on_way(sweep: Sweep, beta: f32, body: u32) -> Pose {
  let x = on_way(sweep, beta);
  return pose_at(x.xy, x.z, shape_centre(body));
}

/// Moves the start of the motion to fraction `alpha`.
fn advanced(sweep: Sweep, alpha: f32) -> Sweep {
  let beta = (alpha - sweep.alpha0) / (1.0 - sweep.alpha0);
  return Sweep(on_way(sweep, beta), sweep.end, alpha);
}

const AXIS_POINTS = 0u;
const AXIS_EDGE = 1u;
const AXIS_BODY = 2u;

/// A separating axis of both shapes, fixed in one of them, with a point of the face.
struct SeparatingAxis {
  kind: u32,
  axis: vec2f,
  point: vec2f,
}

/// The axis between the nearest features at `pose`.
fn make_axis(cache: SimplexCache, edge: Edge, body: u32, pose: Pose) -> SeparatingAxis {
  let b1 = shape_vertex(body, cache.index.x >> 1u);
  if (cache.count == 1u) {
    return SeparatingAxis(AXIS_POINTS, unit(placed(pose, b1) - edge_end(edge, cache.index.x)), vec2f(0.0));
  }
  if (((cache.index.x ^ cache.index.y) & 1u) == 0u) {
    let b2 = shape_vertex(body, cache.index.y >> 1u);
    let axis = unit(clockwise(b2 - b1));
    let point = 0.5 * (b1 + b2);
    let s = dot(edge_end(edge, cache.index.x) - placed(pose, point), turned(pose, axis));
    return SeparatingAxis(AXIS_BODY, select(axis, -axis, s < 0.0), point);
  }
  let a1 = edge_end(edge, cache.index.x);
  let a2 = edge_end(edge, cache.index.y);
  let axis = unit(clockwise(a2 - a1));
  let point = 0.5 * (a1 + a2);
  let s = dot(placed(pose, b1) - point, axis);
  return SeparatingAxis(AXIS_EDGE, select(axis, -axis, s < 0.0), point);
}

/// The deepest vertices along the axis: end of the edge | vertex of the body << 1.
fn deepest_along(a: SeparatingAxis, edge: Edge, body: u32, pose: Pose) -> u32 {
  if (a.kind == AXIS_BODY) { return edge_support(edge, -turned(pose, a.axis)); }
  let of_body = body_support(body, turned_back(pose, -a.axis)) << 1u;
  return of_body | select(0u, edge_support(edge, a.axis), a.kind == AXIS_POINTS);
}

/// Distance of these vertices along the axis.
fn separation_along(a: SeparatingAxis, edge: Edge, body: u32, pose: Pose, index: u32) -> f32 {
  if (a.kind == AXIS_BODY) { return dot(edge_end(edge, index) - placed(pose, a.point), turned(pose, a.axis)); }
  let origin = select(a.point, edge_end(edge, index), a.kind == AXIS_POINTS);
  return dot(placed(pose, shape_vertex(body, index >> 1u)) - origin, a.axis);
}

/// Time on an axis: the result if `done`, else the time from which to try another axis.
struct AxisTime {
  t: f32,
  done: bool,
}

/// The fraction of the rest of the motion at which the body touches the edge; 1 if it does not.
fn time_of_impact(edge: Edge, body: u32, given: Sweep) -> f32 {
  var sweep = given;
  let turns = 2.0 * PI * floor(sweep.start.z / (2.0 * PI));
  sweep.start.z -= turns;
  sweep.end.z -= turns;
  var cache = SimplexCache(0.0, 0u, vec3u(0u), 0.0);
  var t1 = 0.0;
  for (var i = 0u; i < MAX_AXES; i++) {
    let pose = pose_on_way(sweep, t1, body);
    cache = gjk(cache, edge, body, pose);
    if (cache.distance <= 0.0) { return 1.0; }
    if (cache.distance < TOI_NEAR) { return t1; }
    let next = follow_axis(make_axis(cache, edge, body, pose), edge, body, sweep, t1);
    if (next.done) { return next.t; }
    t1 = next.t;
  }
  return 1.0;
}

/// Follows one axis from `t1` on. Each round looks at the end `t2` first, then at `t1`, then for the root between them:
/// all in one loop, so that the separation is compiled once.
fn follow_axis(axis: SeparatingAxis, edge: Edge, body: u32, sweep: Sweep, t1: f32) -> AxisTime {
  var t2 = 1.0;
  for (var i = 0u; i < MAX_PUSH_BACKS; i++) {
    var index = 0u;
    var a1 = t1;
    var a2 = t2;
    var s1 = 0.0;
    var s2 = 0.0;
    for (var k = 0u; k < MAX_ROOTS + 2u; k++) {
      let secant = a1 + (TOI_TARGET - s1) * (a2 - a1) / (s2 - s1);
      var t = select(0.5 * (a1 + a2), secant, (k & 1u) == 1u);
      if (k < 2u) { t = select(t1, t2, k == 0u); }
      let pose = pose_on_way(sweep, t, body);
      if (k == 0u) { index = deepest_along(axis, edge, body, pose); }
      let s = separation_along(axis, edge, body, pose, index);
      if (k == 0u) {
        if (s > TOI_NEAR) { return AxisTime(1.0, true); }
        if (s > TOI_DEEP) { return AxisTime(t2, false); }
        s2 = s;
      } else if (k == 1u) {
        // Overlapping from the start: no time of impact.
        if (s < TOI_DEEP) { return AxisTime(1.0, true); }
        if (s <= TOI_NEAR) { return AxisTime(t1, true); }
        s1 = s;
      } else if (abs(s - TOI_TARGET) < TOI_TOLERANCE) {
        t2 = t;
        break;
      } else if (s > TOI_TARGET) {
        a1 = t;
        s1 = s;
      } else {
        a2 = t;
        s2 = s;
      }
    }
  }
  return AxisTime(t1, false);
}
