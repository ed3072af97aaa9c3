/** The rungs of successive halving: how many, how long, and what a rung keeps of its steps. */
import { ConfigError } from '../../src/options/errors'
import type { Step } from './scheduler'

export interface Halving {
  /** One of so many trials goes on. A whole number from 2. */
  eta: number
  /** From 1: without halving. */
  rungs: number
}

export const ETA = 3
const MOST_RUNGS = 4

/**
 * The timesteps at which each rung ends, of whole iterations; the last one is the whole budget. Each rung has about `eta`
 * times the timesteps of the one before.
 * @param rungs If left out: as many as leave a trial in the last one and an iteration for the first, at most 4.
 * @throws ConfigError if the budget is too short for `rungs`.
 */
export function rungBudgets(
  totalTimesteps: number,
  batchSize: number,
  { eta = ETA, rungs, trials }: { eta?: number; rungs?: number; trials: number },
): number[] {
  const iterations = Math.floor(totalTimesteps / batchSize)
  if (!Number.isInteger(eta) || eta < 2) {
    throw new ConfigError(`--eta: ${eta} is not a whole number from 2. Use 3: one trial of three goes on.`)
  }
  if (rungs !== undefined && (!Number.isInteger(rungs) || rungs < 1)) {
    throw new ConfigError(`--rungs: ${rungs} is not a whole number from 1. Use 1 for no halving.`)
  }
  if (iterations < 1) {
    throw new ConfigError(
      `totalTimesteps: ${totalTimesteps} is less than one batch of ${batchSize}. Use at least ${batchSize}.`,
    )
  }
  const fits = (count: number): boolean => eta ** (count - 1) <= iterations
  if (rungs !== undefined && !fits(rungs)) {
    throw new ConfigError(
      `--rungs: ${rungs} with --eta ${eta} need ${eta ** (rungs - 1)} iterations, and totalTimesteps ${totalTimesteps} are ` +
        `${iterations}. Use fewer rungs or more timesteps.`,
    )
  }
  let count = rungs ?? 1
  if (rungs === undefined) while (count < MOST_RUNGS && eta ** count <= trials && fits(count + 1)) count++
  return Array.from({ length: count }, (_, r) => Math.floor(iterations / eta ** (count - 1 - r)) * batchSize)
}

/** What is known of the steps of a rung, by trial. */
export interface Rung {
  state: Uint8Array
  /** Only of trials that have one. */
  scores: Float64Array
  given: number
  done: number
}

export const STATE = { none: 0, given: 1, scored: 2, noScore: 3 } as const

export const createRungs = (trials: number, rungs: number): Rung[] =>
  Array.from({ length: rungs }, () => ({
    state: new Uint8Array(trials),
    scores: new Float64Array(trials),
    given: 0,
    done: 0,
  }))

/** Whether trial `a` goes before `b`: the higher score, and of equal ones the lower id. */
export const better =
  ({ scores }: Rung) =>
  (a: number, b: number): boolean =>
    scores[a] !== scores[b] ? scores[a] > scores[b] : a < b

export function give(rung: Rung, trial: number): void {
  rung.state[trial] = STATE.given
  rung.given++
}

/** Whether the trial has a score after it. A step that was not given counts as given. */
export function take(rung: Rung, trial: number, score: number | null): boolean {
  if (rung.state[trial] === STATE.none) rung.given++
  const scored = score !== null && Number.isFinite(score)
  rung.state[trial] = scored ? STATE.scored : STATE.noScore
  if (scored) rung.scores[trial] = score
  rung.done++
  return scored
}

export const notOpen = ({ trial, rung }: Step, why: string): Error =>
  new Error(`trial ${trial} in rung ${rung}: ${why}, so there is no result to record.`)

/** @throws Error for a step that is none, or that has its result already. */
export function checkStep(rungs: readonly Rung[], step: Step): void {
  const state = rungs[step.rung]?.state[step.trial]
  if (state === undefined) throw notOpen(step, `there are ${rungs[0].state.length} trials and ${rungs.length} rungs`)
  if (state > STATE.given) throw notOpen(step, 'its result is recorded')
}
