import { describe, expect, test } from 'vitest'
import { scaleChart, scaleSizes, scaleTable, simulateSizes } from '../../harness/sweep/scaling'
import { simulate } from '../../harness/sweep/simulate'

/** What a simulation decides; its times and bytes are measured. */
const decided = (asha: boolean, seed: number) => {
  const {
    msPerResult,
    msLongest,
    bytes: _bytes,
    ...rest
  } = simulate({ asha, trials: 2000, workers: 40, batch: 8, seed })
  expect(msPerResult).toBeGreaterThan(0)
  expect(msLongest).toBeGreaterThanOrEqual(msPerResult)
  return rest
}

describe.each([false, true])('asynchronous: %s', (asha) => {
  const row = decided(asha, 1)

  test('workers that die and sleep cost no result, and none counts twice', () => {
    // 2000 trials, 666, 222 and 74 of them in the further rungs; asynchronously about as many.
    const planned = 2000 + 666 + 222 + 74
    if (!asha) expect(row.results).toBe(planned)
    expect(Math.abs(row.results / planned - 1)).toBeLessThan(0.05)
    expect(row.rungs).toBe(4)
    expect(row.redelivered).toBeGreaterThan(5)
    expect(row.duplicates).toBeGreaterThan(0)
    expect(row.busy).toBeGreaterThan(0.3)
    expect(row.busy).toBeLessThanOrEqual(1)
    expect(row.messages / row.trials).toBeGreaterThan(7)
  })

  test('the same seed, the same course; another seed, another', () => {
    expect(decided(asha, 1)).toEqual(row)
    expect(decided(asha, 2).messages).not.toBe(row.messages)
  })
})

test('memory grows with the trials: what each must take, and not much more', () => {
  const { bytes, trials } = simulate({ asha: false, trials: 20_000, workers: 40, batch: 8, seed: 1 })
  // 36 bytes in the scheduler's arrays, and an object with its values.
  expect(bytes / trials).toBeGreaterThan(100)
  expect(bytes / trials).toBeLessThan(2000)
})

test('sizes, table and picture', () => {
  expect(scaleSizes(1_000_000)).toEqual([1000, 10_000, 100_000, 1_000_000])
  expect([scaleSizes(5000), scaleSizes(50)]).toEqual([[1000, 5000], [50]])
  const told: number[] = []
  const rows = simulateSizes({ trials: 2000, workers: 100, seed: 1 }, ({ trials }) => told.push(trials))
  expect(told).toEqual([1000, 1000, 2000, 2000])
  const lines = scaleTable(rows).split('\n')
  expect(lines[0]).toMatch(/^trials +halving +us\/result/)
  expect(lines.filter((line) => /^ *2,000 +(with barriers|asynchronous)/.test(line))).toHaveLength(2)
  const svg = scaleChart(rows, 'here <1>')
  expect(svg.split('<svg').length - 1).toBe(5)
  expect(svg).toContain('100 simulated workers; here &#60;1&#62;')
  expect(svg).not.toContain('NaN')
})
