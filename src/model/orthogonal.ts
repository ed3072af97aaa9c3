/** Orthogonal initial weights (Saxe et al. 2014), as torch.nn.init.orthogonal_. */
import { DRAW_COST, normalNumbers } from './normals'
import { orthonormalise } from './orthonormal'
import type { Pieces } from './pieces'

/** Entry (row, column) of an orthogonal matrix [rows][columns]: its rows are orthonormal if there are no more than columns, else its columns. */
export function* orthogonal(
  rows: number,
  columns: number,
  index: number,
  seed: number,
): Pieces<(row: number, column: number) => number> {
  const count = Math.min(rows, columns)
  const length = Math.max(rows, columns)
  const a = yield* normalNumbers(seed, index, count * length)
  yield* orthonormalise(a, count, length)
  return rows <= columns ? (r, c) => a[r * length + c] : (r, c) => a[c * length + r]
}

/** Number of multiplications that it counts. */
export function orthogonalCost(rows: number, columns: number): number {
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)]
  return (DRAW_COST * count * length) / 2 + 2 * count * count * length
}
