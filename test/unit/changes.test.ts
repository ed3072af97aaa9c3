/** Changes of options during training are repeated after a loss, at the same iterations. */
import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/config'
import { Changes } from '../../src/run/changes'

const config = (learningRate: number) => resolveConfig({}, { learningRate })
const [first, second, third, fourth] = [1e-3, 2e-3, 3e-3, 4e-3].map(config)

const due = (changes: Changes) => changes.again.map(({ at, config }) => [at, config.learningRate])

test('what was changed after the point is due again, and nothing before it', () => {
  const changes = new Changes(first)
  expect(changes.now).toBe(first)
  expect(due(changes)).toEqual([])
  expect(changes.add({ at: 3, config: second })).toBe(true)
  expect(changes.add({ at: 7, config: third })).toBe(true)
  expect(changes.now).toBe(third)
  changes.goBackTo(first)
  expect(due(changes)).toEqual([
    [3, 2e-3],
    [7, 3e-3],
  ])
  changes.goBackTo(second)
  expect(due(changes)).toEqual([[7, 3e-3]])
  changes.goBackTo(third)
  expect(due(changes)).toEqual([])
})

test('a change while others are due comes after them', () => {
  const changes = new Changes(first)
  changes.add({ at: 7, config: second })
  changes.goBackTo(first)
  expect(changes.add({ at: 5, config: third })).toBe(false)
  expect(changes.add({ at: 9, config: fourth })).toBe(false)
  expect(changes.now).toBe(fourth)
  expect(due(changes)).toEqual([
    [7, 2e-3],
    [7, 3e-3],
    [9, 4e-3],
  ])
})
