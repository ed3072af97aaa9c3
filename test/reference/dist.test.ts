import { describe, expect, it } from 'vitest'
import { makeRng, normalPair, STREAM, uniform } from '../../src/env/rng'
import {
  bestChoice,
  type Choice,
  choiceEntropy,
  choiceKl,
  choiceLogprob,
  drawChoice,
  probabilities,
} from '../../src/model/distributions/categorical/softmax'
import { type PolicyRows, policyRow } from '../../src/model/distributions/distribution'
import { distributionOf } from '../../src/model/distributions/table'
import { sample } from '../../src/reference/sample'

const choice = (logits: Float64Array, offset: number, n: number, mask: number[] | null = null): Choice => ({
  ...{ logits, offset, n, mask: mask && Float64Array.from(mask), maskOffset: 0 },
})

const logits = Float64Array.from([99, Math.log(0.5), Math.log(0.25), Math.log(0.25), 99])

describe('categorical', () => {
  it('log-probability, entropy and KL by hand', () => {
    expect(choiceLogprob(choice(logits, 1, 3), 2)).toBeCloseTo(Math.log(0.25), 14)
    expect(choiceEntropy(choice(logits, 1, 3))).toBeCloseTo(1.5 * Math.LN2, 14)
    const even = new Float64Array(3)
    const kl = (0.5 * Math.log(0.5 * 3) + 2 * 0.25 * Math.log(0.25 * 3)) as number
    expect(choiceKl(choice(logits, 1, 3), choice(even, 0, 3))).toBeCloseTo(kl, 14)
    expect(choiceKl(choice(even, 0, 3), choice(even, 0, 3))).toBe(0)
    expect(bestChoice(choice(logits, 1, 3))).toBe(0)
  })

  it('does not change when a constant is added, and survives huge logits', () => {
    const shifted = logits.map((l) => l + 1e4)
    expect(choiceLogprob(choice(shifted, 1, 3), 1)).toBeCloseTo(Math.log(0.25), 10)
    expect(choiceEntropy(choice(Float64Array.from([1e4, -1e4]), 0, 2))).toBe(0)
  })

  it('samples by the inverse cumulative distribution', () => {
    const at = (u: number) => drawChoice(choice(logits, 1, 3), u)
    expect([0, 0.4999, 0.5001, 0.7499, 0.7501, 1 - 2 ** -24].map(at)).toEqual([0, 0, 1, 1, 2, 2])
  })

  it('falls off the end onto the last action with non-zero probability', () => {
    expect(drawChoice(choice(Float64Array.from([0, 0, -1e5]), 0, 3), 1)).toBe(1)
    expect(drawChoice(choice(Float64Array.from([-1e5, 0, 0]), 0, 3), 0)).toBe(1)
  })

  it('sampled frequencies match the probabilities', () => {
    const head: PolicyRows = {
      distribution: distributionOf({ dist: 'categorical', actionDim: 3 }),
      ...{ out: logits.slice(1), outStride: 4, own: null, ownOffset: 0, masks: null },
    }
    const counts = [0, 0, 0]
    const actions = new Float64Array(1)
    const n = 20000
    const probabilities = [0.5, 0.25, 0.25]
    let worst = 0
    for (let step = 0; step < n; step++) {
      const logprob = sample(head, 1, step, 0, actions, 0)
      worst = Math.max(worst, Math.abs(logprob - Math.log(probabilities[actions[0]])))
      counts[actions[0]]++
    }
    expect(worst).toBeLessThan(1e-15)
    // 5 standard deviations of a binomial count.
    counts.forEach((count, a) => {
      const p = probabilities[a]
      expect(Math.abs(count - n * p)).toBeLessThan(5 * Math.sqrt(n * p * (1 - p)))
    })
    sample(head, 1, 77, 0, actions, 0)
    expect(actions[0]).toBe(drawChoice(choice(logits, 1, 3), uniform(makeRng(1, 77, STREAM.ACTION, 0))))
  })
})

describe('gaussian', () => {
  const logStd = Float64Array.from([0, Math.log(2)])
  const gaussian = distributionOf({ dist: 'gaussian', actionDim: 2 })
  const at = { out: Float64Array.from([1, -1]), offset: 0, own: logStd, ownOffset: 0, mask: null, maskOffset: 0 }

  it('log-probability, entropy and KL by hand', () => {
    const density = (x: number, mean: number, std: number) =>
      Math.log(Math.exp(-(((x - mean) / std) ** 2) / 2) / (std * Math.sqrt(2 * Math.PI)))
    const expected = density(0.5, 1, 1) + density(2, -1, 2)
    expect(gaussian.logprob(at, Float64Array.from([0.5, 2]), 0)).toBeCloseTo(expected, 13)
    expect(gaussian.entropy(at)).toBeCloseTo(Math.log(2 * Math.PI * Math.E) + Math.log(2), 13)
    expect(gaussian.kl(at, at)).toBeCloseTo(0, 14)
    const other = { ...at, out: Float64Array.from([0, 0]), own: Float64Array.from([Math.log(3), 0]) }
    const kl = Math.log(3) + (1 + 1) / 18 - 0.5 + (Math.log(1 / 2) + (4 + 1) / 2 - 0.5)
    expect(gaussian.kl(at, other)).toBeCloseTo(kl, 13)
  })

  it('uses one normal per dimension, a pair per draw', () => {
    const out = new Float64Array(8).fill(9)
    out.set([1, 2, 3], 4)
    const head: PolicyRows = {
      distribution: distributionOf({ dist: 'gaussian', actionDim: 3 }),
      ...{ out, outStride: 4, own: new Float64Array(4), ownOffset: 1, masks: null },
    }
    const actions = new Float64Array(8)
    const logprob = sample(head, 4, 10, 1, actions, 4)
    const rng = makeRng(4, 10, STREAM.ACTION, 1)
    const normals = [...normalPair(rng), ...normalPair(rng)]
    for (let j = 0; j < 3; j++) expect(actions[4 + j]).toBe(j + 1 + normals[j])
    expect(logprob).toBeCloseTo(
      -0.5 * (normals[0] ** 2 + normals[1] ** 2 + normals[2] ** 2 + 3 * Math.log(2 * Math.PI)),
      12,
    )
    expect(actions[7]).toBe(0)
  })
})

describe('masks', () => {
  const masked = choice(Float64Array.from([3, 0, Math.log(3), 8]), 0, 4, [0, 1, 1, 0])

  it('a forbidden choice has probability 0, and the others share all of it', () => {
    expect(probabilities(masked).map((p) => Number(p.toFixed(12)))).toEqual([0, 0.25, 0.75, 0])
    expect(choiceEntropy(masked)).toBeCloseTo(-(0.25 * Math.log(0.25) + 0.75 * Math.log(0.75)), 14)
    expect(choiceLogprob(masked, 3)).toBe(-Infinity)
    expect(bestChoice(masked)).toBe(2)
    const u = [0, 0.2499, 0.2501, 1 - 2 ** -24, 1]
    expect(u.map((x) => drawChoice(masked, x))).toEqual([1, 1, 2, 2, 2])
    const even = choice(new Float64Array(4), 0, 4, [0, 1, 1, 0])
    expect(choiceKl(masked, even)).toBeCloseTo(0.25 * Math.log(0.5) + 0.75 * Math.log(1.5), 14)
  })
})

describe('multi-discrete', () => {
  const distribution = distributionOf({ dist: 'multi_discrete', actionDim: 5, nvec: [2, 3] })
  const out = Float64Array.from([0, Math.log(3), Math.log(2), 0, Math.log(5)])
  const masks = Float64Array.from([1, 1, 1, 1, 0])
  const head: PolicyRows = { distribution, out, outStride: 8, own: null, ownOffset: -1, masks }

  it('is the sum over its parts, each with its mask', () => {
    const row = policyRow(head, 0)
    expect(distribution.logprob(row, Float64Array.from([1, 0]), 0)).toBeCloseTo(Math.log(0.75) + Math.log(2 / 3), 14)
    const entropyOf = (...p: number[]) => -p.reduce((sum, x) => sum + x * Math.log(x), 0)
    expect(distribution.entropy(row)).toBeCloseTo(entropyOf(0.25, 0.75) + entropyOf(2 / 3, 1 / 3), 14)
    const mode = new Float64Array(2)
    distribution.mode(row, mode, 0)
    expect([...mode]).toEqual([1, 0])
  })

  it('part i takes draw i', () => {
    for (let step = 0; step < 20; step++) {
      const actions = new Float64Array(2)
      sample(head, 4, step, 0, actions, 0)
      const rng = makeRng(4, step, STREAM.ACTION, 0)
      const u = [uniform(rng), uniform(rng)]
      expect([...actions]).toEqual([u[0] < 0.25 ? 0 : 1, u[1] < 2 / 3 ? 0 : 1])
    }
  })
})
