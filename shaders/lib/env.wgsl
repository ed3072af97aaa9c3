// Types that environments and the kernels that call them share. src/env/contract.ts is the TypeScript side.

/// The result of one action. Time limits are the framework's, so there is no `truncated` here.
struct StepResult {
  reward: f32,
  /// 1 when the task ended with this step, 2 when only a life was lost, else 0.
  terminated: u32,
}

/// One rounded rectangle of the picture of an environment, in the environment's own units; y points up.
/// `rounding` is the radius of the corners: equal to both half sizes it makes a circle, equal to the smaller a capsule.
struct Shape {
  centre: vec2f,
  half_size: vec2f,
  /// Counter-clockwise rotation about the centre, radians.
  angle: f32,
  rounding: f32,
  /// Straight (not premultiplied) sRGB and opacity, each 0 to 1.
  colour: vec4f,
}

/// One convex polygon of the picture of an environment, in the environment's own units; polygons lie below the shapes.
struct Polygon {
  /// Counter-clockwise. A polygon with fewer corners repeats its last one.
  corners: array<vec2f, 6>,
  colour: vec4f,
  /// Colour of the line along its edge; opacity 0: no line.
  outline: vec4f,
}
