import { describe, expect, it } from 'vitest'
import { makeRng, nextBlock, normalPair, STREAM, threefry2x32, toUnit, uniform } from '../../src/env/rng'

/** Known answers of Random123 (kat_vectors, threefry2x32 with 20 rounds): key, counter -> result. */
const KNOWN = [
  { key: [0, 0], counter: [0, 0], result: [0x6b200159, 0x99ba4efe] },
  { key: [0xffffffff, 0xffffffff], counter: [0xffffffff, 0xffffffff], result: [0x1cb996fc, 0xbb002be7] },
  { key: [0x13198a2e, 0x03707344], counter: [0x243f6a88, 0x85a308d3], result: [0xc4923a9c, 0x483df7a0] },
]

describe('rng', () => {
  it.each(KNOWN)('threefry2x32 known answer $result', ({ key, counter, result }) => {
    expect(threefry2x32(key[0], key[1], counter[0], counter[1])).toEqual(result)
  })

  it('puts step in the first counter word; stream, draw and env in the second', () => {
    const rng = makeRng(7, 123, STREAM.INIT, 0xfffff)
    rng.draw = 255
    expect(nextBlock(rng)).toEqual(threefry2x32(7, 0, 123, 0x4fffffff))
    expect(rng.draw).toBe(256)
  })

  it('keeps numbers in [0, 1) at both ends', () => {
    expect(toUnit(0)).toBe(0)
    expect(toUnit(0xffffffff)).toBe(1 - 2 ** -24)
    expect(toUnit(0x000000ff)).toBe(0)
  })

  it('is uniform: mean, variance and 16 bins of 65,536 draws', () => {
    const n = 65536
    const bins = new Array<number>(16).fill(0)
    let sum = 0
    let squares = 0
    let inside = true
    for (let i = 0; i < n; i++) {
      const u = uniform(makeRng(1, i >> 4, STREAM.ACTION, i & 15))
      inside &&= u >= 0 && u < 1
      bins[Math.floor(u * 16)]++
      sum += u
      squares += u * u
    }
    expect(inside).toBe(true)
    // 5 standard errors: 5 sqrt(1/12/n), and for the variance 5 sqrt(1/180/n).
    expect(Math.abs(sum / n - 0.5)).toBeLessThan(0.0057)
    expect(Math.abs(squares / n - (sum / n) ** 2 - 1 / 12)).toBeLessThan(0.0015)
    const chi2 = bins.reduce((a, b) => a + (b - n / 16) ** 2 / (n / 16), 0)
    expect(chi2).toBeLessThan(44.3) // 15 degrees of freedom, p = 1e-4
  })

  it('gives standard normal pairs: moments and no correlation', () => {
    const n = 40000
    let [s1, s2, s11, s22, s12, s4] = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i < n; i++) {
      const [a, b] = normalPair(makeRng(3, i, STREAM.ACTION, 0))
      s1 += a
      s2 += b
      s11 += a * a
      s22 += b * b
      s12 += a * b
      s4 += a ** 4
    }
    const limit = 5 / Math.sqrt(n) // 5 standard errors of a mean of unit variance
    expect(Math.abs(s1 / n)).toBeLessThan(limit)
    expect(Math.abs(s2 / n)).toBeLessThan(limit)
    expect(Math.abs(s12 / n)).toBeLessThan(limit)
    expect(Math.abs(s11 / n - 1)).toBeLessThan(limit * Math.SQRT2)
    expect(Math.abs(s22 / n - 1)).toBeLessThan(limit * Math.SQRT2)
    expect(Math.abs(s4 / n - 3)).toBeLessThan(limit * Math.sqrt(96))
  })

  it('does not depend on the order of draws, and streams, envs, steps and seeds differ', () => {
    const base = uniform(makeRng(1, 2, STREAM.ACTION, 3))
    expect(uniform(makeRng(1, 2, STREAM.ACTION, 3))).toBe(base)
    for (const other of [makeRng(2, 2, 0, 3), makeRng(1, 3, 0, 3), makeRng(1, 2, 1, 3), makeRng(1, 2, 0, 4)]) {
      expect(uniform(other)).not.toBe(base)
    }
  })
})
