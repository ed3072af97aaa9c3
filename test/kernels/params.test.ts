import { describe, expect, test } from 'vitest'
import { compareStages } from '../../src/compare/stages'
import type { EnvSpec } from '../../src/env/contract'
import { checkEnvOn } from '../../src/envcheck/checkenv'
import { gpu } from '../support/gpu'
import { configOf, DRAWN, spec, TIMEOUT, testParams, withoutTwin } from './params'

testParams('layered')

test('an iteration taken apart agrees with the twin, with drawn parameters too', { timeout: TIMEOUT }, async () => {
  const config = configOf({ ...DRAWN, plan: 'layered', normObs: true })
  const dump = await (await gpu()).call('stages', { env: spec.id, spec: withoutTwin, config, warmup: 1 })
  expect(compareStages(spec, config, dump).filter(({ ok }) => !ok)).toEqual([])
  // The comparison fails if the twin has other values.
  const others = configOf({ plan: 'layered', normObs: true })
  const failed = compareStages(spec, others, dump).filter(({ ok }) => !ok)
  expect(failed.map(({ stage }) => stage)).toContain('rollout.obs')
})

describe('checkEnv', () => {
  const check = async (env: EnvSpec) => {
    const { call } = await gpu()
    return checkEnvOn((run) => call('runKernel', run), env, { numEnvs: 16, steps: 20 })
  }

  test('draws parameters from their whole range', async () => {
    const { ok, problems, ranges } = await check(spec)
    expect(problems).toEqual([])
    expect(ok).toBe(true)
    const push = ranges.find(({ name }) => name.includes('push'))!
    expect(push.min).toBeLessThan(-0.8)
    expect(push.max).toBeGreaterThan(2.8)
  })

  test('finds a twin that does not look at one, and one that takes the wrong one', async () => {
    const deaf: EnvSpec = { ...spec, twin: { ...spec.twin!, observe: ({ x }, obs, at) => obs.set([x, 0.5, 0], at) } }
    expect((await check(deaf)).problems.map(({ message }) => message).join()).toMatch(/observation 1 \(push\)/)
    const swapped: EnvSpec = { ...spec, wgsl: spec.wgsl.replace('* params.step_size', '* params.push') }
    expect((await check(swapped)).problems.map(({ message }) => message).join()).toMatch(/state\.x/)
  })
})
