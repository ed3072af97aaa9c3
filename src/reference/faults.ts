/** What is not finite, and how a record says so. */
import { isFinite32 } from '../model/floats'

/** Bits of `terminated` (shaders/lib/flags.wgsl). */
export const FLAG = {
  /** The task ended with this step. */
  terminated: 1,
  /** The step led to a state that is not finite. */
  stateNotFinite: 2,
  /** A result was not finite: the environment does no further step. */
  standsStill: 4,
} as const

/** Whether every number of an environment's state, a plain object of numbers, lists and such objects, is finite. */
export function stateIsFinite(state: unknown): boolean {
  if (typeof state === 'number') return isFinite32(state)
  return typeof state !== 'object' || state === null || Object.values(state).every(stateIsFinite)
}
