/**
 * Sobol points with the direction numbers of Joe and Kuo 2008 ("Constructing Sobol sequences with better
 * two-dimensional projections", new-joe-kuo-6.21201), in Gray code order, as in scipy.stats.qmc.
 */

/** Per dimension from the second: the inner coefficients of its polynomial as bits, and its first direction numbers. */
const DIRECTIONS: [polynomial: number, first: number[]][] = [
  [0, [1]],
  [1, [1, 3]],
  [1, [1, 3, 1]],
  [2, [1, 1, 1]],
  [1, [1, 1, 3, 3]],
  [4, [1, 3, 5, 13]],
  [2, [1, 1, 5, 5, 17]],
  [4, [1, 1, 5, 5, 5]],
  [7, [1, 1, 7, 11, 19]],
  [11, [1, 1, 5, 1, 1]],
  [13, [1, 1, 1, 3, 11]],
  [14, [1, 3, 5, 5, 31]],
  [1, [1, 3, 3, 9, 7, 49]],
  [13, [1, 1, 1, 15, 21, 21]],
  [16, [1, 3, 1, 13, 27, 49]],
  [19, [1, 1, 1, 15, 7, 5]],
  [22, [1, 3, 1, 15, 13, 25]],
  [25, [1, 1, 5, 5, 19, 61]],
  [1, [1, 3, 7, 11, 23, 15, 103]],
  [4, [1, 3, 7, 13, 13, 15, 69]],
]

export const MOST_DIMENSIONS = DIRECTIONS.length + 1

const BITS = 32

/** The direction numbers of dimension `d`, from 0, as 32-bit fractions. */
function directions(d: number): number[] {
  if (d === 0) return Array.from({ length: BITS }, (_, i) => (2 ** (BITS - 1 - i)) | 0)
  const [polynomial, first] = DIRECTIONS[d - 1]
  const degree = first.length
  const v = first.map((m, i) => m << (BITS - 1 - i))
  for (let i = degree; i < BITS; i++) {
    let next = v[i - degree] ^ (v[i - degree] >>> degree)
    for (let k = 1; k < degree; k++) if ((polynomial >> (degree - 1 - k)) & 1) next ^= v[i - k]
    v.push(next)
  }
  return v
}

/**
 * Coordinate `d` of points 0, 1, ... in [0, 1). All bits of it are flipped where `shift` has a 1 (a digital shift), which
 * keeps how evenly the points lie.
 */
export function sobolAxis(d: number, shift = 0): (point: number) => number {
  const v = directions(d)
  return (point) => {
    let bits = shift
    for (let gray = (point ^ (point >>> 1)) >>> 0, i = 0; gray > 0; gray >>>= 1, i++) if (gray & 1) bits ^= v[i]
    return (bits >>> 0) * 2 ** -BITS
  }
}
