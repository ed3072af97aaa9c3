import { describe, expect, test } from 'vitest'
import { policySlots } from '../../src/plan/kernels'
import { recordLayout } from '../../src/plan/transition'
import { gatherAdvantages, minibatchIndices } from '../../src/reference/gather'
import { shuffleKeys } from '../../src/reference/shuffle'
import {
  columnOf,
  expectClose,
  expectUntouched,
  gates,
  makeRecords,
  perItem,
  progressOf,
  randomArray,
  randomNumbers,
  runKernel,
  shapeOf,
  structsOf,
} from '../support/kernel'

const AGENTS = [
  { seed: 1, iteration: 0 },
  { seed: 2, iteration: 1 },
  { seed: 0x9e3779b9, iteration: 70_000 },
]
// A difference and a product of numbers up to 10.
const LIMIT = { atol: 2e-6, rtol: 2e-7 }

interface Case {
  numEnvs: number
  batchSize: number
  numMinibatches: number
  minibatch: number
  epoch: number
  dist?: 'categorical' | 'gaussian'
  order?: Uint32Array
}

/** Three agents; the second one stopped before this update. Returns the sample indices of the rows of the other two. */
async function run({ numEnvs, batchSize, numMinibatches, minibatch, epoch, dist = 'categorical', order }: Case) {
  const shape = shapeOf(5, 3, dist)
  const record = recordLayout(shape)
  const slots = policySlots(shape, order !== undefined)
  const structs = structsOf('gather', slots)
  const numAgents = AGENTS.length
  const minibatchSize = Math.floor(batchSize / numMinibatches)
  const numUpdates = 4 * numMinibatches
  const update = epoch * numMinibatches + minibatch
  const stopStride = numUpdates + 2
  const random = randomNumbers(batchSize)
  const agentRows = batchSize + numEnvs
  const transitions = randomArray(numAgents * agentRows * record.stride, random, 5)
  // Each record contains its own index.
  for (let row = 0; row < numAgents * agentRows; row++)
    transitions[row * record.stride + record.action] = row % agentRows
  const moments = randomArray(numAgents * numUpdates * 2, random)
  const before = makeRecords(shape, numAgents * minibatchSize)
  const { minibatch: after } = await runKernel({
    stem: 'gather',
    slots,
    args: { numEnvs, batchSize, minibatchSize, numUpdates, stopStride, epoch, minibatch, update },
    buffers: {
      progress: progressOf(structs, AGENTS),
      stop: gates(numAgents, stopStride, { 1: [1 + update], 2: [0, 2 + update] }),
      transitions,
      advantage_moments: moments,
      minibatch: before,
      ...(order ? { permutations: order } : {}),
    },
    outputs: ['minibatch'],
    workgroups: perItem(minibatchSize, numAgents),
  })
  const words = minibatchSize * record.stride
  expectUntouched('gather.minibatch', after, before, (i) => i < numAgents * words && Math.floor(i / words) !== 1)
  return [0, 2].map((agent) => {
    const { seed, iteration } = AGENTS[agent]
    const indices = new Uint32Array(minibatchSize)
    if (order) indices.set(order.subarray(epoch * batchSize + minibatch * minibatchSize).subarray(0, minibatchSize))
    else minibatchIndices(minibatch, batchSize, shuffleKeys(seed, iteration, epoch), indices)
    const rows = columnOf(shape, after, 'action', minibatchSize, agent * minibatchSize)
    const stored = dist === 'gaussian' ? rows.filter((_, i) => i % 3 === 0) : rows
    expect([...stored], `sample numbers of agent ${agent}`).toEqual([...indices])
    // The whole record is a copy, except the advantage.
    const whole = (data: Float32Array, row: number) =>
      [...data.subarray(row * record.stride, (row + 1) * record.stride)].filter((_, k) => k !== record.advantage)
    indices.forEach((index, row) => {
      expect(whole(after, agent * minibatchSize + row)).toEqual(whole(transitions, agent * agentRows + index))
    })
    const [mean, invStd] = moments.subarray((agent * numUpdates + update) * 2)
    const advantages = new Float64Array(minibatchSize)
    const source = columnOf(shape, transitions, 'advantage', batchSize, agent * agentRows)
    gatherAdvantages(source, indices, { mean, invStd }, advantages)
    const got = columnOf(shape, after, 'advantage', minibatchSize, agent * minibatchSize)
    expectClose(`gather(agent ${agent}).advantages`, got, advantages, { ...LIMIT, dims: { row: minibatchSize } })
    return [...stored]
  })
}

describe('gather', () => {
  // The rows equal the twin's, exactly, and form a permutation.
  test.each([1, 2, 3, 7, 33, 100, 1000])('shuffle of %o samples is the bijection of the twin', async (batchSize) => {
    for (const epoch of [0, 3]) {
      for (const rows of await run({ numEnvs: 1, batchSize, numMinibatches: 1, minibatch: 0, epoch })) {
        expect(rows.toSorted((a, b) => a - b)).toEqual([...Array(batchSize).keys()])
      }
    }
  })

  test('agents, iterations and epochs have orders of their own', async () => {
    const c = { numEnvs: 1, batchSize: 100, numMinibatches: 1, minibatch: 0 }
    const orders = [...(await run({ ...c, epoch: 0 })), ...(await run({ ...c, epoch: 1 }))]
    expect(new Set(orders.map((rows) => rows.join())).size).toBe(4)
  })

  test.each([
    { numEnvs: 7, batchSize: 861, numMinibatches: 3, minibatch: 2, epoch: 1 },
    { numEnvs: 65, batchSize: 65, numMinibatches: 1, minibatch: 0, epoch: 3 },
    { numEnvs: 5, batchSize: 60, numMinibatches: 4, minibatch: 1, epoch: 2, dist: 'gaussian' as const },
  ])('whole records, minibatch $minibatch of $numMinibatches', async (c) => {
    await run(c)
  })

  test('minibatches of an epoch do not overlap', async () => {
    const c = { numEnvs: 2, batchSize: 36, numMinibatches: 3, epoch: 1 }
    const parts = [
      await run({ ...c, minibatch: 0 }),
      await run({ ...c, minibatch: 1 }),
      await run({ ...c, minibatch: 2 }),
    ]
    expect(new Set(parts.flatMap(([first]) => first)).size).toBe(36)
  })

  test('a given order, the same for all agents', async () => {
    const batchSize = 63
    const order = Uint32Array.from(
      { length: 4 * batchSize },
      (_, i) => ((i % batchSize) * 5 + Math.floor(i / batchSize)) % batchSize,
    )
    const rows = await run({ numEnvs: 7, batchSize, numMinibatches: 3, minibatch: 1, epoch: 2, order })
    expect(rows[0]).toEqual(rows[1])
  })
})
