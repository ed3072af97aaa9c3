import { expect, test } from 'vitest'
import { fastest } from '../../src/run/tuning'

/** Candidates that take the given milliseconds, one after another, on a fake clock. */
function clocked(rows: number[][]) {
  let now = 0
  const asked: number[] = []
  const candidates = rows.map((times, value) => {
    let i = 0
    return {
      value,
      time: async () => {
        const ms = times[Math.min(i++, times.length - 1)]
        now += ms
        asked.push(value)
        return ms
      },
    }
  })
  return { candidates, asked, now: () => now }
}

test('the shortest of several rounds wins; the first measurement warms up and does not count', async () => {
  const { candidates, asked, now } = clocked([
    [1, 9, 5],
    [50, 7, 4],
    [60, 8, 8],
  ])
  expect(await fastest(candidates, 2, 1000, now)).toEqual({ best: 1, times: [5, 4, 8] })
  expect(asked).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2])
})

test('of equals the first, and no round begins after the deadline, but each candidate is measured once', async () => {
  const { candidates, asked, now } = clocked([[30], [30], [40]])
  expect(await fastest(candidates, 5, 10, now)).toEqual({ best: 0, times: [30, 30, 40] })
  expect(asked).toHaveLength(6)
})
