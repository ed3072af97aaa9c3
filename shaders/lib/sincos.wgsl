// Sine and cosine for kernels that are compared with a CPU: the built-in functions may be wrong by 2^-11.
// Method: Cody and Waite (1980), range reduction by pi/2 in three parts; polynomials of Moshier's Cephes (sinf.c).
// Absolute error below 1e-7 up to |x| = 10000, 1.3 ulp for |x| <= pi/4, 2 ulp + 1e-14 |x| elsewhere, with multiply-adds
// fused or not (test/unit/sincos.test.ts).

const SINCOS_TWO_OVER_PI = 0.63661977f;
// pi/2 = A + B + C + 4e-15. A has 8 bits and B 11, so k * A and k * B are exact up to k = 2^13, |x| = 12867.
const SINCOS_A = 1.5703125f;
const SINCOS_B = 4.837512969970703125e-4f;
const SINCOS_C = 7.54978995489188216e-8f;
const SINCOS_S3 = -1.6666654611e-1f;
const SINCOS_S5 = 8.3321608736e-3f;
const SINCOS_S7 = -1.9515295891e-4f;
const SINCOS_C4 = 4.166664568298827e-2f;
const SINCOS_C6 = -1.388731625493765e-3f;
const SINCOS_C8 = 2.443315711809948e-5f;

/// (sin x, cos x) for |x| <= 12867, x in radians.
fn sincos(x: f32) -> vec2f {
  let k = round(x * SINCOS_TWO_OVER_PI);
  let r = ((x - k * SINCOS_A) - k * SINCOS_B) - k * SINCOS_C;
  let z = r * r;
  let s = r + r * z * (SINCOS_S3 + z * (SINCOS_S5 + z * SINCOS_S7));
  let c = (1.0 - 0.5 * z) + z * z * (SINCOS_C4 + z * (SINCOS_C6 + z * SINCOS_C8));
  // x = k * pi/2 + r: each quarter turn swaps the two and changes signs.
  let quadrant = u32(i32(k)) & 3u;
  let swapped = select(vec2f(s, c), vec2f(c, s), (quadrant & 1u) == 1u);
  let sin_negative = quadrant >= 2u;
  let cos_negative = quadrant == 1u || quadrant == 2u;
  return select(swapped, -swapped, vec2<bool>(sin_negative, cos_negative));
}
