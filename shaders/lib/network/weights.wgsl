// Products with blocks of weights. Every sum is a chain of fma in a fixed order, so that its bits depend on no compiler's
// choice, and a multiply-add is one instruction.
// Needs from the importer: parameters: array<vec4f>.

// Four rows of W from vec4 `at`, `width` vec4s apart, as the columns of a matrix.
fn weights(at: u32, width: u32) -> mat4x4f {
  return mat4x4f(parameters[at], parameters[at + width], parameters[at + 2u * width], parameters[at + 3u * width]);
}

fn add_dot(w: vec4f, x: vec4f, y: f32) -> f32 {
  return fma(x.w, w.w, fma(x.z, w.z, fma(x.y, w.y, fma(x.x, w.x, y))));
}

// y + the dot products of x with the four rows.
fn add_outputs(m: mat4x4f, x: vec4f, y: vec4f) -> vec4f {
  return vec4f(add_dot(m[0], x, y.x), add_dot(m[1], x, y.y), add_dot(m[2], x, y.z), add_dot(m[3], x, y.w));
}

// d + the sum of the four rows weighted by dy.
fn add_inputs(m: mat4x4f, dy: vec4f, d: vec4f) -> vec4f {
  return fma(m[3], vec4f(dy.w), fma(m[2], vec4f(dy.z), fma(m[1], vec4f(dy.y), fma(m[0], vec4f(dy.x), d))));
}
