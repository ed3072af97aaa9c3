import { expect, test } from 'vitest'
import { copyFrames } from '../../src/reference/copy_frames'
import { expectUntouched, gates, runKernel, unwrittenWords } from '../support/kernel'

// Three agents, the second one halted. Between the rows lies what must not change.
test.each([
  [1, 4, 0, 0],
  [7, 16, 5, 3],
  [65, 48, 0, 8],
])(
  'copy_frames: %i environments, %i words, %i and %i words between rows',
  async (numEnvs, words, apart, otherApart) => {
    const numAgents = 3
    const [sourceEnv, targetEnv] = [words + apart, words + otherApart]
    const [sourceAgent, targetAgent] = [2 * numEnvs * sourceEnv, 3 * numEnvs * targetEnv]
    const [sourceAt, targetAt] = [numEnvs * sourceEnv, 2]
    const source = Uint32Array.from({ length: numAgents * sourceAgent }, (_, i) => Math.imul(i + 1, 0x9e3779b1))
    const before = unwrittenWords(numAgents * targetAgent)
    const args = { sourceAt, sourceAgent, sourceEnv, targetAt, targetAgent, targetEnv }
    const { target_words: after } = await runKernel({
      stem: 'copy_frames',
      slots: {},
      args: { numEnvs, stopStride: 4, words, ...args },
      buffers: { stop: gates(numAgents, 4, { 1: [0], 2: [1, 2] }), source, target_words: before },
      outputs: ['target_words'],
      workgroups: [2, numAgents, 1],
    })
    const expected = before.slice()
    for (const agent of [0, 2]) {
      const from = { data: source, at: sourceAt + agent * sourceAgent, stride: sourceEnv }
      copyFrames(from, { data: expected, at: targetAt + agent * targetAgent, stride: targetEnv }, numEnvs, words)
    }
    expectUntouched('copy_frames', after, expected)
    expected[targetAt]++
    expect(() => expectUntouched('copy_frames', after, expected)).toThrow('copy_frames[')
  },
)
