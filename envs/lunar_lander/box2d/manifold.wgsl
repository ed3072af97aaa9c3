// Where an edge of the moon and a body touch: Box2D's b2CollideEdge.cpp for edges without neighbours.
// Twin: envs/lunar_lander/box2d/manifold.ts
//#import "lunar_lander/state"

const FACE_EDGE = 1u;
const FACE_BODY = 2u;
const TOTAL_RADIUS = 2.0f * RADIUS;

/// One or two points, or none.
struct Manifold {
  count: u32,
  /// Whose face the normal belongs to, in whose frame it is, with a point of it.
  face: u32,
  normal: vec2f,
  point: vec2f,
  /// The points, in the frame of the other one.
  local1: vec2f,
  local2: vec2f,
  /// The features that made each point: indexA | indexB << 8 | typeA << 16 | typeB << 24, type 0 vertex, 1 face.
  id: vec2u,
}

/// A segment and the feature of each of its ends; `ok` when clipping left both.
struct Segment {
  a: vec2f,
  b: vec2f,
  id: vec2u,
  ok: bool,
}

/// The part of the segment behind a plane.
fn clip_segment(s: Segment, normal: vec2f, offset: f32, index: u32) -> Segment {
  let distance_a = dot(normal, s.a) - offset;
  let distance_b = dot(normal, s.b) - offset;
  let crossing = s.a + distance_a / (distance_a - distance_b) * (s.b - s.a);
  let id = index | (s.id.x & 0xff00u) | (1u << 24u);
  if (distance_a <= 0.0 && distance_b <= 0.0) { return s; }
  let crosses = distance_a * distance_b < 0.0;
  // The end that is kept comes first.
  if (distance_a <= 0.0) { return Segment(s.a, crossing, vec2u(s.id.x, id), s.ok && crosses); }
  return Segment(s.b, crossing, vec2u(s.id.y, id), s.ok && crosses && distance_b <= 0.0);
}

/// The same feature, seen from the other body.
fn swapped_id(id: u32) -> u32 {
  return ((id >> 8u) & 0x00ff00ffu) | ((id & 0x00ff00ffu) << 8u);
}

fn collide(edge: Edge, body: u32, pose: Pose) -> Manifold {
  let none = Manifold(0u, 0u, vec2f(0.0), vec2f(0.0), vec2f(0.0), vec2f(0.0), vec2u(0u));
  let n = shape_count(body);
  let edge_normal = clockwise(unit(edge.v2 - edge.v1));
  let front = dot(edge_normal, placed(pose, shape_centre(body)) - edge.v1) >= 0.0;
  let normal = select(-edge_normal, edge_normal, front);

  // How far the nearest vertex lies in front of the edge, the face of the body that is most opposed to it, and the one
  // that is farthest from it, where one may be taken.
  var edge_separation = FAR;
  var opposed = 0u;
  var least = FAR;
  var axis = n;
  var body_separation = -FAR;
  for (var i = 0u; i < n; i++) {
    let v = placed(pose, shape_vertex(body, i));
    let face_normal = turned(pose, shape_normal(body, i));
    edge_separation = min(edge_separation, dot(normal, v - edge.v1));
    let value = dot(normal, face_normal);
    if (value < least) {
      least = value;
      opposed = i;
    }
    let s = min(dot(-face_normal, v - edge.v1), dot(-face_normal, v - edge.v2));
    if (s > TOTAL_RADIUS) { return none; }
    // An edge without neighbours: both limits are the back side of its normal.
    if (dot(normal - face_normal, normal) >= -ANGULAR_SLOP && s > body_separation) {
      body_separation = s;
      axis = i;
    }
  }
  if (edge_separation > TOTAL_RADIUS) { return none; }
  let by_body = axis < n && body_separation > 0.98 * edge_separation + 0.001;

  // The reference face, from `first` to `second`, and the incident edge, to be clipped against its sides.
  let from_face = select(opposed, axis, by_body);
  let to_face = select(0u, from_face + 1u, from_face + 1u < n);
  let v1 = placed(pose, shape_vertex(body, from_face));
  let v2 = placed(pose, shape_vertex(body, to_face));
  var first = select(edge.v2, edge.v1, front);
  var second = select(edge.v1, edge.v2, front);
  var indices = select(vec2u(1u, 0u), vec2u(0u, 1u), front);
  var face_normal = normal;
  var segment = Segment(v1, v2, (vec2u(from_face, to_face) << vec2u(8u)) | vec2u(1u << 16u), true);
  if (by_body) {
    first = v1;
    second = v2;
    indices = vec2u(from_face, to_face);
    face_normal = turned(pose, shape_normal(body, axis));
    segment = Segment(edge.v1, edge.v2, vec2u((axis << 8u) | (1u << 24u)), true);
  }
  let side = clockwise(face_normal);
  segment = clip_segment(segment, side, dot(side, first), indices.x);
  segment = clip_segment(segment, -side, dot(-side, second), indices.y);
  if (!segment.ok) { return none; }

  var m = none;
  m.face = select(FACE_EDGE, FACE_BODY, by_body);
  m.normal = select(face_normal, shape_normal(body, from_face), by_body);
  m.point = select(first, shape_vertex(body, from_face), by_body);
  let a = select(turned_back(pose, segment.a - pose.p), segment.a, by_body);
  let b = select(turned_back(pose, segment.b - pose.p), segment.b, by_body);
  let id = select(segment.id, vec2u(swapped_id(segment.id.x), swapped_id(segment.id.y)), by_body);
  let keep_a = dot(face_normal, segment.a - first) <= TOTAL_RADIUS;
  let keep_b = dot(face_normal, segment.b - first) <= TOTAL_RADIUS;
  m.count = select(0u, 1u, keep_a) + select(0u, 1u, keep_b);
  m.local1 = select(b, a, keep_a);
  m.local2 = b;
  m.id = vec2u(select(id.y, id.x, keep_a), id.y);
  return m;
}
