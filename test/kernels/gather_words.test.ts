import { expect, test } from 'vitest'
import { policySlots } from '../../src/plan/kernels'
import { minibatchIndices } from '../../src/reference/gather'
import { gatherWords } from '../../src/reference/gather_words'
import { shuffleKeys } from '../../src/reference/shuffle'
import { expectUntouched, gates, progressOf, runKernel, shapeOf, structsOf, unwrittenWords } from '../support/kernel'

const AGENTS = [
  { seed: 1, iteration: 0 },
  { seed: 2, iteration: 1 },
  { seed: 0x9e3779b9, iteration: 70_000 },
]

// Three agents; the second one stopped before this update.
test.each([
  [1, 1, 1, 0, 0, 4],
  [7, 123 * 7, 3, 2, 1, 16],
  [5, 65, 1, 0, 3, 7056],
])(
  'gather_words: %i environments, a batch of %i in %i minibatches (%i of epoch %i), %i words',
  async (numEnvs, batchSize, numMinibatches, minibatch, epoch, words) => {
    const slots = policySlots(shapeOf(5, 3))
    const structs = structsOf('gather_words', slots)
    const numAgents = AGENTS.length
    const minibatchSize = batchSize / numMinibatches
    const update = epoch * numMinibatches + minibatch
    const stopStride = 4 * numMinibatches + 3
    const agentWords = (batchSize + numEnvs) * words
    const observations = Uint32Array.from({ length: numAgents * agentWords }, (_, i) => Math.imul(i + 1, 0x9e3779b1))
    const before = unwrittenWords(numAgents * minibatchSize * words)
    const { minibatch_observations: after } = await runKernel({
      stem: 'gather_words',
      slots,
      args: { numEnvs, batchSize, minibatchSize, stopStride, epoch, minibatch, update, quarter: words / 4 },
      buffers: {
        progress: progressOf(structs, AGENTS),
        stop: gates(numAgents, stopStride, { 1: [1 + update], 2: [0, 2 + update] }),
        observations,
        minibatch_observations: before,
      },
      outputs: ['minibatch_observations'],
      workgroups: [2, numAgents, 1],
    })
    const expected = before.slice()
    const indices = new Uint32Array(minibatchSize)
    for (const agent of [0, 2]) {
      const { seed, iteration } = AGENTS[agent]
      minibatchIndices(minibatch, batchSize, shuffleKeys(seed, iteration, epoch), indices)
      const rows = minibatchSize * words
      gatherWords(
        observations.subarray(agent * agentWords),
        words,
        indices,
        expected.subarray(agent * rows, (agent + 1) * rows),
      )
    }
    expectUntouched('gather_words', after, expected)
    expected[minibatchSize * words - 1]++
    expect(() => expectUntouched('gather_words', after, expected)).toThrow('gather_words[')
  },
)
