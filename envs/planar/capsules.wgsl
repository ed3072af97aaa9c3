//#import "planar/vectors"
// The closest points of two capsules, as MuJoCo's engine_collision_primitive.c finds them, for the plane.
// Twin: envs/planar/contacts.ts

struct Touch {
  /// From the first capsule to the second.
  normal: vec2f,
  /// Below 0: they overlap.
  distance: f32,
  /// Half way between the surfaces, from the middle of the first capsule.
  at: vec2f,
}

const FAR_APART = 1e6f;

/// `a`, `b`: half of each capsule's segment. `between`: from the middle of the first to that of the second.
fn touch_of(a: vec2f, b: vec2f, between: vec2f, radius_a: f32, radius_b: f32) -> Touch {
  let area = cross2(a, b);
  let safe = select(area, 1e-20, abs(area) < 1e-20);
  // Where the two lines meet: 1 is the end of a segment.
  var s = cross2(between, b) / safe;
  var t = cross2(between, a) / safe;
  let is_crossing = abs(s) < 1.0 && abs(t) < 1.0;
  if (abs(s) > 1.0) {
    s = sign(s);
    t = dot(b, s * a - between) / dot(b, b);
  }
  if (abs(t) > 1.0) {
    t = sign(t);
    s = clamp(dot(a, between + t * b) / dot(a, a), -1.0, 1.0);
  }
  let from_a = s * a;
  let apart = between + t * b - from_a;
  let far = length(apart);
  if (is_crossing || far < 1e-12) { return Touch(vec2f(0.0, 1.0), FAR_APART, vec2f(0.0)); }
  let normal = apart / far;
  let distance = far - radius_a - radius_b;
  return Touch(normal, distance, from_a + normal * (radius_a + 0.5 * distance));
}
