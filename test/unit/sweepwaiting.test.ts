import { expect, test } from 'vitest'
import { batchId } from '../../harness/sweep/batchid'
import { makeWaiting } from '../../harness/sweep/waiting'

const steps = (rung: number, ...trials: number[]) => trials.map((trial) => ({ trial, rung }))

test('what is taken has one rung and one shape, is full while there are enough, and is taken once', () => {
  const waiting = makeWaiting(2, (trial) => trial % 2)
  for (const step of [...steps(0, 0, 1, 2, 3, 4), ...steps(1, 6)]) waiting.add(step)
  expect(waiting.size).toBe(6)
  waiting.remove({ trial: 2, rung: 0 })
  waiting.remove({ trial: 2, rung: 0 })
  expect([2, 3].map((trial) => waiting.has({ trial, rung: 0 }))).toEqual([false, true])
  expect([1, 2, 3, 4].map(() => waiting.take(2))).toEqual([steps(1, 6), steps(0, 0, 4), steps(0, 1, 3), []])
  expect(waiting.size).toBe(5)
  waiting.add({ trial: 8, rung: 0 })
  expect(waiting.take(2)).toEqual(steps(0, 8))
})

test('shapes take turns, as their trials come, each with full batches', () => {
  const waiting = makeWaiting(1, (trial) => trial % 3)
  for (const step of steps(0, ...Array(60).keys())) waiting.add(step)
  const taken = Array.from({ length: 6 }, () => waiting.take(8).map(({ trial }) => trial))
  expect(taken.map((trials) => [trials[0], trials.length])).toEqual([
    [0, 8],
    [1, 8],
    [2, 8],
    [24, 8],
    [25, 8],
    [26, 8],
  ])
})

test('the id of a batch says its rung and depends on its members', () => {
  expect(batchId(steps(2, 1, 3))).toMatch(/^r2-[0-9a-f]{16}$/)
  expect(batchId(steps(2, 1, 3))).toBe(batchId(steps(2, 1, 3)))
  const ids = [steps(2, 1, 3), steps(2, 3, 1), steps(2, 13), steps(1, 1, 3)].map(batchId)
  expect(new Set(ids).size).toBe(4)
})
