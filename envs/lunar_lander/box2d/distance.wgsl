// How far an edge of the moon is from a body: Box2D's b2Distance.cpp (GJK with Voronoi regions), radii left out.
// Twin: envs/lunar_lander/box2d/distance.ts
//#import "lunar_lander/state"

/// A vertex of the difference of both shapes: of the body less of the edge.
struct SimplexVertex {
  w: vec2f,
  /// Its share of the nearest point.
  share: f32,
  /// Vertex of the edge | vertex of the body << 1.
  index: u32,
}

struct Simplex {
  v1: SimplexVertex,
  v2: SimplexVertex,
  v3: SimplexVertex,
  count: u32,
}

/// The nearest features, stored between calls, and the distance.
struct SimplexCache {
  metric: f32,
  count: u32,
  index: vec3u,
  distance: f32,
}

const MAX_GJK_ITERATIONS = 20u;

/// The end of the edge, and the vertex of the body in its own frame, that are farthest along `direction`.
fn edge_support(edge: Edge, direction: vec2f) -> u32 {
  return select(0u, 1u, dot(edge.v2, direction) > dot(edge.v1, direction));
}
fn body_support(body: u32, direction: vec2f) -> u32 {
  var best = 0u;
  var most = -FAR;
  for (var i = 0u; i < shape_count(body); i++) {
    let value = dot(shape_vertex(body, i), direction);
    if (value > most) {
      most = value;
      best = i;
    }
  }
  return best;
}

fn edge_end(edge: Edge, index: u32) -> vec2f { return select(edge.v1, edge.v2, (index & 1u) == 1u); }

fn simplex_vertex(edge: Edge, body: u32, pose: Pose, index: u32, share: f32) -> SimplexVertex {
  return SimplexVertex(placed(pose, shape_vertex(body, index >> 1u)) - edge_end(edge, index), share, index);
}

fn simplex_metric(s: Simplex) -> f32 {
  if (s.count == 1u) { return 0.0; }
  if (s.count == 2u) { return length(s.v1.w - s.v2.w); }
  return cross2(s.v2.w - s.v1.w, s.v3.w - s.v1.w);
}

/// Vertex 1 alone.
fn alone(v: SimplexVertex) -> Simplex {
  return Simplex(SimplexVertex(v.w, 1.0, v.index), v, v, 1u);
}

/// The smallest part of the simplex that holds its point nearest to the origin: vertices `i` and `j`, or `i` alone where
/// the share of `j`, `d.y`, is 0.
fn nearest_part(s: Simplex) -> Simplex {
  if (s.count == 1u) { return s; }
  // d12: the shares of vertices 1 and 2 on the line between them, times its squared length.
  let e12 = s.v2.w - s.v1.w;
  let d12 = vec2f(dot(s.v2.w, e12), -dot(s.v1.w, e12));
  var i = s.v1;
  var j = s.v2;
  var d = d12;
  if (s.count == 2u) {
    if (d12.y <= 0.0) { d = vec2f(1.0, 0.0); }
    else if (d12.x <= 0.0) {
      i = s.v2;
      d = vec2f(1.0, 0.0);
    }
  } else {
    let e13 = s.v3.w - s.v1.w;
    let e23 = s.v3.w - s.v2.w;
    let d13 = vec2f(dot(s.v3.w, e13), -dot(s.v1.w, e13));
    let d23 = vec2f(dot(s.v3.w, e23), -dot(s.v2.w, e23));
    let d123 = cross2(e12, e13) * vec3f(cross2(s.v2.w, s.v3.w), cross2(s.v3.w, s.v1.w), cross2(s.v1.w, s.v2.w));
    let one = vec2f(1.0, 0.0);
    if (d12.y <= 0.0 && d13.y <= 0.0) { d = one; }
    else if (d12.x > 0.0 && d12.y > 0.0 && d123.z <= 0.0) { d = d12; }
    else if (d13.x > 0.0 && d13.y > 0.0 && d123.y <= 0.0) {
      j = s.v3;
      d = d13;
    } else if (d12.x <= 0.0 && d23.y <= 0.0) {
      i = s.v2;
      d = one;
    } else if (d13.x <= 0.0 && d23.x <= 0.0) {
      i = s.v3;
      d = one;
    } else if (d23.x > 0.0 && d23.y > 0.0 && d123.x <= 0.0) {
      i = s.v3;
      d = d23.yx;
    } else { return s; }
  }
  i.share = d.x / (d.x + d.y);
  j.share = d.y / (d.x + d.y);
  return Simplex(i, j, j, select(2u, 1u, d.y == 0.0));
}

/// From the nearest point of the simplex towards the origin.
fn search_direction(s: Simplex) -> vec2f {
  if (s.count == 1u) { return -s.v1.w; }
  let along = s.v2.w - s.v1.w;
  return select(clockwise(along), -clockwise(along), cross2(along, -s.v1.w) > 0.0);
}

/// The distance between the edge, in the world, and the body at `pose`, from the features that were nearest before.
fn gjk(before: SimplexCache, edge: Edge, body: u32, pose: Pose) -> SimplexCache {
  var s: Simplex;
  s.count = before.count;
  s.v1 = simplex_vertex(edge, body, pose, before.index.x, 0.0);
  s.v2 = simplex_vertex(edge, body, pose, before.index.y, 0.0);
  s.v3 = simplex_vertex(edge, body, pose, before.index.z, 0.0);
  if (s.count > 1u) {
    // A simplex that has changed too much since then is not used.
    let now = simplex_metric(s);
    if (now < 0.5 * before.metric || 2.0 * before.metric < now || now < EPSILON) { s.count = 0u; }
  }
  if (s.count == 0u) { s = alone(simplex_vertex(edge, body, pose, 0u, 1.0)); }
  for (var i = 0u; i < MAX_GJK_ITERATIONS; i++) {
    let saved = vec3u(s.v1.index, s.v2.index, s.v3.index);
    let count = s.count;
    s = nearest_part(s);
    if (s.count == 3u) { break; }
    let d = search_direction(s);
    if (dot(d, d) < EPSILON * EPSILON) { break; }
    let index = edge_support(edge, -d) | (body_support(body, turned_back(pose, d)) << 1u);
    if (index == saved.x || (count > 1u && index == saved.y) || (count > 2u && index == saved.z)) { break; }
    let vertex = simplex_vertex(edge, body, pose, index, 0.0);
    if (s.count == 1u) { s.v2 = vertex; }
    else { s.v3 = vertex; }
    s.count++;
  }
  var apart = 0.0;
  if (s.count == 1u) { apart = length(s.v1.w); }
  if (s.count == 2u) { apart = length(s.v1.share * s.v1.w + s.v2.share * s.v2.w); }
  return SimplexCache(simplex_metric(s), s.count, vec3u(s.v1.index, s.v2.index, s.v3.index), apart);
}
