/** The twins of classic control with changed parameters, against steps of Gymnasium's classes with the same ones. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { paramBounds } from '../../src/env/params'
import { makeRng, STREAM } from '../../src/env/rng'

interface Recorded {
  params: Record<string, number>
  /** State, action, next state, reward, whether it terminated. */
  transitions: number[][]
}

const file = new URL('../golden/params/classic.json', import.meta.url)
const { meta: _, ...recorded }: Record<string, Recorded> = JSON.parse(readFileSync(file, 'utf8'))
const rng = makeRng(0, 0, STREAM.ENV_STEP, 0)

test.each(Object.entries(recorded))('%s', (id, { params, transitions }) => {
  const spec = findEnv(id)
  const bounds = paramBounds(spec, params)
  for (const [i, [name, { default: standard }]] of Object.entries(spec.params!).entries()) {
    expect(bounds[i][0], name).toBe(Math.fround(params[name] ?? standard))
  }
  const twin = spec.twin!
  const fields = Object.keys(twin.reset(rng) as Record<string, number>)
  const n = fields.length
  let changed = 0
  for (const row of transitions) {
    const before = row.slice(0, n)
    const [stateOf, unchanged] = [0, 0].map(() => Object.fromEntries(fields.map((field, k) => [field, before[k]])))
    const { reward, terminated } = twin.step(stateOf, [row[n]], rng, params)
    twin.step(unchanged, [row[n]], rng)
    const next = row.slice(n + 1, 2 * n + 1)
    // Gymnasium's pendulum counts turns on, this project's twin too; both mountain cars and CartPole have no angles.
    for (const [k, field] of fields.entries()) {
      const scale = Math.max(1, Math.abs(next[k]))
      expect(Math.abs(stateOf[field] - next[k]) / scale, field).toBeLessThan(id.includes('Continuous') ? 1e-7 : 1e-12)
    }
    expect(reward).toBeCloseTo(row[2 * n + 1], 6)
    expect(terminated).toBe(row[2 * n + 2] === 1)
    if (fields.some((field) => stateOf[field] !== unchanged[field])) changed++
  }
  expect(changed).toBeGreaterThan(transitions.length / 2)
})

test('a default is exact in a twin, and any other value is the number of f32 that a kernel has', () => {
  const { twin } = findEnv('CartPole-v1')
  const at = (params?: Record<string, number>) => {
    const state = { x: 0.1, x_dot: 0.2, theta: 0.03, theta_dot: 0.4 }
    twin!.step(state, [1], rng, params)
    return state
  }
  expect(at({ gravity: Math.fround(9.8), massPole: Math.fround(0.1) })).toEqual(at())
  expect(at({ gravity: Math.fround(9.9) })).not.toEqual(at({ gravity: 9.9 }))
})
