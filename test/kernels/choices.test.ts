/** Several discrete choices at a time, with masks: checked, trained, and acted by. Other plans: choices.slow.test.ts. */
import { describe, expect, test } from 'vitest'
import { evaluatePolicy } from '../../harness/policies/evaluate'
import { checkEnvOn, envReportText } from '../../src/envcheck/checkenv'
import type { RunKernel } from '../../src/gpu/once'
import { networkShape } from '../../src/model/network'
import { loadPolicy, policyFile } from '../../src/policy/policyfile'
import { choiceEnv } from '../support/choice_env'
import { gpu } from '../support/gpu'
import { expectClose } from '../support/kernel'
import { asSpec, configOf, PARAMS, PLANS, reference, TIMEOUT, testPlans, train } from './choices'

const onPage: RunKernel = async (run) => (await gpu()).call('runKernel', run)

describe('check-env', () => {
  test('takes it, by allowed actions alone', async () => {
    const report = await checkEnvOn(onPage, asSpec(choiceEnv()), { numEnvs: 16, steps: 30 })
    expect(report.problems, envReportText(report)).toEqual([])
    expect(report.terminated).toBeGreaterThan(0)
  })

  test('finds a mask that leaves a part nothing, and a twin with another mask', async () => {
    const locked = await checkEnvOn(onPage, asSpec(choiceEnv(3)), { numEnvs: 16, steps: 30 })
    const [problem] = locked.problems.filter(({ check }) => check === 'masks')
    expect(problem.message).toContain('the mask allows no choice of part 1, from x 3')
    expect(problem.message).toContain('env_mask (test/support/choice_env.wgsl:')
    const env = choiceEnv()
    const other = { ...env, twin: { ...env.twin!, mask: choiceEnv(4).twin!.mask } }
    const apart = await checkEnvOn(onPage, asSpec(other), { numEnvs: 16, steps: 30 })
    expect(apart.problems.map(({ message }) => message).join()).toContain(
      "the mask's entry 3 is 1 in the kernel, 0 in the twin",
    )
  })
})

describe('training', { timeout: TIMEOUT }, () => {
  const env = asSpec(choiceEnv())

  test('the reference never takes what is forbidden, and part i takes draw i', () => {
    const { rollout } = reference(env).agent
    const masks = rollout.masks!
    const taken = Array.from(rollout.actions, (action, i) => masks[Math.floor(i / 3) * 30 + [0, 3, 5][i % 3] + action])
    expect(taken.every((entry) => entry === 1)).toBe(true)
    expect(masks.filter((entry) => entry === 0).length).toBeGreaterThan(masks.length / 3)
  })

  test('the penalty, with the KL of masked policies', async () => {
    const options = { algorithm: 'penalty', targetKl: 0.01, klCoef: 0.5, plan: 'fused' } as const
    expectClose('params', (await train(env, options)).params, reference(env, options).params, PARAMS)
  })

  test('a policy acts by the mask, and is evaluated with it', async () => {
    const { params } = await train(env, { plan: 'fused' })
    const policy = loadPolicy(policyFile(env, networkShape(env, configOf()), params))
    const mask = new Array(30).fill(0)
    for (const i of [1, 4, 20]) mask[i] = 1
    expect(policy.act([0, 0], mask)).toEqual([1, 1, 15])
    expect(policy.sample([0, 0], Math.random, mask)).toEqual([1, 1, 15])
    const episodes = evaluatePolicy(env, policy, 20, 1)
    expect(episodes.every(({ length }) => length >= 1 && length <= 9)).toBe(true)
  })
})

testPlans(PLANS.slice(0, 2))
