/** The parts of an iteration as lists of dispatches, in either plan. src/ppo.ts puts them in order. */

import { isNormalising } from '../model/normaliser'
import { dispatch, type Planned, type PlannedDispatch } from './dispatches'
import * as fused from './fused'
import * as grid from './grid'
import * as layered from './layered'
import { firstFrames } from './observing'

/** Workgroups of 64 threads that cover `n` items. */
const groups = (n: number): number => Math.ceil(n / 64)

/** Workgroups that share the records of one agent: enough to fill a GPU, with several records per thread. */
const healthGroups = (records: number): number => Math.min(256, Math.ceil(records / 512))

/** The initial states of all environments; once per run. */
export function reset(run: Planned): PlannedDispatch[] {
  const { numAgents, numEnvs } = run.sizes
  const staggerOver = run.config.staggerEpisodes ? run.spec!.maxEpisodeSteps : 0
  const list = [dispatch('reset_envs', { numEnvs, staggerOver }, [groups(numEnvs), numAgents, 1])]
  return run.config.frameStack > 1 ? [...list, ...firstFrames(run)] : list
}

/** numSteps x numEnvs: obs -> policy -> sample -> env step -> auto-reset -> store; in the fused plan also `gae`. */
export function rollout(run: Planned): PlannedDispatch[] {
  if (run.plan === 'layered') return layered.rollout(run)
  return run.grid ? grid.rollout(run) : fused.rollout(run)
}

/** Values of final observations, advantages and returns; in the fused plan part of the rollout. */
export const gae = (run: Planned): PlannedDispatch[] => (run.plan === 'fused' ? [] : layered.gae(run))

/** Statistics of the rollout, and the moments of the advantages of every minibatch. */
export function measure(run: Planned): PlannedDispatch[] {
  const { numAgents, numEnvs, numSteps, batchSize, minibatchSize, numMinibatches, numUpdates, stopStride } = run.sizes
  const perAgent: [number, number, number] = [numAgents, 1, 1]
  const sizes = { numEnvs, batchSize, minibatchSize, numMinibatches, numUpdates, stopStride }
  return [
    dispatch('health', { numEnvs, numSteps, stopStride }, [healthGroups(batchSize + numEnvs), numAgents, 1]),
    dispatch('explained_variance', { numEnvs, numSteps, stopStride }, perAgent),
    dispatch('episode_stats', { numEnvs, stopStride }, perAgent),
    dispatch('advantage_stats', sizes, [numUpdates, numAgents, 1]),
  ]
}

/** One optimiser step: gather -> forward -> losses -> backward -> gradient norm -> adam. */
export function updateMinibatch(run: Planned, epoch: number, minibatch: number): PlannedDispatch[] {
  const { updateMinibatch: ofPlan } = run.fused ? fused : layered
  return ofPlan(run, epoch, minibatch)
}

/** Merges the rollout into the normalisation statistics; empty without normalisation. */
export function normalise(run: Planned): PlannedDispatch[] {
  if (!run.spec || !isNormalising(run.config)) return []
  const { numAgents, numEnvs, stopStride } = run.sizes
  return [dispatch('update_normaliser', { numEnvs, stopStride }, [numAgents, 1, 1])]
}

/** Schedules, early stops, counters, and one metrics row per agent in `slot` of the metrics buffer. */
export function control(run: Planned, slot: number): PlannedDispatch[] {
  const { numAgents, numEnvs, numSteps, numUpdates, numMinibatches, stopStride } = run.sizes
  const sizes = { numAgents, numUpdates, numMinibatches, stopStride, numEnvs, numSteps }
  return [dispatch('control', { ...sizes, slot }, [groups(numAgents), 1, 1])]
}
