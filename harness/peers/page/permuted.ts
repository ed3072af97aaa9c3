/**
 * Orders of axes. Torch stores the weight of a dense layer as [out][in] and that of a convolution as [out][in][y][x]; the
 * libraries have orders of their own.
 */

/** The numbers of `data`, of shape `shape`, with its axes in the order `axes`: the result has shape[axes[0]] first. */
export function permuted(data: ArrayLike<number>, shape: readonly number[], axes: readonly number[]): Float32Array {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1))
  const result = new Float32Array(data.length)
  const sizes = axes.map((axis) => shape[axis])
  const steps = axes.map((axis) => strides[axis])
  const index = axes.map(() => 0)
  let from = 0
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from]
    for (let i = axes.length - 1; i >= 0; i--) {
      from += steps[i]
      if (++index[i] < sizes[i]) break
      from -= sizes[i] * steps[i]
      index[i] = 0
    }
  }
  return result
}

/** The order that undoes `axes`. */
export const inverse = (axes: readonly number[]): number[] => axes.map((_, i) => axes.indexOf(i))

export const shapeOf = (shape: readonly number[], axes: readonly number[]): number[] => axes.map((axis) => shape[axis])
