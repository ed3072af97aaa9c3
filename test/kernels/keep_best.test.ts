import { describe, expect, test } from 'vitest'
import { policySlots } from '../../src/plan/kernels'
import { keepBest, noBest } from '../../src/reference/keep_best'
import {
  expectClose,
  expectUntouched,
  progressOf,
  randomArray,
  randomNumbers,
  runKernel,
  shapeOf,
  structsOf,
  unwritten,
} from '../support/kernel'

const slots = policySlots(shapeOf(4, 2))
const structs = structsOf('keep_best', slots)
const NOW = 20
/** The first, a better one, one that is not, and one that takes no part. */
const AGENTS = [
  { status: 0, best: { evaluatedAt: 0, iteration: 0, returnMean: 0 } },
  { status: 0, best: { evaluatedAt: 10, iteration: 10, returnMean: -1000 } },
  { status: 0, best: { evaluatedAt: 10, iteration: 5, returnMean: 1000 } },
  { status: 1, best: { evaluatedAt: 10, iteration: 5, returnMean: -1000 } },
]
const n = AGENTS.length

describe('keep_best', () => {
  test.each([
    [1, 4, 0],
    [7, 123, 13],
    [65, 68, 70],
  ])('%o environments, %o parameters, %o statistics', async (numEnvs, parameterStride, statistics) => {
    const random = randomNumbers(numEnvs)
    const normaliserStride = statistics + 2
    // Below zero, so that the first policy is kept only because there is none.
    const returns = Float32Array.from({ length: n * numEnvs }, () => 10 * random() - 20)
    const evaluated = [...returns].map((sum) => ({ returnBlocks: [sum, 1, 0, -1], episodicLength: 9, ended: 1 }))
    const parameters = randomArray(n * parameterStride, random)
    const normaliser = randomArray(n * normaliserStride, random)
    const before = { best_parameters: unwritten(n * parameterStride), best_statistics: unwritten(n * statistics) }
    const after = await runKernel({
      stem: 'keep_best',
      slots,
      args: { numEnvs, parameterStride, statistics, normaliserStride },
      buffers: {
        progress: progressOf(
          structs,
          AGENTS.map(({ status }) => ({ status })),
        ),
        training_progress: progressOf(
          structs,
          AGENTS.map(() => ({ iteration: NOW })),
        ),
        evaluated: structs.write('Evaluated', evaluated),
        parameters,
        normaliser,
        best: structs.write(
          'Best',
          AGENTS.map(({ best }) => best),
        ),
        ...before,
      },
      outputs: ['best', 'best_parameters', 'best_statistics'],
      workgroups: [n, 1, 1],
    })
    const kept: number[] = []
    for (const [agent, { status, best }] of AGENTS.entries()) {
      const mean = returns.subarray(agent * numEnvs, (agent + 1) * numEnvs).reduce((a, b) => a + b, 0) / numEnvs
      const expected = { ...noBest(), ...best }
      const own = parameters.slice(agent * parameterStride, (agent + 1) * parameterStride)
      if (status === 0) keepBest(expected, NOW, mean, Float64Array.from(own), null)
      const got = structs.read('Best', after.best, agent)
      expect(got).toMatchObject({ evaluatedAt: expected.evaluatedAt, iteration: expected.iteration })
      // A mean of up to 65 numbers, in another order.
      expectClose('keep_best.returnMean', [got.returnMean as number], [expected.returnMean], { rtol: 1e-6 })
      if (expected.params) kept.push(agent)
      if (expected.params)
        expect(after.best_parameters.slice(agent * parameterStride, (agent + 1) * parameterStride)).toEqual(own)
      if (expected.params && statistics > 0) {
        const theirs = normaliser.subarray(agent * normaliserStride, agent * normaliserStride + statistics)
        expect(after.best_statistics.subarray(agent * statistics, (agent + 1) * statistics)).toEqual(theirs)
      }
    }
    expect(kept).toEqual([0, 1])
    const isKept = (stride: number) => (i: number) => kept.includes(Math.floor(i / stride))
    expectUntouched('keep_best.best_parameters', after.best_parameters, before.best_parameters, isKept(parameterStride))
    expectUntouched(
      'keep_best.best_statistics',
      after.best_statistics,
      before.best_statistics,
      isKept(Math.max(statistics, 1)),
    )
  })
})
