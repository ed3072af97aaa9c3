import { describe, expect, test } from 'vitest'
import { EVALUATION_KEY } from '../../src/env/evaluation'
import { policySlots } from '../../src/plan/kernels'
import { evaluationSeed, takesPart } from '../../src/reference/begin_evaluation'
import {
  expectUntouched,
  progressOf,
  randomArray,
  randomNumbers,
  runKernel,
  shapeOf,
  structsOf,
  unwritten,
  unwrittenWords,
} from '../support/kernel'

const slots = policySlots(shapeOf(4, 2))
const structs = structsOf('begin_evaluation', slots)
const EVERY = 5
const STATUS = ['running', 'finished', 'solved', 'notFinite'] as const
/** Due, and for each reason not; the last two stopped in the iteration of the evaluation, one at a fault. */
const AGENTS = [
  { seed: 3, iteration: 10, status: 0, evaluatedAt: 5 },
  { seed: 4, iteration: 10, status: 0, evaluatedAt: 10 },
  { seed: 5, iteration: 8, status: 1, evaluatedAt: 5 },
  { seed: 0xffffffff, iteration: 10, status: 2, evaluatedAt: 0 },
  { seed: 6, iteration: 10, status: 3, evaluatedAt: 5 },
]
const n = AGENTS.length

describe('begin_evaluation', () => {
  test.each([
    [1, 0, 3],
    [7, 13, 3],
    [65, 70, 67],
  ])('%o environments, %o statistics, %o gates', async (numEnvs, statistics, stopStride) => {
    const [normaliserStride, trainingNormaliserStride] = [statistics + numEnvs, statistics + 4]
    const training = randomArray(Math.max(n * trainingNormaliserStride, 4), randomNumbers(numEnvs))
    const before = unwritten(n * normaliserStride)
    const best = AGENTS.map(({ evaluatedAt }) => ({ evaluatedAt, iteration: evaluatedAt, returnMean: 1 }))
    const after = await runKernel({
      stem: 'begin_evaluation',
      slots,
      args: {
        numEnvs,
        stopStride,
        every: EVERY,
        key: EVALUATION_KEY,
        statistics,
        normaliserStride,
        trainingNormaliserStride,
      },
      buffers: {
        training_progress: progressOf(
          structs,
          AGENTS.map(({ seed, iteration, status }) => ({ seed, iteration, status })),
        ),
        training_normaliser: training,
        best: structs.write('Best', best),
        progress: unwrittenWords(n * structs.words('Progress')),
        stop: unwrittenWords(n * stopStride),
        normaliser: before,
        evaluated: unwrittenWords(n * numEnvs * structs.words('Evaluated')),
      },
      outputs: ['progress', 'stop', 'normaliser', 'evaluated'],
      workgroups: [n, 1, 1],
    })
    const untouched = { returnBlocks: [0, 0, 0, 0], episodicLength: 0, ended: 0 }
    for (const [agent, { seed, iteration, status, evaluatedAt }] of AGENTS.entries()) {
      const takes = takesPart(iteration, STATUS[status], EVERY, { evaluatedAt })
      expect(takes).toBe(agent === 0 || agent === 3)
      const own = structs.read('Progress', after.progress, agent)
      expect(own).toMatchObject({ seed: evaluationSeed(seed), iteration: 0, status: takes ? 0 : 1 })
      const gates = [...after.stop.subarray(agent * stopStride, (agent + 1) * stopStride)]
      expect(gates).toEqual(gates.map(() => (takes ? 0 : 1)))
      for (let env = 0; env < numEnvs; env++) {
        expect(structs.read('Evaluated', after.evaluated, agent * numEnvs + env)).toEqual(untouched)
      }
      const at = agent * normaliserStride
      expect(after.normaliser.subarray(at, at + statistics)).toEqual(
        training.subarray(agent * trainingNormaliserStride, agent * trainingNormaliserStride + statistics),
      )
    }
    const isStatistic = (i: number) => i < n * normaliserStride && i % normaliserStride < statistics
    expectUntouched('begin_evaluation.normaliser', after.normaliser, before, isStatistic)
  })
})
