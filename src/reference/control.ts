/** The end of an iteration: schedules, counters, reasons to stop, and one row of metrics, for one agent. */
import { derivedSizes, type PpoConfig } from '../config/config'
import { type MetricsRow, NO_EVALUATION, type NotFinite, RETURN_WINDOW } from '../metrics'
import type { EpisodeStats } from './episode_stats'
import type { Situations } from './sum_losses'
import type { MinibatchResult } from './update'

export const KL_COEF_MIN = 1e-6
export const KL_COEF_MAX = 1e6

/** The state of one agent between iterations. */
export interface ControlState {
  /** Iterations finished; also the number of the next iteration counted from 0. */
  iteration: number
  status: MetricsRow['status']
  klCoef: number
  /** Of the next iteration; adaptive: of its first minibatch. */
  learningRate: number
  solvedAt: number | null
  /** Episodes and sum of returns of the latest iterations, oldest first: the fewest that have 100 episodes. */
  window: { episodes: number; returnSum: number }[]
}

export const makeControlState = (config: PpoConfig): ControlState => ({
  iteration: 0,
  status: 'running',
  klCoef: config.algorithm === 'penalty' ? config.klCoef : 0,
  learningRate: config.learningRate,
  solvedAt: null,
  window: [],
})

/**
 * Fraction of the run that is left at the start of iteration 1..numIterations: the factor of linear schedules
 * (CleanRL).
 */
export const remainingAt = (config: PpoConfig, iteration: number): number =>
  1 - (iteration - 1) / derivedSizes(config).numIterations

/** Step size of iteration 1..numIterations: constant, or linear to 0 and constant inside an iteration; not the adaptive one. */
export function learningRateAt(config: PpoConfig, iteration: number): number {
  return config.annealLr ? config.learningRate * remainingAt(config, iteration) : config.learningRate
}

/** Schulman et al. 2017, section 4: halve or double the coefficient when the measured KL leaves [target / 1.5, target * 1.5]. */
export function adaptKlCoef(klCoef: number, kl: number, targetKl: number): number {
  const adapted = kl < targetKl / 1.5 ? klCoef / 2 : kl > targetKl * 1.5 ? klCoef * 2 : klCoef
  return Math.min(KL_COEF_MAX, Math.max(KL_COEF_MIN, adapted))
}

const episodesIn = (window: ControlState['window']): number => window.reduce((sum, entry) => sum + entry.episodes, 0)

/** Adds an iteration with episodes to the window and drops entries that are no longer needed: at most 100 remain. */
export function addToWindow(window: ControlState['window'], episodes: number, returnSum: number): void {
  if (episodes === 0) return
  window.push({ episodes, returnSum })
  while (episodesIn(window) - window[0].episodes >= RETURN_WINDOW) window.shift()
}

/** The mean return of the window's episodes; null with fewer than 100 episodes. */
export function windowReturn(window: ControlState['window']): number | null {
  const held = episodesIn(window)
  return held >= RETURN_WINDOW ? window.reduce((sum, entry) => sum + entry.returnSum, 0) / held : null
}

export interface ControlInputs {
  /** The evaluated minibatches, in order; empty if the rollout had a fault. */
  results: MinibatchResult[]
  episodes: EpisodeStats & { returnSum: number }
  explainedVariance: number | null
  /** The fault that `health` found in the rollout. */
  notFinite: NotFinite | null
  /** The environment's, null if it defines none. */
  rewardThreshold: number | null
}

/** Finishes an iteration: advances `state`, returns the iteration's metrics. Means over no minibatch are 0. */
export function control(state: ControlState, config: PpoConfig, inputs: ControlInputs): MetricsRow {
  const { results, rewardThreshold } = inputs
  const notFinite = inputs.notFinite ?? badUpdate(results)
  const { batchSize, numIterations } = derivedSizes(config)
  const iteration = ++state.iteration
  const timesteps = iteration * batchSize
  const learningRate = (config.adaptiveLr ? results.at(-1)?.learningRate : undefined) ?? state.learningRate
  state.learningRate = config.adaptiveLr ? learningRate : learningRateAt(config, iteration + 1)
  const updates = results.filter((result) => result.stepped).length
  const klCoef = state.klCoef

  const lastEpoch = results.filter((result) => result.epoch === config.updateEpochs - 1)
  const kl = meanOf(lastEpoch, (result) => result.stats.kl)
  if (config.algorithm === 'penalty') state.klCoef = adaptKlCoef(klCoef, kl, config.targetKl!)

  const { returnSum, ...episodes } = inputs.episodes
  // A rollout with a fault does not count.
  if (!inputs.notFinite) addToWindow(state.window, episodes.episodes, returnSum)
  const episodicReturn = windowReturn(state.window)
  const reached = rewardThreshold !== null && episodicReturn !== null && episodicReturn >= rewardThreshold
  if (reached) state.solvedAt ??= timesteps
  if (notFinite) state.status = 'notFinite'
  else if (reached && config.stopWhenSolved) state.status = 'solved'
  else if (iteration === numIterations) state.status = 'finished'

  return {
    iteration,
    timesteps,
    status: state.status,
    pgLoss: meanOf(results, (result) => result.stats.pgLoss),
    vLoss: meanOf(results, (result) => result.stats.vLoss),
    entropy: meanOf(results, (result) => result.stats.entropy),
    loss: meanOf(results, (result) => result.stats.loss),
    approxKl: meanOf(results, (result) => result.stats.approxKl),
    oldApproxKl: meanOf(results, (result) => result.stats.oldApproxKl),
    clipfrac: meanOf(results, (result) => result.stats.clipfrac),
    kl,
    gradNorm: meanOf(
      results.filter((result) => result.stepped),
      (result) => result.gradNorm!,
    ),
    explainedVariance: inputs.explainedVariance,
    learningRate,
    klCoef,
    minibatches: results.length,
    updates,
    epochsDone: Math.floor(updates / config.numMinibatches),
    situations: sumSituations(results),
    ...episodes,
    episodicReturn,
    solvedAt: state.solvedAt,
    ...NO_EVALUATION,
    notFinite,
  }
}

/** The update whose gradient or result was not finite; it is the last one. */
function badUpdate(results: MinibatchResult[]): NotFinite | null {
  const gradient = results.findIndex(({ gradNorm }) => gradNorm !== null && !Number.isFinite(gradNorm))
  if (gradient >= 0) return { buffer: 'gradients', step: gradient, env: 0 }
  const outcome = results.findIndex(({ finite }) => !finite)
  return outcome < 0 ? null : { buffer: 'parameters', step: outcome, env: 0 }
}

function meanOf(results: MinibatchResult[], value: (result: MinibatchResult) => number): number {
  if (results.length === 0) return 0
  return results.reduce((sum, result) => sum + value(result), 0) / results.length
}

function sumSituations(results: MinibatchResult[]): Situations {
  const total: Situations = [0, 0, 0, 0, 0, 0]
  for (const { stats } of results) for (let s = 0; s < 6; s++) total[s] += stats.situations[s]
  return total
}
