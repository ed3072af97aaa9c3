/** Orthonormal rows, by Gram-Schmidt. */
import type { Pieces } from './pieces'

/**
 * Makes the `count` rows of `a` (each `length` numbers, count <= length) orthonormal in place, by Gram-Schmidt carried
 * out twice ("twice is enough", Giraud et al. 2005). The result is the Q of a QR decomposition whose R has a positive
 * diagonal, the sign convention of torch.nn.init.orthogonal_. Work: 4 count^2 length FLOP.
 *
 * A row loses its components along the rows before it, in their order, and then once more; each component is one sum
 * from the first entry to the last. A sum waits for its last addition, so one loop works on two rows: the second pass
 * of row i and the first pass of row i + 1. The results are bit-identical to separate loops.
 */
export function* orthonormalise(a: Float64Array, count: number, length: number): Pieces<void> {
  const rows = Array.from({ length: count }, (_, i) => a.subarray(i * length, (i + 1) * length))
  for (const [i, row] of rows.entries()) {
    // The last row has no successor; the row that replaces it is discarded.
    const next = rows[i + 1] ?? new Float64Array(length)
    losePartsOf(row, next, rows.slice(0, i))
    const norm = Math.sqrt(dot(row, row))
    for (let k = 0; k < length; k++) row[k] /= norm
    subtract(next, row, dot(next, row))
    yield 4 * length * i
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k]
  return sum
}

/** Subtracts `part` times `b` from `a`. */
function subtract(a: Float64Array, b: Float64Array, part: number): void {
  for (let k = 0; k < a.length; k++) a[k] -= part * b[k]
}

/**
 * Removes the components of both rows along `others`, one after the other: the same loop computes the sum for the next.
 */
function losePartsOf(a: Float64Array, b: Float64Array, others: Float64Array[]): void {
  if (others.length === 0) return
  let partOfA = dot(a, others[0])
  let partOfB = dot(b, others[0])
  for (let j = 0; j + 1 < others.length; j++) {
    const [other, next] = [others[j], others[j + 1]]
    let nextOfA = 0
    let nextOfB = 0
    for (let k = 0; k < other.length; k++) {
      const x = a[k] - partOfA * other[k]
      a[k] = x
      nextOfA += x * next[k]
      const y = b[k] - partOfB * other[k]
      b[k] = y
      nextOfB += y * next[k]
    }
    partOfA = nextOfA
    partOfB = nextOfB
  }
  const last = others[others.length - 1]
  subtract(a, last, partOfA)
  subtract(b, last, partOfB)
}
