// Draws environments from their states: one instance per rounded rectangle, all environments in one draw call.
// vertex:   two triangles per instance; instance = (environment, shape), the first shape of each is its card
// reads:    scene, env_states
// Layouts: a grid of cards, or all on one card, the focused one opaque and on top.
//#import "env"

struct Scene {
  // The columns of the camera's matrix, world to clip space; the world has the unit of the environment's picture.
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
  pixel: f32,             // size of a pixel of the canvas in the world
  ghost_opacity: f32,
  first: u32,             // the environment that is drawn first in env_states
}

@group(0) @binding(0) var<uniform> scene: Scene;
@group(0) @binding(1) var<storage, read> env_states: array<EnvState>;

struct Fragment {
  @builtin(position) position: vec4f,
  // Relative to the shape's centre, unrotated; and inside of the picture's frame, 0 to 1.
  @location(0) local: vec2f,
  @location(1) in_frame: vec2f,
  @location(2) @interpolate(flat) half_size: vec2f,
  @location(3) @interpolate(flat) rounding: f32,
  @location(4) @interpolate(flat) colour: vec4f,
}

const CORNERS = array<vec2f, 6>(vec2f(-1, -1), vec2f(1, -1), vec2f(-1, 1), vec2f(-1, 1), vec2f(1, -1), vec2f(1, 1));

fn card_shape(env: u32, order: u32) -> Shape {
  let centre = 0.5 * (scene.frame.xy + scene.frame.zw);
  let half_size = 0.5 * (scene.frame.zw - scene.frame.xy);
  var colour = select(scene.card, scene.mark, env == scene.focus && scene.ghosts == 0u);
  if (scene.ghosts == 1u && order > 0u) { colour.w = 0.0; }
  return Shape(centre, half_size, 0.0, 0.03 * half_size.x, colour);
}

@vertex
fn env_vertex(@builtin(vertex_index) vertex: u32, @builtin(instance_index) instance: u32) -> Fragment {
  let order = instance / (NUM_SHAPES + 1u);
  let part = instance % (NUM_SHAPES + 1u);
  // Among ghosts the focused one comes last.
  let env = select(order, (scene.focus + 1u + order) % scene.count, scene.ghosts == 1u);
  var shape = card_shape(env, order);
  if (part > 0u) {
    shape = env_shape(env_states[scene.first + env], part - 1u);
    if (scene.ghosts == 1u && env != scene.focus) { shape.colour.w *= scene.ghost_opacity; }
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
  return out;
}

// Signed distance to the rounded rectangle, softened over a pixel; nothing outside of the picture's frame.
@fragment
fn env_fragment(f: Fragment) -> @location(0) vec4f {
  let q = abs(f.local) - f.half_size + f.rounding;
  let distance = length(max(q, vec2f(0.0))) + min(max(q.x, q.y), 0.0) - f.rounding;
  var alpha = clamp(0.5 - distance / scene.pixel, 0.0, 1.0) * f.colour.w;
  if (any(f.in_frame < vec2f(0.0)) || any(f.in_frame > vec2f(1.0))) { alpha = 0.0; }
  return vec4f(f.colour.rgb * alpha, alpha);
}
