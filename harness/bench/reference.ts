/** The CPU reference in a bench case: the same units of its own trainer, one thread, in this process. */
import { derivedSizes } from '../../src/config/config'
import { gae } from '../../src/reference/gae'
import { minibatchIndices } from '../../src/reference/gather'
import { createReferencePpo, type ReferenceAgent } from '../../src/reference/ppo'
import { collectRollout } from '../../src/reference/rollout'
import { shuffleKeys } from '../../src/reference/shuffle'
import { stepEnvs } from '../../src/reference/step_envs'
import { update, updateHyper, updateMinibatch } from '../../src/reference/update'
import type { BenchPoint } from '../cases/cases'
import type { Timed } from '../cases/rows'
import { type TimingOptions, timeRepeats } from '../timing/timing'

export async function timeReference(point: BenchPoint, timing: TimingOptions): Promise<Timed> {
  const start = performance.now()
  const { unit, iterate } = referenceUnits(point)
  const setupSeconds = (performance.now() - start) / 1000
  // A part of an iteration needs the data of a whole one; a whole one needs no preparation.
  const firstSeconds = point.unit === 'iteration' ? null : timeOf(iterate)
  const timed = await timeRepeats(async (count) => {
    for (let i = 0; i < count; i++) unit(i)
  }, timing)
  return {
    ...{ seconds: timed.seconds, units: timed.units, plan: 'reference' },
    ...{ dispatches: null, dispatchesPerIteration: null, hostMs: null },
    firstUpdateSeconds: setupSeconds + (firstSeconds ?? timed.firstSeconds),
  }
}

function timeOf(work: () => void): number {
  const start = performance.now()
  work()
  return (performance.now() - start) / 1000
}

/** The i-th unit, and a whole iteration. @throws if fewer steps were done than are counted. */
function referenceUnits({ spec, config, unit }: BenchPoint): { unit(i: number): void; iterate(): void } {
  const ppo = createReferencePpo(spec, config)
  const { updateEpochs, numMinibatches } = config
  const indices = new Uint32Array(derivedSizes(config).minibatchSize)
  const select =
    ({ config: { seed }, batch }: ReferenceAgent<unknown>) =>
    (epoch: number, minibatch: number) => {
      minibatchIndices(minibatch, batch.size, shuffleKeys(seed, 0, epoch), indices)
      return indices
    }
  const hyper = ({ config: own }: ReferenceAgent<unknown>) => updateHyper(own, own.learningRate, own.klCoef)
  const expect = (updates: number, wanted: number) => {
    if (updates !== wanted) throw new Error(`bench: the reference took ${updates} optimiser steps of ${wanted}.`)
  }
  const iterate = () => {
    for (const row of ppo.iterate()) expect(row.updates, updateEpochs * numMinibatches)
  }
  const units = {
    iteration: iterate,
    rollout: () => {
      for (const { config: own, learner, rollout, batch } of ppo.agents) {
        collectRollout(spec, ppo.layout, learner.params, own.seed, 1, rollout)
        gae({ ...own, ...rollout }, batch.advantages, batch.returns)
      }
    },
    steps: () => {
      for (const { config: own, rollout } of ppo.agents) {
        const { numSteps, numEnvs, obsStride, slots } = rollout
        const perStep = rollout.actions.length / numSteps
        for (let t = 0; t < numSteps; t++) {
          const actions = rollout.actions.subarray(t * perStep)
          const outputs = { ...rollout, nextObs: rollout.obs }
          stepEnvs(spec, slots, own.seed, numSteps + t, actions, perStep / numEnvs, obsStride, outputs)
        }
      }
    },
    update: () => {
      for (const agent of ppo.agents) {
        const { learner, batch } = agent
        const results = update(learner, batch, hyper(agent), updateEpochs, numMinibatches, select(agent), ppo.work)
        expect(results.filter(({ stepped }) => stepped).length, updateEpochs * numMinibatches)
      }
    },
    minibatch: (i: number) => {
      for (const agent of ppo.agents) {
        const rows = select(agent)(Math.floor(i / numMinibatches) % updateEpochs, i % numMinibatches)
        const { stepped } = updateMinibatch(agent.learner, agent.batch, rows, hyper(agent), ppo.work)
        expect(stepped ? 1 : 0, 1)
      }
    },
  }
  return { unit: units[unit], iterate }
}
