import { describe, expect, it } from 'vitest'
import { makeRng, normalPair, STREAM, uniform } from '../../src/env/rng'
import {
  categoricalEntropy,
  categoricalKl,
  categoricalLogprob,
  categoricalMode,
  categoricalSample,
} from '../../src/reference/categorical'
import { gaussianEntropy, gaussianKl, gaussianLogprob } from '../../src/reference/gaussian'
import { type PolicyHead, sample } from '../../src/reference/sample'

const logits = Float64Array.from([99, Math.log(0.5), Math.log(0.25), Math.log(0.25), 99])

describe('categorical', () => {
  it('log-probability, entropy and KL by hand', () => {
    expect(categoricalLogprob(logits, 1, 3, 2)).toBeCloseTo(Math.log(0.25), 14)
    expect(categoricalEntropy(logits, 1, 3)).toBeCloseTo(1.5 * Math.LN2, 14)
    const even = new Float64Array(3)
    const kl = (0.5 * Math.log(0.5 * 3) + 2 * 0.25 * Math.log(0.25 * 3)) as number
    expect(categoricalKl(logits, 1, even, 0, 3)).toBeCloseTo(kl, 14)
    expect(categoricalKl(even, 0, even, 0, 3)).toBe(0)
    expect(categoricalMode(logits, 1, 3)).toBe(0)
  })

  it('does not change when a constant is added, and survives huge logits', () => {
    const shifted = logits.map((l) => l + 1e4)
    expect(categoricalLogprob(shifted, 1, 3, 1)).toBeCloseTo(Math.log(0.25), 10)
    expect(categoricalEntropy(Float64Array.from([1e4, -1e4]), 0, 2)).toBe(0)
  })

  it('samples by the inverse cumulative distribution', () => {
    const at = (u: number) => categoricalSample(logits, 1, 3, u)
    expect([0, 0.4999, 0.5001, 0.7499, 0.7501, 1 - 2 ** -24].map(at)).toEqual([0, 0, 1, 1, 2, 2])
  })

  it('falls off the end onto the last action with non-zero probability', () => {
    expect(categoricalSample(Float64Array.from([0, 0, -1e5]), 0, 3, 1)).toBe(1)
    expect(categoricalSample(Float64Array.from([-1e5, 0, 0]), 0, 3, 0)).toBe(1)
  })

  it('sampled frequencies match the probabilities', () => {
    const head: PolicyHead = {
      dist: 'categorical',
      actionDim: 3,
      out: logits.slice(1),
      outStride: 4,
      logStd: null,
      logStdOffset: 0,
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
    expect(actions[0]).toBe(categoricalSample(logits, 1, 3, uniform(makeRng(1, 77, STREAM.ACTION, 0))))
  })
})

describe('gaussian', () => {
  const logStd = Float64Array.from([0, Math.log(2)])
  const at = { means: Float64Array.from([1, -1]), offset: 0, logStd, logStdOffset: 0, n: 2 }

  it('log-probability, entropy and KL by hand', () => {
    const density = (x: number, mean: number, std: number) =>
      Math.log(Math.exp(-(((x - mean) / std) ** 2) / 2) / (std * Math.sqrt(2 * Math.PI)))
    const expected = density(0.5, 1, 1) + density(2, -1, 2)
    expect(gaussianLogprob(at, Float64Array.from([0.5, 2]), 0)).toBeCloseTo(expected, 13)
    expect(gaussianEntropy(at)).toBeCloseTo(Math.log(2 * Math.PI * Math.E) + Math.log(2), 13)
    expect(gaussianKl(at, at)).toBeCloseTo(0, 14)
    const other = { ...at, means: Float64Array.from([0, 0]), logStd: Float64Array.from([Math.log(3), 0]) }
    const kl = Math.log(3) + (1 + 1) / 18 - 0.5 + (Math.log(1 / 2) + (4 + 1) / 2 - 0.5)
    expect(gaussianKl(at, other)).toBeCloseTo(kl, 13)
  })

  it('uses one normal per dimension, a pair per draw', () => {
    const out = new Float64Array(8).fill(9)
    out.set([1, 2, 3], 4)
    const head: PolicyHead = {
      dist: 'gaussian',
      actionDim: 3,
      out,
      outStride: 4,
      logStd: new Float64Array(4),
      logStdOffset: 1,
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
