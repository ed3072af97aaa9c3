import { describe, expect, it } from 'vitest'
import { minibatchIndices } from '../../src/reference/gather'
import { shuffleIndex, shuffleKeys } from '../../src/reference/shuffle'

const SIZES = [1, 2, 3, 5, 7, 31, 32, 33, 100, 127, 128, 512, 1000, 2048, 4097, 65537]

const order = (n: number, seed: number, iteration: number, epoch: number): number[] => {
  const keys = shuffleKeys(seed, iteration, epoch)
  return Array.from({ length: n }, (_, i) => shuffleIndex(i, n, keys))
}

/** Every number of [0, n) exactly once. */
const isPermutation = (values: number[]): boolean => {
  const seen = new Uint8Array(values.length)
  for (const v of values) if (v >= 0 && v < values.length) seen[v]++
  return seen.every((count) => count === 1)
}

describe('shuffle', () => {
  it.each(SIZES)('is a bijection on [0, %i)', (n) => {
    const epochs = n > 5000 ? 2 : 8
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const [seed, iteration] of [
        [1, 0],
        [0xffffffff, 97],
      ]) {
        expect(isPermutation(order(n, seed, iteration, epoch))).toBe(true)
      }
    }
  })

  it('control: the check finds a repeated and a missing index', () => {
    const values = order(100, 1, 0, 0)
    values[5] = values[6]
    expect(isPermutation(values)).toBe(false)
  })

  it('differs between seeds, iterations and epochs', () => {
    const base = order(512, 1, 0, 0).join()
    expect(order(512, 1, 0, 0).join()).toBe(base)
    for (const other of [order(512, 2, 0, 0), order(512, 1, 1, 0), order(512, 1, 0, 1)]) {
      expect(other.join()).not.toBe(base)
    }
  })

  it('spreads: where a sample lands is uniform over epochs', () => {
    const n = 8
    const counts = Array.from({ length: n }, () => new Array<number>(n).fill(0))
    const epochs = 4000
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const [place, value] of order(n, 5, 3, epoch).entries()) counts[place][value]++
    }
    // 6 standard deviations of a binomial count with p = 1/8.
    const limit = 6 * Math.sqrt((epochs * 7) / 64)
    for (const row of counts) for (const count of row) expect(Math.abs(count - epochs / n)).toBeLessThan(limit)
  })

  it('minibatches of an epoch partition the batch', () => {
    const keys = shuffleKeys(3, 4, 1)
    const indices = new Uint32Array(30)
    const all: number[] = []
    for (let minibatch = 0; minibatch < 4; minibatch++) {
      minibatchIndices(minibatch, 120, keys, indices)
      all.push(...indices)
    }
    expect(isPermutation(all)).toBe(true)
  })
})
