import type { Floats } from './floats'

/** Sums partial gradients in order: `partials` [numPartials][paramStride] -> `gradient` [paramStride]. */
export function reduceGradients(partials: Floats, numPartials: number, paramStride: number, gradient: Floats): void {
  for (let i = 0; i < paramStride; i++) {
    let sum = 0
    for (let p = 0; p < numPartials; p++) sum += partials[p * paramStride + i]
    gradient[i] = sum
  }
}
