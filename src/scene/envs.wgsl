// Draws environments from their states: one instance per rounded rectangle or polygon, all environments in one draw
// call.
// vertex:   two triangles per instance; instance = (environment, part): its card, its polygons, its shapes
// reads:    scene, env_states
// Layouts: a grid of cards, or all on one card, the focused one opaque and on top.
//#import "env"
//#import "params_hyper"
//#import "shown_params"
//#import "polygons"
//#import "follow"

struct Scene {
  // The columns of the camera's matrix, world to clip space; the world has the units of the environment's picture.
  camera_0: vec4f,
  camera_1: vec4f,
  camera_2: vec4f,
  camera_3: vec4f,
  frame: vec4f,           // of one picture: left, bottom, right, top
  card: vec4f,            // colour behind a picture
  mark: vec4f,            // colour around the focused one
  columns: u32,
  count: u32,             // environments drawn
  focus: u32,
  ghosts: u32,            // 1: all on one card
  gap: f32,               // between cards
  pixel: f32,             // size of a canvas pixel in world units
  ghost_opacity: f32,
  first: u32,             // index in env_states of the first environment that is drawn
  turned: u32,            // 1: greys are turned over, for a dark page
}

@group(0) @binding(0) var<uniform> scene: Scene;
@group(0) @binding(1) var<storage, read> env_states: array<EnvState>;

struct Fragment {
  @builtin(position) position: vec4f,
  // Relative to the shape's centre, unrotated; and position in the picture's frame, 0 to 1.
  @location(0) local: vec2f,
  @location(1) in_frame: vec2f,
  @location(2) @interpolate(flat) half_size: vec2f,
  @location(3) @interpolate(flat) rounding: f32,
  @location(4) @interpolate(flat) colour: vec4f,
  // For a polygon: its corners in the world, and the colour of its edge.
  @location(5) @interpolate(flat) is_polygon: u32,
  @location(6) @interpolate(flat) corners0: vec4f,
  @location(7) @interpolate(flat) corners1: vec4f,
  @location(8) @interpolate(flat) corners2: vec4f,
  @location(9) @interpolate(flat) outline: vec4f,
}

const CORNERS = array<vec2f, 6>(vec2f(-1, -1), vec2f(1, -1), vec2f(-1, 1), vec2f(-1, 1), vec2f(1, -1), vec2f(1, 1));

fn card_shape(env: u32, order: u32) -> Shape {
  let centre = 0.5 * (scene.frame.xy + scene.frame.zw);
  let half_size = 0.5 * (scene.frame.zw - scene.frame.xy);
  var colour = select(scene.card, scene.mark, env == scene.focus && scene.ghosts == 0u);
  if (scene.ghosts == 1u && order > 0u) { colour.w = 0.0; }
  return Shape(centre, half_size, 0.0, 0.03 * half_size.x, colour);
}

// On a dark page: a grey as far from the card's colour as it was from white, with its hue; vivid colours stay.
fn themed(colour: vec4f) -> vec4f {
  if (scene.turned == 0u) { return colour; }
  let low = min(min(colour.r, colour.g), colour.b);
  let high = max(max(colour.r, colour.g), colour.b);
  let over = clamp(colour.rgb + (1.0 - low - high), vec3f(0.0), vec3f(1.0));
  let grey = 1.0 - smoothstep(0.12, 0.3, high - low);
  return vec4f(mix(colour.rgb, mix(scene.card.rgb, vec3f(0.95), over), grey), colour.w);
}

// The bounding box of a polygon, as a shape of its colour.
fn box_of(polygon: Polygon) -> Shape {
  var corners = polygon.corners;
  var low = corners[0];
  var high = corners[0];
  for (var i = 1u; i < 6u; i++) {
    low = min(low, corners[i]);
    high = max(high, corners[i]);
  }
  return Shape(0.5 * (low + high), 0.5 * (high - low), 0.0, 0.0, polygon.colour);
}

@vertex
fn env_vertex(@builtin(vertex_index) vertex: u32, @builtin(instance_index) instance: u32) -> Fragment {
  const PARTS = NUM_POLYGONS + NUM_SHAPES + 1u;
  use_shown_params();
  let order = instance / PARTS;
  let part = instance % PARTS;
  // When all are on one card, the focused one is drawn last.
  let env = select(order, (scene.focus + 1u + order) % scene.count, scene.ghosts == 1u);
  var shape = card_shape(env, order);
  let is_polygon = part > 0u && part <= NUM_POLYGONS;
  var polygon: Polygon;
  if (is_polygon) {
    polygon = env_polygon(env_states[scene.first + env], part - 1u);
    shape = box_of(polygon);
  } else if (part > 0u) {
    shape = env_shape(env_states[scene.first + env], part - 1u - NUM_POLYGONS);
    shape.colour = themed(shape.colour);
  }
  if (part > 0u) {
    // The camera follows the environment itself, or the focused one when all are on one card.
    let camera_at = env_follow(env_states[scene.first + select(env, scene.focus, scene.ghosts == 1u)]);
    shape.centre -= camera_at;
    for (var i = 0u; i < 6u; i++) { polygon.corners[i] -= camera_at; }
  }
  if (part > 0u && scene.ghosts == 1u && env != scene.focus) {
    shape.colour.w *= scene.ghost_opacity;
    polygon.outline.w *= scene.ghost_opacity;
  }
  let half_size = max(shape.half_size, vec2f(0.55 * scene.pixel));
  let corner = CORNERS[vertex] * (half_size + scene.pixel);
  let c = cos(shape.angle);
  let s = sin(shape.angle);
  let place = shape.centre + vec2f(c * corner.x - s * corner.y, s * corner.x + c * corner.y);
  let size = scene.frame.zw - scene.frame.xy;
  var cell = vec2f(0.0);
  if (scene.ghosts == 0u) { cell = vec2f(f32(env % scene.columns), -f32(env / scene.columns)); }
  var out: Fragment;
  let camera = mat4x4f(scene.camera_0, scene.camera_1, scene.camera_2, scene.camera_3);
  out.position = camera * vec4f(place + cell * (size + scene.gap), 0.0, 1.0);
  out.local = corner;
  out.in_frame = (place - scene.frame.xy) / size;
  out.half_size = half_size;
  out.rounding = min(shape.rounding, min(half_size.x, half_size.y));
  out.colour = shape.colour;
  out.is_polygon = u32(is_polygon);
  out.corners0 = vec4f(polygon.corners[0], polygon.corners[1]);
  out.corners1 = vec4f(polygon.corners[2], polygon.corners[3]);
  out.corners2 = vec4f(polygon.corners[4], polygon.corners[5]);
  out.outline = polygon.outline;
  return out;
}

// Signed distance from the edge from `a` to `b` of a polygon to `p`; below 0 inside.
fn beyond(p: vec2f, a: vec2f, b: vec2f) -> f32 {
  let edge = b - a;
  let size = length(edge);
  return select(-1e9, dot(p - a, vec2f(edge.y, -edge.x)) / max(size, 1e-9), size > 1e-6);
}

// Signed distance to a convex polygon; outside near a corner it is too small.
fn polygon_distance(f: Fragment, p: vec2f) -> f32 {
  let first = max(beyond(p, f.corners0.xy, f.corners0.zw), beyond(p, f.corners0.zw, f.corners1.xy));
  let second = max(beyond(p, f.corners1.xy, f.corners1.zw), beyond(p, f.corners1.zw, f.corners2.xy));
  let third = max(beyond(p, f.corners2.xy, f.corners2.zw), beyond(p, f.corners2.zw, f.corners0.xy));
  return max(max(first, second), third);
}

// Signed distance to the rounded rectangle or polygon, with an edge one pixel soft; nothing outside of the picture's
// frame.
@fragment
fn env_fragment(f: Fragment) -> @location(0) vec4f {
  let q = abs(f.local) - f.half_size + f.rounding;
  var distance = length(max(q, vec2f(0.0))) + min(max(q.x, q.y), 0.0) - f.rounding;
  var colour = f.colour;
  if (f.is_polygon == 1u) {
    distance = polygon_distance(f, scene.frame.xy + f.in_frame * (scene.frame.zw - scene.frame.xy));
    let edge = clamp(1.5 + distance / scene.pixel, 0.0, 1.0);
    colour = mix(colour, vec4f(f.outline.rgb, colour.w), edge * select(0.0, 1.0, f.outline.w > 0.0));
  }
  var alpha = clamp(0.5 - distance / scene.pixel, 0.0, 1.0) * colour.w;
  if (any(f.in_frame < vec2f(0.0)) || any(f.in_frame > vec2f(1.0))) { alpha = 0.0; }
  return vec4f(colour.rgb * alpha, alpha);
}
