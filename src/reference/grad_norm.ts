import type { Floats } from './floats'

/** The global norm of `gradient` [paramStride], before clipping. One that is not finite ends the agent's run; so does one whose square f32 cannot hold. */
export function gradNorm(gradient: Floats): number {
  let sumOfSquares = 0
  for (let i = 0; i < gradient.length; i++) sumOfSquares += gradient[i] * gradient[i]
  return normOf(sumOfSquares)
}

/** The root of a sum of squares, infinite where f32 cannot hold the sum. */
export const normOf = (sumOfSquares: number): number =>
  Math.fround(sumOfSquares) === Infinity ? Infinity : Math.sqrt(sumOfSquares)
