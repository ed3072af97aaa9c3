/** Checks for non-finite values and for masks without a choice, and how a step reports them. */
import { type Floats, isFinite32 } from '../model/floats'

/** Bits of a step's `faults`. */
export const FAULT = {
  /** The step led to a state that is not finite. */
  stateNotFinite: 1,
  /** A result was not finite: the environment does no more steps. */
  standsStill: 2,
} as const

/** Whether every number of an environment's state, a plain object of numbers, lists and such objects, is finite. */
export function stateIsFinite(state: unknown): boolean {
  if (typeof state === 'number') return isFinite32(state)
  return typeof state !== 'object' || state === null || Object.values(state).every(stateIsFinite)
}

/** Whether the mask from `offset` on allows a choice in every part; `parts` are their numbers of choices. */
export function someChoice(masks: Floats, offset: number, parts: readonly number[]): boolean {
  let first = offset
  return parts.every((n) => masks.subarray(first, (first += n)).some((entry) => entry !== 0))
}
