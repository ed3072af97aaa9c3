/** One iteration as a list of dispatches, in either plan. */

import * as fused from './fused'
import type { Dispatch } from './gpu/dispatch'
import * as layered from './layered'
import { isNormalising } from './normaliser'
import { dispatch, type Run } from './run'

/** Workgroups of 64 threads that cover `n` items. */
const groups = (n: number): number => Math.ceil(n / 64)

/** Workgroups that share the records of one agent: enough to fill a GPU, with some records for each thread. */
const healthGroups = (records: number): number => Math.min(256, Math.ceil(records / 512))

/** The first states of all environments; once per run. */
export function reset(run: Run): Dispatch[] {
  const { numAgents, numEnvs } = run.sizes
  const staggerOver = run.config.staggerEpisodes ? run.spec!.maxEpisodeSteps : 0
  return [dispatch(run, 'reset_envs', { numEnvs, staggerOver }, [groups(numEnvs), numAgents, 1])]
}

/** numSteps x numEnvs: obs -> policy -> sample -> env step -> auto-reset -> store; then advantages and returns. */
export function rollout(run: Run): Dispatch[] {
  return run.plan === 'fused'
    ? fused.rollout(run, run.flopsPerDispatch)
    : [...layered.rollout(run), ...layered.gae(run)]
}

/** What is measured once per rollout; and the moments of the advantages of every minibatch to come. */
export function measure(run: Run): Dispatch[] {
  const { numAgents, numEnvs, numSteps, batchSize, minibatchSize, numMinibatches, numUpdates, stopStride } = run.sizes
  const perAgent: [number, number, number] = [numAgents, 1, 1]
  const sizes = { numEnvs, batchSize, minibatchSize, numMinibatches, numUpdates, stopStride }
  return [
    dispatch(run, 'health', { numEnvs, numSteps, stopStride }, [healthGroups(batchSize + numEnvs), numAgents, 1]),
    dispatch(run, 'explained_variance', { numEnvs, numSteps, stopStride }, perAgent),
    dispatch(run, 'episode_stats', { numEnvs, stopStride }, perAgent),
    dispatch(run, 'advantage_stats', sizes, [numUpdates, numAgents, 1]),
  ]
}

/** One optimiser step: gather -> forward -> losses -> backward -> gradient norm -> adam. */
export function updateMinibatch(run: Run, epoch: number, minibatch: number): Dispatch[] {
  return run.plan === 'fused'
    ? fused.updateMinibatch(run, epoch, minibatch, run.flopsPerDispatch)
    : layered.updateMinibatch(run, epoch, minibatch)
}

/** updateEpochs x numMinibatches optimiser steps, each epoch in a new order. */
export function update(run: Run): Dispatch[] {
  const { updateEpochs, numMinibatches } = run.sizes
  return Array.from({ length: updateEpochs * numMinibatches }, (_, u) =>
    updateMinibatch(run, Math.floor(u / numMinibatches), u % numMinibatches),
  ).flat()
}

/** What observations and rewards are normalised by takes in the rollout. Nothing where nothing is normalised. */
function normalise(run: Run): Dispatch[] {
  if (!run.spec || !isNormalising(run.config)) return []
  const { numAgents, numEnvs, stopStride } = run.sizes
  return [dispatch(run, 'update_normaliser', { numEnvs, stopStride }, [numAgents, 1, 1])]
}

/** Statistics of the normaliser, schedules, early stops, counters, and one metrics row per agent in `slot` of the metrics buffer. */
export function control(run: Run, slot: number): Dispatch[] {
  const { numAgents, numEnvs, numSteps, numUpdates, numMinibatches, stopStride } = run.sizes
  const sizes = { numAgents, numUpdates, numMinibatches, stopStride, numEnvs, numSteps }
  return [...normalise(run), dispatch(run, 'control', { ...sizes, slot }, [groups(numAgents), 1, 1])]
}
