import { describe, expect, it } from 'vitest'
import { makeRng, normal } from '../../src/env/rng'
import { firstRunning, normalised, scaledReward } from '../../src/model/normaliser'
import { countStep, makeNormaliser, normaliseObs } from '../../src/reference/normaliser'
import { updateNormaliser, updateRunning } from '../../src/reference/update_normaliser'

const BOTH = { normObs: true, normReward: true, gamma: 0.5 }

describe('running statistics', () => {
  it('are those of all samples together; the first batch sets them', () => {
    const samples = Array.from({ length: 600 }, (_, i) => 5 + 3 * normal(makeRng(1, i, 0, 0)))
    const running = firstRunning(2)
    for (const [first, end] of [
      [0, 10],
      [10, 300],
      [300, 600],
    ])
      updateRunning(running, samples.slice(first, end))
    for (const k of [0, 1]) {
      const own = samples.filter((_, i) => i % 2 === k)
      const total = 300
      const mean = own.reduce((a, b) => a + b) / total
      const square = own.reduce((a, b) => a + b * b, 0) / total
      expect(running.mean[k]).toBeCloseTo(mean, 12)
      expect(running.variance[k]).toBeCloseTo(square - mean ** 2, 10)
    }
    expect(running.count).toBeCloseTo(300, 10)
  })
})

describe('what is normalised', () => {
  it('observations: by deviations from the mean, clipped to +-10; what is not finite stays so', () => {
    const running = { mean: [1, 1], variance: [4, 0], count: 9 }
    expect(normalised(5, running, 0)).toBeCloseTo(2, 8)
    expect(normalised(1, running, 1)).toBe(0)
    expect([normalised(99, running, 0), normalised(-99, running, 0)]).toEqual([10, -10])
    expect([normalised(Number.NaN, running, 0), normalised(Infinity, running, 0)]).toEqual([Number.NaN, Infinity])
  })

  it('rewards: not centred, clipped to +-10', () => {
    const running = { mean: [50], variance: [4], count: 9 }
    expect(scaledReward(3, running)).toBeCloseTo(1.5, 8)
    expect(scaledReward(-1000, running)).toBe(-10)
    expect(scaledReward(Number.NaN, running)).toBe(Number.NaN)
  })

  it('the discounted return of each environment begins anew at the end of an episode', () => {
    const normaliser = makeNormaliser(BOTH, 1, 2)!
    const rewards = [1, 1, 1, 4].map((reward, i) => countStep(normaliser, Float64Array.of(i), reward, i === 2, 0))
    countStep(normaliser, Float64Array.of(9), 8, false, 1)
    expect(normaliser.seenReturns).toEqual([1, 1.5, 1.75, 4, 8])
    expect(normaliser.seenObs).toEqual([0, 1, 2, 3, 9])
    expect([...normaliser.returns]).toEqual([4, 8])
    // Statistics are constant until the update: variance 1.
    expect(rewards[3]).toBeCloseTo(4, 7)
    updateNormaliser(normaliser)
    expect(normaliser.stats.returns!.mean[0]).toBeCloseTo(16.25 / 5, 3)
    expect(normaliser.stats.obs!.mean[0]).toBeCloseTo(3, 3)
    expect([normaliser.seenObs, normaliser.seenReturns]).toEqual([[], []])
    expect([...normaliser.returns]).toEqual([4, 8])
  })

  it('one without the other, and neither', () => {
    expect(makeNormaliser({ ...BOTH, normObs: false, normReward: false }, 1, 1)).toBeNull()
    const obs = Float64Array.of(3)
    const rewardsOnly = makeNormaliser({ ...BOTH, normObs: false }, 1, 1)!
    rewardsOnly.stats.returns!.variance[0] = 4
    normaliseObs(rewardsOnly, obs, 0)
    expect([obs[0], countStep(rewardsOnly, obs, 2, false, 0)]).toEqual([3, expect.closeTo(1, 7)])
    const obsOnly = makeNormaliser({ ...BOTH, normReward: false }, 1, 1)!
    obsOnly.stats.obs!.mean[0] = 1
    normaliseObs(obsOnly, obs, 0)
    expect([obs[0], countStep(obsOnly, obs, 2, false, 0)]).toEqual([expect.closeTo(2, 7), 2])
  })
})
