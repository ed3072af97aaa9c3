/** `checkEnv` on grids: words against the twin's entries, bits that no entry has, entries that fit no bits. */
import { describe, expect, test } from 'vitest'
import type { AnyEnvSpec, EnvTwin, GridStorage } from '../../src/env/contract'
import { checkEnvOn, envReportText } from '../../src/envcheck/checkenv'
import { gridEnv } from '../support/grid_env'
import { onPage } from './own_envs'

const check = (spec: AnyEnvSpec) => checkEnvOn(onPage, spec, { numEnvs: 8, steps: 12 })

test.each([
  ['f32', [3, 5, 3]],
  ['bits', [3, 5, 3]],
  ['bits', [10, 10, 4]],
  ['bytes', [3, 5, 3]],
] as [GridStorage, [number, number, number]][])('a grid of %s, %j, is right', async (storage, shape) => {
  const report = await check(gridEnv(storage, shape))
  expect(report.problems, envReportText(report)).toEqual([])
  expect(report.maxError).toEqual({ state: 0, observation: 0, reward: 0 })
  expect(report.ranges.find(({ name }) => name.includes('(1, 4, 2)'))).toMatchObject({
    name: `observation ${(1 * shape[1] + 4) * shape[2] + 2} ((1, 4, 2))`,
  })
  expect(report.terminated).toBeGreaterThan(0)
})

const replaced = (spec: AnyEnvSpec, piece: string, text: string): AnyEnvSpec => {
  expect(spec.wgsl).toContain(piece)
  return { ...spec, wgsl: spec.wgsl.replace(piece, text) }
}
const observing = (spec: AnyEnvSpec, change: (obs: Float64Array, offset: number) => void): AnyEnvSpec => {
  const own = spec.twin as EnvTwin<never>
  const observe: EnvTwin<never>['observe'] = (state, obs, offset, params) => {
    own.observe(state, obs, offset, params)
    change(obs, offset)
  }
  return { ...spec, twin: { ...own, observe } }
}
const bits = gridEnv('bits')

describe('what is wrong', () => {
  test.each<[string, AnyEnvSpec, string, (string | RegExp)[]]>([
    [
      'an entry that differs',
      replaced(bits, 'var word = 0u;', 'var word = select(0u, 4u, i == 1u);'),
      'twin step',
      [/observation 34 \(\(2, 1, 1\)\): kernel 1, twin 0/, 'Compare env_observe_word (', 'with twin.observe.'],
    ],
    [
      'bits after the last entry',
      replaced(bits, 'return word;', 'return word | select(0u, 1u << 20u, i == 1u);'),
      'unused bits',
      [/word 1 of the observation is 0x1\w{5}, but only its lowest 13 bits are entries/, 'env_observe_word ('],
    ],
    [
      'a 2 in bits',
      observing(bits, (obs, offset) => (obs[offset + 7] = 2)),
      'twin shape',
      ['twin.observe: entry 7 (0, 2, 1) is 2, not 0 or 1, which bits hold.'],
    ],
    [
      'half a bit',
      observing(bits, (obs, offset) => (obs[offset] = 0.5)),
      'twin shape',
      ['entry 0 (0, 0, 0) is 0.5, not 0 or 1'],
    ],
    [
      'a byte of 256',
      observing(gridEnv('bytes'), (obs, offset) => (obs[offset + 44] = 256)),
      'twin shape',
      ['entry 44 (2, 4, 2) is 256, not a whole number from 0 to 255, which bytes hold.'],
    ],
    [
      'bytes that are divided by 255',
      observing(gridEnv('bytes'), (obs, offset) => (obs[offset + 1] = 0.5)),
      'twin shape',
      ['entry 1 (0, 0, 1) is 0.5', 'The framework packs the entries, and divides bytes by 255.'],
    ],
  ])('%s', async (_, spec, kind, parts) => {
    const { problems } = await check(spec)
    const found = problems.filter((problem) => problem.check === kind)
    expect(found.length, JSON.stringify(problems)).toBeGreaterThan(0)
    for (const part of parts) expect(found.map(({ message }) => message).join('\n')).toMatch(part)
  })

  test('an index outside, without a twin', async () => {
    const { twin: _, ...alone } = replaced(bits, 'fn entry(', 'const ROWS = array<u32, 3>(1u, 1u, 1u);\nfn entry(')
    const wrong = replaced(alone as AnyEnvSpec, '% 11u < 4u)', '% 11u < 4u * ROWS[k / 12u])')
    const { problems } = await check(wrong)
    expect(problems.map(({ check }) => check)).toEqual(['index'])
    expect(problems[0].message).toContain('the index of ROWS[k / 12u] is 3, but there are 3 elements')
  })
})
