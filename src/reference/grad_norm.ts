import type { Floats } from './floats'

/** The global norm of `gradient` [paramStride], before clipping. One that is not finite ends the agent's run. */
export function gradNorm(gradient: Floats): number {
  let sumOfSquares = 0
  for (let i = 0; i < gradient.length; i++) sumOfSquares += gradient[i] * gradient[i]
  return Math.sqrt(sumOfSquares)
}
