/** Orthonormal rows, by Gram-Schmidt. */
import type { Pieces } from './pieces'

/**
 * Makes the `count` rows of `a` (each `length` numbers, count <= length) orthonormal in place, by Gram-Schmidt carried
 * out twice ("twice is enough", Giraud et al. 2005). That is the Q of a QR decomposition whose R has a positive
 * diagonal, the sign convention of torch.nn.init.orthogonal_. Work: 4 count^2 length FLOP.
 *
 * Every row loses its parts along the rows before it, in their order, and then again; each part is one sum from the first
 * entry to the last. Which rows are worked on first changes no bit: when a row is done, the first time is over for all
 * rows behind it at once, several in a loop, and the second time of a row takes its next sum while it loses the part before.
 */
export function* orthonormalise(a: Float64Array, count: number, length: number): Pieces<void> {
  const rows = Array.from({ length: count }, (_, i) => a.subarray(i * length, (i + 1) * length))
  for (const [i, row] of rows.entries()) {
    loseAll(row, rows, i)
    normalise(row)
    const rest = count - i - 1
    for (let k = 0; k < rest; k += AT_ONCE) {
      if (k + AT_ONCE <= rest) loseFromFour(rows[i + k + 1], rows[i + k + 2], rows[i + k + 3], rows[i + k + 4], row)
      else for (const last of rows.slice(i + k + 1)) loseAll(last, [row], 1)
    }
    yield 2 * length * (i + rest)
  }
}

/** Rows that lose a part in one loop: their sums do not wait for each other. */
const AT_ONCE = 4

/** `row` loses its parts along the first `count` of `others`, one after the other. */
function loseAll(row: Float64Array, others: Float64Array[], count: number): void {
  if (count === 0) return
  let dot = 0
  for (let k = 0; k < row.length; k++) dot += row[k] * others[0][k]
  for (let j = 0; j < count; j++) {
    const other = others[j]
    if (j + 1 === count) {
      for (let k = 0; k < row.length; k++) row[k] -= dot * other[k]
      return
    }
    const next = others[j + 1]
    let nextDot = 0
    for (let k = 0; k < row.length; k++) {
      const x = row[k] - dot * other[k]
      row[k] = x
      nextDot += x * next[k]
    }
    dot = nextDot
  }
}

function loseFromFour(a: Float64Array, b: Float64Array, c: Float64Array, d: Float64Array, other: Float64Array): void {
  let [dotA, dotB, dotC, dotD] = [0, 0, 0, 0]
  for (let k = 0; k < other.length; k++) {
    const x = other[k]
    dotA += a[k] * x
    dotB += b[k] * x
    dotC += c[k] * x
    dotD += d[k] * x
  }
  for (let k = 0; k < other.length; k++) {
    const x = other[k]
    a[k] -= dotA * x
    b[k] -= dotB * x
    c[k] -= dotC * x
    d[k] -= dotD * x
  }
}

function normalise(row: Float64Array): void {
  let squares = 0
  for (let k = 0; k < row.length; k++) squares += row[k] * row[k]
  const norm = Math.sqrt(squares)
  for (let k = 0; k < row.length; k++) row[k] /= norm
}
