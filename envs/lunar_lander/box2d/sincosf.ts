/**
 * Sine and cosine as a C library gives them for float32: a polynomial in float64, rounded once. They are not the nearest
 * float32 everywhere (0.56 ulp), and Box2D's numbers depend on which neighbour is taken.
 *
 * A port of sinf and cosf of Arm's optimized-routines (math/sincosf.h, math/sincosf_data.c), copyright (c) 2018 Arm
 * Limited, MIT licence: see NOTICE.md at the root. Only the reduction of angles from 120 rad on differs: in two parts of pi/2, as
 * fdlibm does it, which is good to 1e6 rad; a body turns by at most pi/2 a step.
 */
const f = Math.fround

const TWO_OVER_PI = 0.6366197723675814
const HALF_PI = 1.5707963267948966
/** pi/2 = HALF_PI_HIGH + HALF_PI_LOW; the first has 33 bits, so that its products with whole numbers are exact. */
const HALF_PI_HIGH = 1.5707963267341256
const HALF_PI_LOW = 6.077100506506192e-11

const C1 = -0.49999999725108224
const C2 = 0.041666623324344516
const C3 = -0.001388676379437604
const C4 = 2.4390450703564542e-5
const S1 = -0.16666654943701084
const S2 = 0.008332178146138854
const S3 = -0.00019517298981385725

/** `sin` when `quadrant` is even, else `cos`, of |x| <= pi/4; in the quadrants 2 and 3 with the other sign. */
function polynomial(x: number, quadrant: number): number {
  const x2 = x * x
  let result: number
  if ((quadrant & 1) === 0) {
    const x3 = x * x2
    result = x + x3 * S1 + x3 * x2 * (S2 + x2 * S3)
  } else {
    const x4 = x2 * x2
    result = 1 + x2 * C1 + x4 * C2 + x4 * x2 * (C3 + x2 * C4)
  }
  return f((quadrant & 2) === 0 ? result : -result)
}

/** `x` less a multiple of pi/2, and which multiple. */
function reduce(x: number): [number, number] {
  if (Math.abs(x) < 120) {
    const n = (Math.trunc(x * (TWO_OVER_PI * 0x1000000)) + 0x800000) >> 24
    return [x - n * HALF_PI, n]
  }
  const n = Math.round(x * TWO_OVER_PI)
  return [x - n * HALF_PI_HIGH - n * HALF_PI_LOW, n]
}

/** Sine of the float32 `angle`, rad. */
export function sinf(angle: number): number {
  const [x, n] = reduce(angle)
  return polynomial(x, n)
}

/** Cosine of the float32 `angle`, rad. */
export function cosf(angle: number): number {
  const [x, n] = reduce(angle)
  return polynomial(x, n + 1)
}
