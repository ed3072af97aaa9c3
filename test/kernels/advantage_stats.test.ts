import { describe, expect, test } from 'vitest'
import { policySlots } from '../../src/plan/kernels'
import { normalisation } from '../../src/reference/advantage_stats'
import { minibatchIndices } from '../../src/reference/gather'
import { shuffleKeys } from '../../src/reference/shuffle'
import {
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  hyperOf,
  makeRecords,
  progressOf,
  randomArray,
  randomNumbers,
  runKernel,
  setColumn,
  shapeOf,
  structsOf,
  unwritten,
} from '../support/kernel'

const shape = shapeOf(3, 2)
const UPDATE_EPOCHS = 2
// Means of numbers up to 3 in f32 sums of up to 861 terms.
const MEAN = { atol: 1e-6 }
const INV_STD = { rtol: 3e-6 }

// Four agents: the second one's rollout was not finite, the third does not normalise, the fourth is like the first, the
// fifth normalises over the whole batch.
const AGENTS = [
  { seed: 1, iteration: 0 },
  { seed: 2, iteration: 1 },
  { seed: 3, iteration: 1 },
  { seed: 0xffffffff, iteration: 70_000 },
  { seed: 4, iteration: 2 },
]

async function run(numEnvs: number, numSteps: number, numMinibatches: number, order?: Uint32Array) {
  const slots = policySlots(shape, order !== undefined)
  const structs = structsOf('advantage_stats', slots)
  const numAgents = AGENTS.length
  const batchSize = numEnvs * numSteps
  const minibatchSize = Math.floor(batchSize / numMinibatches)
  const numUpdates = UPDATE_EPOCHS * numMinibatches
  const random = randomNumbers(batchSize)
  const transitions = makeRecords(shape, numAgents * (batchSize + numEnvs))
  const advantages = AGENTS.map((_, agent) => {
    const values = randomArray(batchSize, random, 2).map((x) => x + 1)
    setColumn(shape, transitions, 'advantage', values, agent * (batchSize + numEnvs))
    return values
  })
  const advantageMoments = unwritten(numAgents * numUpdates * 2)
  const { advantage_moments: after } = await runKernel({
    stem: 'advantage_stats',
    slots,
    args: { numEnvs, batchSize, minibatchSize, numMinibatches, numUpdates, stopStride: 4 },
    buffers: {
      hyper: hyperOf(
        structs,
        AGENTS.map((_, agent) => ({ normAdv: agent !== 2, normAdvOver: agent === 4 ? 'batch' : 'minibatch' })),
      ),
      progress: progressOf(structs, AGENTS),
      stop: gates(numAgents, 4, { 1: [1], 3: [2] }),
      transitions,
      advantage_moments: advantageMoments,
      ...(order ? { permutations: order } : {}),
    },
    outputs: ['advantage_moments'],
    workgroups: [numUpdates, numAgents, 1],
  })
  const perAgent = numUpdates * 2
  expectUntouched(
    'advantage_moments',
    after,
    advantageMoments,
    (i) => i < numAgents * perAgent && Math.floor(i / perAgent) !== 1,
  )
  for (let update = 0; update < numUpdates; update++) {
    expect([...after.subarray(2 * perAgent + update * 2, 2 * perAgent + update * 2 + 2)]).toEqual([0, 1])
  }
  for (const agent of [0, 3, 4]) {
    const { seed, iteration } = AGENTS[agent]
    const means: number[] = []
    const invStds: number[] = []
    for (let update = 0; update < numUpdates; update++) {
      const epoch = Math.floor(update / numMinibatches)
      const minibatch = update % numMinibatches
      const indices = new Uint32Array(minibatchSize)
      if (order) indices.set(order.subarray(epoch * batchSize + minibatch * minibatchSize).subarray(0, minibatchSize))
      else minibatchIndices(minibatch, batchSize, shuffleKeys(seed, iteration, epoch), indices)
      const normAdvOver = agent === 4 ? 'batch' : 'minibatch'
      const stats = normalisation(advantages[agent], indices, { normAdv: true, normAdvOver })
      means.push(stats.mean)
      invStds.push(stats.invStd)
    }
    const dims = { epoch: UPDATE_EPOCHS, minibatch: numMinibatches }
    const got = (k: number) => means.map((_, update) => after[agent * perAgent + update * 2 + k])
    expectClose(`advantage_stats(agent ${agent}).mean`, got(0), means, { ...MEAN, dims })
    expectClose(`advantage_stats(agent ${agent}).invStd`, got(1), invStds, { ...INV_STD, dims })
    expectCaught(`advantage_stats(agent ${agent}).mean`, got(0), means, { ...MEAN, dims })
  }
}

describe('advantage_stats', () => {
  test.each([
    [1, 2, 1], // two samples: n - 1 is 1
    [7, 123, 3],
    [65, 1, 1],
    [65, 2, 5], // minibatches of 26
  ])('shuffled: %o environments x %o steps, %o minibatches', (numEnvs, numSteps, numMinibatches) =>
    run(numEnvs, numSteps, numMinibatches),
  )

  test('in a given order', () => {
    const batchSize = 7 * 9
    const order = Uint32Array.from(
      { length: 2 * batchSize },
      (_, i) => ((i % batchSize) * (i < batchSize ? 5 : 11)) % batchSize,
    )
    return run(7, 9, 3, order)
  })
})
