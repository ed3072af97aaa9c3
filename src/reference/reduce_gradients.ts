import type { Floats } from './floats'

/**
 * Sums partial gradients in a fixed order. `partials` [numPartials][paramStride] -> `gradient` [paramStride]. Returns the
 * sum of squares of the result, whose root is the global gradient norm before clipping.
 */
export function reduceGradients(partials: Floats, numPartials: number, paramStride: number, gradient: Floats): number {
  let sumOfSquares = 0
  for (let i = 0; i < paramStride; i++) {
    let sum = 0
    for (let p = 0; p < numPartials; p++) sum += partials[p * paramStride + i]
    gradient[i] = sum
    sumOfSquares += sum * sum
  }
  return sumOfSquares
}
