/** Normal numbers for initial weights, bit-identical for the GPU and the CPU reference. */
import { makeRng, normalPair, STREAM } from '../env/rng'
import type { Pieces } from './pieces'

const DRAWS_PER_ENV = 256

/** Number of draws in a piece of work. */
const DRAWS_PER_PIECE = 2 ** 14
/** The cost of a draw, in multiplications, the unit of progress. */
export const DRAW_COST = 100

/**
 * `size` standard normal numbers for layer number `index`, filled from flat index 0. The pair (2k, 2k + 1) of flat
 * indices is draw k % 256 of "env" floor(k / 256), stream INIT, step = index: no draw exceeds 255, for up to 2^29
 * numbers.
 */
export function* normalNumbers(seed: number, index: number, size: number): Pieces<Float64Array> {
  const values = new Float64Array(size + 1)
  for (let k = 0; 2 * k < size; k++) {
    const rng = makeRng(seed, index, STREAM.INIT, Math.floor(k / DRAWS_PER_ENV))
    rng.draw = k % DRAWS_PER_ENV
    const [a, b] = normalPair(rng)
    values[2 * k] = a
    values[2 * k + 1] = b
    if (k % DRAWS_PER_PIECE === DRAWS_PER_PIECE - 1) yield DRAW_COST * DRAWS_PER_PIECE
  }
  yield DRAW_COST * (Math.ceil(size / 2) % DRAWS_PER_PIECE)
  return values.subarray(0, size)
}
