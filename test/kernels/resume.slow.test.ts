import { describe, expect, test } from 'vitest'
import type { TrainArgs } from '../../harness/protocol/protocol'
import { readCheckpoint } from '../../src/checkpoint/checkpoint'
import type { PpoOptions } from '../../src/config/config'
import { differences, trainInPage } from '../support/train'
import { batch, configured, easy, LONG, SHORT, sizes, statuses, TIMEOUT, testPieces } from './resume'

testPieces([
  [
    'MountainCarContinuous-v0',
    'fused, two agents, normalised observations, adaptive rate',
    { plan: 'fused', numAgents: 2, normObs: true, adaptiveLr: true, annealLr: false, desiredKl: 0.01 },
    [6],
  ],
])

describe('a run that solved its environment goes on with more timesteps', { timeout: TIMEOUT }, () => {
  test('several agents, stopped in different iterations: each with the bits of a run of its own; interrupted', async () => {
    const spec = easy(24)
    const population = { numAgents: 3, learningRate: [1e-4, 1e-3, 2e-2] }
    const train = (options: PpoOptions, more: Partial<TrainArgs> = {}) =>
      trainInPage({ env: spec.id, spec, config: configured({ plan: 'layered', ...options }, spec), ...more })
    const solved = await train({ ...population, totalTimesteps: SHORT, stopWhenSolved: true })
    const ends = solved.rows.map((rows) => rows.length)
    expect(new Set(ends).size, `${ends} ${statuses(solved)}`).toBeGreaterThan(1)
    expect(statuses(solved)).toContain('solved')

    const on = { ...population, totalTimesteps: LONG, stopWhenSolved: true }
    const rest = await train(on, { from: solved.checkpoint! })
    const first = ends.indexOf(Math.min(...ends))
    for (const k of [first, (first + 1) % 3]) {
      const learningRate = population.learningRate[k]
      const own = { seed: sizes.seed + k, learningRate, stopWhenSolved: false }
      const untilTimesteps = ends[k] * batch
      const before = await train({ ...own, totalTimesteps: SHORT }, { untilTimesteps })
      const last = await train({ ...own, totalTimesteps: LONG }, { from: before.checkpoint! })
      const stride = last.params.length
      expect(differences(rest.params.slice(k * stride, (k + 1) * stride), last.params), `agent ${k}`).toEqual([])
      expect(rest.rows[k]).toEqual(last.rows[0])
    }

    // Stopped while some agents are ahead of others, and resumed: the same rows, the same end.
    const slowest = Math.min(...ends)
    const half = await train(on, { from: solved.checkpoint!, untilTimesteps: (slowest + 4) * batch })
    expect(half.rows.map((rows) => rows.length)).toEqual(ends.map((end) => Math.min(4, 30 - end)))
    const again = await train({ ...on, stopWhenSolved: false }, { from: half.checkpoint! })
    expect(half.rows.map((rows, k) => [...rows, ...again.rows[k]])).toEqual(rest.rows)
    const [a, b] = [rest, again].map(({ checkpoint }) => readCheckpoint(checkpoint!, spec).snapshot)
    expect(b).toEqual(a)

    // A device lost during the run.
    const lost = await train(on, {
      from: solved.checkpoint!,
      loseDeviceAt: [slowest + 3],
      checkpointEvery: { iterations: 2 },
    })
    expect(lost.events.some(({ type }) => type === 'recovered')).toBe(true)
    expect(lost.rows).toEqual(rest.rows)
    expect(differences(lost.params, rest.params)).toEqual([])
  })
})
