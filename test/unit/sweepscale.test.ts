import { describe, expect, test } from 'vitest'
import { scaleChart, scaleSizes, scaleTable, simulateSizes } from '../../harness/sweep/scaling'
import { simulate } from '../../harness/sweep/simulate'

/** What a simulation decides; its times and bytes are measured. */
const decided = async (asha: boolean, seed: number) => {
  const {
    msPerResult,
    msLongest,
    bytes: _bytes,
    ...rest
  } = await simulate({ asha, trials: 800, workers: 16, batch: 8, seed })
  expect(msPerResult).toBeGreaterThan(0)
  expect(msLongest).toBeGreaterThanOrEqual(msPerResult)
  return rest
}

describe.each([false, true])('asynchronous: %s', async (asha) => {
  const row = await decided(asha, 1)

  test('workers that die and sleep cost no result, and none counts twice', () => {
    // 800 trials, 266, 88 and 29 of them in the further rungs, 3 over 5 seeds; asynchronously about as many.
    const planned = 800 + 266 + 88 + 29 + 15
    if (!asha) expect(row.results).toBe(planned)
    expect(Math.abs(row.results / planned - 1)).toBeLessThan(0.05)
    expect(row.rungs).toBe(4)
    expect(row.redelivered).toBeGreaterThan(5)
    expect(row.duplicates).toBeGreaterThan(0)
    expect(row.busy).toBeGreaterThan(0.15)
    expect(row.busy).toBeLessThanOrEqual(1)
    expect(row.messages / row.trials).toBeGreaterThan(7)
  })

  test('the same seed, the same course; another seed, another', async () => {
    expect(await decided(asha, 1)).toEqual(row)
    expect((await decided(asha, 2)).messages).not.toBe(row.messages)
  })
})

test('memory grows with the trials: what each must take, and not much more', async () => {
  // Other tests of this process leave and free some megabytes meanwhile: enough trials that these do not matter.
  const { bytes, trials } = await simulate({ asha: false, trials: 20_000, workers: 200, batch: 8, seed: 1 })
  // 36 bytes in the scheduler's arrays, an object with its values, and 1.5 results, without their curves.
  expect(bytes / trials).toBeGreaterThan(100)
  expect(bytes / trials).toBeLessThan(2000)
})

test('sizes, table and picture', async () => {
  expect(scaleSizes(1_000_000)).toEqual([1000, 10_000, 100_000, 1_000_000])
  expect([scaleSizes(5000), scaleSizes(50)]).toEqual([[1000, 5000], [50]])
  const told: number[] = []
  const rows = await simulateSizes({ trials: 1200, workers: 100, seed: 1 }, ({ trials }) => told.push(trials))
  expect(told).toEqual([1000, 1000, 1200, 1200])
  const lines = scaleTable(rows).split('\n')
  expect(lines[0]).toMatch(/^trials +halving +us\/result/)
  expect(lines.filter((line) => /^ *1,200 +(with barriers|asynchronous)/.test(line))).toHaveLength(2)
  const svg = scaleChart(rows, 'here <1>')
  expect(svg.split('<svg').length - 1).toBe(5)
  expect(svg).toContain('100 simulated workers; here &#60;1&#62;')
  expect(svg).not.toContain('NaN')
})
