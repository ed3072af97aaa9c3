// Four rows of W from vec4 `at`, `width` vec4s apart, as the columns of a matrix M: x * M gives the dot products of x
// with the rows, M * dy the sum of the rows weighted by dy.
// Needs from the importer: parameters: array<vec4f>.
fn weights(at: u32, width: u32) -> mat4x4f {
  return mat4x4f(parameters[at], parameters[at + width], parameters[at + 2u * width], parameters[at + 3u * width]);
}
