import { describe, expect, it } from 'vitest'
import { gradNorm } from '../../src/reference/adam'
import { ADVANTAGE_EPS, advantageStats, normalisation } from '../../src/reference/advantage_stats'
import { explainedVariance } from '../../src/reference/explained_variance'
import { gather, gatherAdvantages } from '../../src/reference/gather'
import {
  clippedSurrogate,
  dualClippedSurrogate,
  makeLossOutputs,
  situationOf,
  valueLoss,
} from '../../src/reference/ppo_loss'
import { reduce, stopsEarly } from '../../src/reference/reduce'
import { sumLosses } from '../../src/reference/sum_losses'

describe('clipped surrogate, clip 0.2', () => {
  it.each([
    { ratio: 0.5, advantage: 2, loss: -1, dLossDRatio: -2, situation: 0 },
    { ratio: 1, advantage: 2, loss: -2, dLossDRatio: -2, situation: 1 },
    { ratio: 1.5, advantage: 2, loss: -2.4, dLossDRatio: 0, situation: 2 },
    { ratio: 0.5, advantage: -2, loss: 1.6, dLossDRatio: 0, situation: 3 },
    { ratio: 1, advantage: -2, loss: 2, dLossDRatio: 2, situation: 4 },
    { ratio: 1.5, advantage: -2, loss: 3, dLossDRatio: 2, situation: 5 },
  ])('ratio $ratio, A $advantage: situation $situation', ({ ratio, advantage, loss, dLossDRatio, situation }) => {
    const [actual, gradient] = clippedSurrogate(ratio, advantage, 0.2)
    expect(actual).toBeCloseTo(loss, 15)
    expect(gradient).toBeCloseTo(dLossDRatio, 15)
    expect(situationOf(ratio, advantage, 0.2)).toBe(situation)
  })

  it('passes the whole gradient where both branches are equal: inside, at the edges, and at ratio 1', () => {
    for (const ratio of [1, 1.1, 1 - 0.2, 1 + 0.2]) {
      expect(clippedSurrogate(ratio, 3, 0.2)[1]).toBe(-3)
      expect(clippedSurrogate(ratio, -3, 0.2)[1]).toBe(3)
    }
    expect(clippedSurrogate(7, 0, 0.2)).toEqual([-0, -0])
  })
})

describe('dual clip', () => {
  it('bounds the loss where A < 0 and the ratio is above it, and nothing else', () => {
    expect(dualClippedSurrogate(4, -2, 0.2, 3)).toEqual([6, 0])
    expect(dualClippedSurrogate(2.9, -2, 0.2, 3)).toEqual(clippedSurrogate(2.9, -2, 0.2))
    expect(dualClippedSurrogate(4, 2, 0.2, 3)).toEqual(clippedSurrogate(4, 2, 0.2))
    expect(dualClippedSurrogate(4, -2, 0.2, null)).toEqual([8, 2])
  })
})

describe('value loss', () => {
  it.each([
    { name: 'no clip', v: 3, old: 0, target: 1, clip: null, loss: 2, d: 2 },
    { name: 'inside the range', v: 0.1, old: 0, target: 1, clip: 0.2, loss: 0.405, d: -0.9 },
    { name: 'outside, clipped branch is larger', v: 0.9, old: 0, target: 1, clip: 0.2, loss: 0.32, d: 0 },
    { name: 'outside, unclipped branch is larger', v: 3, old: 0, target: 1, clip: 0.2, loss: 2, d: 2 },
  ])('$name', ({ v, old, target, clip, loss, d }) => {
    const [actual, gradient] = valueLoss(v, old, target, clip)
    expect(actual).toBeCloseTo(loss, 14)
    expect(gradient).toBeCloseTo(d, 14)
  })
})

describe('minibatch statistics', () => {
  it('normalises with n - 1 and 1e-8', () => {
    const advantages = Float64Array.from([5, 1, 9, 3])
    const stats = advantageStats(advantages, [1, 3, 0])
    expect(stats.mean).toBe(3)
    expect(stats.invStd).toBe(1 / (2 + ADVANTAGE_EPS))
    const target = new Float64Array(2)
    gatherAdvantages(advantages, [0, 3], stats, target)
    expect(target[0]).toBeCloseTo(1, 7)
    expect(target[1]).toBe(0)
    expect(advantageStats(Float64Array.from([2, 2]), [0, 1]).invStd).toBe(1 / ADVANTAGE_EPS)
  })

  it('normalises over the minibatch, over the batch, or not', () => {
    const advantages = Float64Array.from([5, 1, 9, 3])
    const over = (normAdv: boolean, normAdvOver: 'minibatch' | 'batch') =>
      normalisation(advantages, [1, 3, 0], { normAdv, normAdvOver })
    expect(over(true, 'minibatch').mean).toBe(3)
    expect(over(true, 'batch').mean).toBe(4.5)
    expect(over(true, 'batch').invStd).toBeCloseTo(1 / Math.sqrt(35 / 3), 7)
    expect(over(false, 'minibatch')).toEqual({ mean: 0, invStd: 1 })
  })

  it('gathers rows', () => {
    const target = new Float64Array(4)
    gather(Float64Array.from([1, 2, 3, 4, 5, 6]), 2, [2, 0], target)
    expect([...target]).toEqual([5, 6, 1, 2])
  })

  it('explained variance: perfect, useless, worse than useless, constant returns', () => {
    const returns = Float64Array.from([1, 2, 3])
    expect(explainedVariance(returns, returns, 3)).toBe(1)
    expect(explainedVariance(returns, Float64Array.from([7, 7, 7]), 3)).toBe(0)
    expect(explainedVariance(returns, Float64Array.from([3, 2, 1]), 3)).toBe(-3)
    expect(explainedVariance(Float64Array.from([2, 2]), Float64Array.from([1, 5]), 2)).toBeNull()
    expect(explainedVariance(Float64Array.from([0, 0]), Float64Array.from([1, 5]), 2)).toBeNull()
    // Roundings of advantages + values are no variance; a thousand of them are.
    expect(explainedVariance(Float64Array.from([2, 2 + 2 ** -22]), Float64Array.from([1, 5]), 2)).toBeNull()
    expect(explainedVariance(Float64Array.from([2, 2 + 2 ** -12]), Float64Array.from([1, 5]), 2)).toBeLessThan(0)
  })

  it('early stop: above the target, in clip mode only', () => {
    const stats = { approxKl: 0.02 } as Parameters<typeof stopsEarly>[0]
    expect(stopsEarly(stats, 'clip', 0.01)).toBe(true)
    expect(stopsEarly(stats, 'clip', 0.02)).toBe(false)
    expect(stopsEarly(stats, 'clip', null)).toBe(false)
    expect(stopsEarly(stats, 'penalty', 0.01)).toBe(false)
  })

  it('sums partial gradients and takes the norm', () => {
    const hyper = { algorithm: 'clip', entCoef: 0, vfCoef: 0.5, klCoef: 0, targetKl: null } as const
    const losses = sumLosses(makeLossOutputs(1, 4, 4), 0, 1)
    const partials = [
      [1, 2, 3],
      [3, -2, 0],
    ].map((gradient) => ({ gradient: Float64Array.from(gradient), losses }))
    const { gradient, squares } = reduce(partials, 2, 2, hyper)
    expect([...gradient]).toEqual([4, 0, 3])
    expect([...squares]).toEqual([16, 9])
    expect(gradNorm(gradient)).toBe(5)
  })
})
