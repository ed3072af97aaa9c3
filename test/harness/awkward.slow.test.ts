import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout, removeCheckouts, run, SOFTWARE, trainIn } from './checkouts'

afterAll(removeCheckouts)

describe('in a#b', () => {
  let path = ''
  beforeAll(() => {
    path = checkout('a#b')
  })

  test('npm run check-env -- FILE, in Chrome and in dawn.node', { timeout: 600_000 }, () => {
    expect(run(path, 'check-env', '--', 'examples/pointmass/spec.ts', ...SOFTWARE)).toContain('PointMass-v0: OK')
    const file = join(path, 'examples/pointmass/spec.ts')
    expect(run(path, 'check-env', '--', file, '--runtime', 'node', ...SOFTWARE)).toContain('PointMass-v0: OK')
  })
})

test.each(['a?b', 'a%20b', '[x] y'])('npm run train in %s', (name) => {
  expect(trainIn(name).iterations).toBe(2)
})
