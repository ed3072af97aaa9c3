import { type Rng, uniform } from '../../src/env/rng'

/** The source of random numbers, drawn in the order of the original. */
export interface Draws {
  /** A real number in [low, high). */
  uniform(low: number, high: number): number
  /** A whole number in [low, high). */
  integer(low: number, high: number): number
}

/** The draws of the framework's generator: one each. */
export const drawsOf = (rng: Rng): Draws => ({
  uniform: (low, high) => low + (high - low) * uniform(rng),
  integer: (low, high) => low + Math.floor((high - low) * uniform(rng)),
})
