import { expect, test } from 'vitest'
import { batchId, packSteps } from '../../harness/sweep/pack'

const steps = (rung: number, ...trials: number[]) => trials.map((trial) => ({ trial, rung }))
const odd = (trial: number) => String(trial % 2)

test('a batch has one rung and one shape, and at most so many steps, in their order', () => {
  const batches = packSteps([...steps(0, 0, 1, 2, 3, 4), ...steps(1, 6)], odd, 2)
  expect(batches).toEqual([steps(0, 0, 2), steps(0, 1, 3), steps(0, 4), steps(1, 6)])
  expect(packSteps([], odd, 2)).toEqual([])
})

test('the id of a batch says its rung and depends on its members', () => {
  expect(batchId(steps(2, 1, 3))).toMatch(/^r2-[0-9a-f]{16}$/)
  expect(batchId(steps(2, 1, 3))).toBe(batchId(steps(2, 1, 3)))
  const ids = [steps(2, 1, 3), steps(2, 3, 1), steps(2, 13), steps(1, 1, 3)].map(batchId)
  expect(new Set(ids).size).toBe(4)
})
