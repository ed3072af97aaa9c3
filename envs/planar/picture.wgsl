// A planar robot from the side, or from above: tiles that stay where they are while the robot passes, then its parts, each
// a rounded rectangle that is fixed to a body. `planar/drawing` has the numbers; envs/planar/picture.ts makes them.
//#import "shaders/lib/env.wgsl"
//#import "shaders/lib/sincos.wgsl"
//#import "planar/drawing"

/// A part of the picture, in the frame of a body; body NUM_DRAWN_BODIES is the world.
struct DrawnPart { body: u32, centre: vec2f, half_size: vec2f, angle: f32, rounding: f32, colour: vec4f }
/// Where a body hangs on its parent, with all joints at their reference.
struct DrawnBody { parent: u32, position: vec2f }
/// A joint: a hinge at `place`, which turns by `sense`, or a slide along `place`, where `sense` is 0.
struct DrawnJoint { body: u32, place: vec2f, sense: f32, reference: f32 }

const NUM_SHAPES = NUM_TILES + NUM_DRAWN_PARTS;
/// Every so many tiles one has another colour: 10 m, where a tile is 1 m.
const MARK_EVERY = 10;

fn turned_by(angle: f32, v: vec2f) -> vec2f {
  let sin_cos = sincos(angle);
  return vec2f(sin_cos.y * v.x - sin_cos.x * v.y, sin_cos.x * v.x + sin_cos.y * v.y);
}

/// Position and angle of each body, and of the world.
fn drawn_frames(state: EnvState) -> array<vec3f, NUM_DRAWN_BODIES + 1u> {
  var qpos = state.qpos;
  var bodies = DRAWN_BODIES;
  var joints = DRAWN_JOINTS;
  var frames: array<vec3f, NUM_DRAWN_BODIES + 1u>;
  var j = 0u;
  for (var b = 0u; b < NUM_DRAWN_BODIES; b++) {
    let parent = frames[bodies[b].parent];
    var at = parent.xy + turned_by(parent.z, bodies[b].position);
    var angle = parent.z;
    while (j < NUM_DRAWN_JOINTS && joints[j].body == b) {
      let joint = joints[j];
      let moved = qpos[j] - joint.reference;
      if (joint.sense == 0.0) {
        at += turned_by(angle, moved * joint.place);
      } else {
        at += turned_by(angle, joint.place);
        angle += joint.sense * moved;
        at -= turned_by(angle, joint.place);
      }
      j++;
    }
    frames[b] = vec3f(at, angle);
  }
  return frames;
}

/// Tile `i` of those around the camera: they cover the picture's frame wherever it is.
fn tile(state: EnvState, i: u32) -> Shape {
  let column = i32(floor((camera_x(state) + TILES_FROM.x) / TILE_SIZE.x)) + i32(i % TILE_COLUMNS);
  var row = i32(i / TILE_COLUMNS);
  if (TILE_ROWS > 1u) { row += i32(floor((camera_y(state) + TILES_FROM.y) / TILE_SIZE.y)); }
  var corner = vec2f(f32(column), f32(row)) * TILE_SIZE;
  if (TILE_ROWS == 1u) { corner.y = TILES_FROM.y; }
  var colour = select(TILE_LIGHT, TILE_DARK, ((column + row) & 1) == 1);
  if (TILE_ROWS == 1u && column % MARK_EVERY == 0) { colour = TILE_MARK; }
  // A little wider, so that no gap is visible between two.
  return Shape(corner + 0.5 * TILE_SIZE, 0.502 * TILE_SIZE, 0.0, 0.0, colour);
}

fn env_shape(state: EnvState, i: u32) -> Shape {
  if (i < NUM_TILES) { return tile(state, i); }
  var parts = DRAWN_PARTS;
  var frames = drawn_frames(state);
  let part = parts[i - NUM_TILES];
  let frame = frames[part.body];
  return Shape(frame.xy + turned_by(frame.z, part.centre), part.half_size, frame.z + part.angle, part.rounding, part.colour);
}
