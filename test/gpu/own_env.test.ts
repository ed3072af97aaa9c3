/** The example under examples/, used like its reader would: in a page, and on the command line. */
import { beforeAll, describe, expect, test } from 'vitest'
import { pointMass } from '../../examples/pointmass/spec'
import { buildCli } from '../../harness/build.js'
import { sourceHash } from '../../src/env/source'
import { runCli } from '../support/cli'
import type { OwnEnvResult } from '../support/own_env'
import { inPage, path } from './userpage'

test('in a page: it is checked, trains without its twin, and its WGSL is named where it does not compile', async () => {
  const result = await inPage<OwnEnvResult>('test/support/own_env.ts', 'globalThis.result')
  expect(result.withTwin).toMatchObject({ env: 'PointMass-v0', ok: true, problems: [] })
  expect(result.withTwin.terminated).toBeGreaterThan(0)
  expect(result.withTwin.maxError!.reward).toBeLessThan(1e-6)
  expect(result.withoutTwin).toMatchObject({ ok: true, maxError: null })
  expect(result.timesteps).toEqual([1024, 2048, 3072])
  // Eight environments with a time limit of 100, 128 steps in each iteration.
  expect(result.episodes.every((n) => n >= 8)).toBe(true)
  expect(result.losses.every((loss) => Number.isFinite(loss) && loss !== 0)).toBe(true)
  const { observations, actions, actionSpace } = pointMass
  expect(result.environment).toMatchObject({ observations, actions, actionSpace, source: sourceHash(pointMass) })
  expect(result.origin).toMatchObject({ seed: 3, steps: 3072, config: { numEnvs: 8, hidden: [8], seed: 3 } })
  expect(result.origin?.library).toMatch(/^\d+\.\d+\.\d+$/)
  expect(result.origin?.adapter).toMatch(/software/)
  expect(result.origin?.score).toBeCloseTo(result.score, 4)
  expect(result.bounded.every((x) => Math.abs(x) <= 1)).toBe(true)
  expect(result.bounded.some((x) => Math.abs(x) === 1)).toBe(true)
  const line = pointMass.wgsl.split('\n').findIndex((text) => text.includes('let s = *state;')) + 1
  expect(result.compileError).toContain('ShaderError: ')
  expect(result.compileError).toContain(`examples/pointmass/pointmass.wgsl:${line}:`)
  expect(result.deviceAlive).toBe(true)
})

describe('check-env', () => {
  beforeAll(buildCli)
  const small = ['--steps', '20', '--num-envs', '8']

  test('the example', async () => {
    const { code, stdout, stderr } = await runCli(['check-env', path('examples/pointmass/spec.ts'), ...small, '--json'])
    expect(code, stderr).toBe(0)
    const { ok, envs } = JSON.parse(stdout)
    expect(ok).toBe(true)
    expect(envs).toMatchObject([{ env: 'PointMass-v0', ok: true, seed: 1, numEnvs: 8, steps: 20, truncated: 0 }])
    expect(stderr).toContain('PointMass-v0: OK, 8 environments x 20 steps, seed 1')
  })

  test('the planar robot', async () => {
    const { code, stdout, stderr } = await runCli(['check-env', path('examples/crawler/spec.ts'), ...small, '--json'])
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout).envs).toMatchObject([{ env: 'Crawler-v0', ok: true, problems: [] }])
    expect(JSON.parse(stdout).envs[0].maxError.state).toBeGreaterThan(0)
  })

  test('environments that are wrong: exit code 1, and what is wrong with each', async () => {
    const { code, stdout } = await runCli(['check-env', path('test/support/wrong_envs.ts'), ...small])
    expect(code).toBe(1)
    expect(stdout).toContain('PointMass-v0: FAILED, 8 environments x 20 steps')
    expect(stdout).toMatch(/FAILED twin step: step 0, env 0: reward: kernel \S+, twin \S+, limit /)
    expect(stdout).toContain('FAILED: 1 of 2 are right.')
  })

  test.each([
    ['a file that is not there', ['no.ts'], 'no.ts: there is no such file.'],
    [
      'a file without environments',
      [path('src/options/suggest.ts')],
      'exports no EnvSpec (an object with id and wgsl), but nearest, suggest.',
    ],
    ['a file that is no module', [path('LICENSE')], 'LICENSE: '],
    ['a file and --env', ['x.ts', '--env', 'CartPole-v1'], '--env: CartPole-v1, and FILE is x.ts. Give one of them.'],
    ['an unknown id', ['--env', 'CartPole'], 'env: there is no environment "CartPole"'],
    ['no steps', ['--steps', '0'], '--steps: "0" is not a whole number from 1 to 10000.'],
  ])('%s: exit code 2', async (_, args, message) => {
    const { code, stderr } = await runCli(['check-env', ...args])
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})
