import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ALIASES, ENVS, findEnv } from '../../envs/registry'
import { resolveConfig } from '../../src/config/config'
import { actionDim, stateDifference } from '../../src/env/contract'

describe('the registry', () => {
  test('holds each id once', () => {
    expect(new Set(ENVS.map((spec) => spec.id)).size).toBe(ENVS.length)
  })

  test('finds each environment by its id', () => {
    for (const spec of ENVS) expect(findEnv(spec.id)).toBe(spec)
  })

  test('finds an environment by another id that means it, which no environment has', () => {
    expect(Object.keys(ALIASES)).toEqual(['HalfCheetah-v4', 'Swimmer-v4'])
    expect(findEnv('HalfCheetah-v4').id).toBe('HalfCheetah-v5')
    expect(findEnv('Swimmer-v4').id).toBe('Swimmer-v5')
    expect(ENVS.filter(({ id }) => Object.hasOwn(ALIASES, id))).toEqual([])
  })

  test('each has a valid preset, names for its actions and a README', () => {
    for (const spec of ENVS) {
      expect(() => resolveConfig(spec.preset, {})).not.toThrow()
      expect(spec.actions).toHaveLength(actionDim(spec))
      const readme = new URL(`../../${spec.wgslFile.replace(/[^/]+$/, 'README.md')}`, import.meta.url)
      expect(readFileSync(readme, 'utf8')).toContain(`# ${spec.id}`)
    }
  })

  test.each([
    ['CartPole-v2', 'env: there is no environment "CartPole-v2" (did you mean "CartPole-v1"?). Environments: '],
    ['Pendulum', 'env: there is no environment "Pendulum" (did you mean "Pendulum-v1"?). Environments: '],
    ['cartpole', 'env: there is no environment "cartpole" (did you mean "CartPole-v1"?). Environments: '],
    ['Swimmer-v3', 'env: there is no environment "Swimmer-v3" (did you mean "Swimmer-v5"?). Environments: '],
    ['', 'env: there is no environment "". Environments: '],
    ['__proto__', 'env: there is no environment "__proto__". Environments: '],
  ])('unknown environment %j', (id, message) => {
    expect(() => findEnv(id)).toThrow(message)
    expect(() => findEnv(id)).toThrow(expect.objectContaining({ name: 'ConfigError' }))
  })
})

test('angles are compared the shorter way round, other numbers as they are', () => {
  const spec = { angles: ['theta'] }
  expect(stateDifference(spec, 'theta', 3.1, -3.1)).toBeCloseTo(6.2 - 2 * Math.PI, 12)
  expect(stateDifference(spec, 'theta', -7 * Math.PI, Math.PI)).toBeCloseTo(0, 12)
  expect(stateDifference(spec, 'theta', 0.5, 0.25)).toBe(0.25)
  expect(stateDifference(spec, 'theta_dot', 3.1, -3.1)).toBe(6.2)
  expect(stateDifference({}, 'theta', 3.1, -3.1)).toBe(6.2)
})
