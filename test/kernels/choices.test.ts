/**
 * Several discrete choices per step, with masks: checked, trained in both plans, and the fault of a mask without a
 * choice.
 */
import { describe, expect, test } from 'vitest'
import { evaluatePolicy } from '../../harness/policies/evaluate'
import { replayDumpGpu, replayDumpReference } from '../../harness/verify/dump'
import { readDump } from '../../harness/verify/dumpfile'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { checkEnvOn, envReportText } from '../../src/envcheck/checkenv'
import { readSafetensors } from '../../src/files/safetensors'
import type { RunKernel } from '../../src/gpu/once'
import { networkShape } from '../../src/model/network'
import { makePolicy } from '../../src/policy/policy'
import { createReferencePpo } from '../../src/reference/ppo'
import { choiceEnv } from '../support/choice_env'
import { gpu } from '../support/gpu'
import { expectClose } from '../support/kernel'
import { trainInPage } from '../support/train'

const TIMEOUT = 180_000
const onPage: RunKernel = async (run) => (await gpu()).call('runKernel', run)
const asSpec = (env: ReturnType<typeof choiceEnv>) => env as unknown as EnvSpec

const configOf = (options: PpoOptions = {}) => {
  const sizes = { numEnvs: 5, numSteps: 16, numMinibatches: 4, updateEpochs: 4, hidden: [8, 8], seed: 3 }
  return resolveConfig({}, { ...sizes, totalTimesteps: 2 * 5 * 16, learningRate: 1e-3, ...options })
}

async function train(env: EnvSpec, options: PpoOptions, withoutSubgroups = false) {
  const { twin: _, ...spec } = env
  return trainInPage({ env: env.id, spec, config: configOf(options), withoutSubgroups })
}

function reference(env: EnvSpec, options: PpoOptions = {}) {
  const ppo = createReferencePpo(env, configOf(options))
  const rows = [ppo.iterate()[0], ppo.iterate()[0]]
  return { params: ppo.params(0), rows, agent: ppo.agents[0] }
}

const PLANS = [
  ['layered', { plan: 'layered' }, false],
  ['fused, by quads', { plan: 'fused' }, false],
  ['fused, by tiles', { plan: 'fused' }, true],
] as const

// 16 steps of Adam of at most 1e-3, whose direction is right to some 1e-3 where a gradient is near 0.
const PARAMS = { atol: 1e-5 }

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

  test.each(PLANS)('%s: the weights and rows of the reference', async (_, options, withoutSubgroups) => {
    const got = await train(env, options, withoutSubgroups)
    const want = reference(env, options)
    expectClose('params', got.params, want.params, PARAMS)
    want.rows.forEach((row, i) => {
      expect(got.rows[0][i]).toMatchObject({ status: row.status, episodes: row.episodes, updates: 16 })
      for (const field of ['pgLoss', 'entropy', 'approxKl'] as const) {
        expectClose(field, [got.rows[0][i][field]], [row[field]], { atol: 2e-5, rtol: 2e-5 })
      }
    })
    // Control: without masks the reference gives a different result.
    const { mask: __, ...twin } = env.twin!
    const free = { ...env, twin, wgsl: env.wgsl.replace('env_mask', 'unused_mask') }
    expect(() => expectClose('params', got.params, reference(free, options).params, PARAMS)).toThrow('params[')
  })

  test('the penalty, with the KL of masked policies', async () => {
    const options = { algorithm: 'penalty', targetKl: 0.01, klCoef: 0.5, plan: 'fused' } as const
    expectClose('params', (await train(env, options)).params, reference(env, options).params, PARAMS)
  })

  test('a policy acts by the mask, and is evaluated with it', async () => {
    const { params } = await train(env, { plan: 'fused' })
    const policy = makePolicy(env.id, networkShape(env, configOf()), params)
    const mask = new Array(30).fill(0)
    for (const i of [1, 4, 20]) mask[i] = 1
    expect(policy.act([0, 0], mask)).toEqual([1, 1, 15])
    expect(policy.sample([0, 0], Math.random, mask)).toEqual([1, 1, 15])
    const episodes = evaluatePolicy(env, policy, 20, 1)
    expect(episodes.every(({ length }) => length >= 1 && length <= 9)).toBe(true)
  })
})

describe('a mask that leaves a part nothing', { timeout: TIMEOUT }, () => {
  const env = asSpec(choiceEnv(2))

  test.each(PLANS)('%s stops at it, names it, and its dump reproduces it', async (_, options, withoutSubgroups) => {
    const want = reference(env, options).rows[0]
    expect(want).toMatchObject({ status: 'notFinite', notFinite: { buffer: 'masks' } })
    const got = await train(env, options, withoutSubgroups)
    expect(got.rows[0].at(-1)).toMatchObject({ status: 'notFinite', updates: 0, notFinite: want.notFinite })
    expect(got.params.every(Number.isFinite)).toBe(true)
    const [dumped] = got.events.flatMap((event) => (event.type === 'dump' ? [event] : []))
    const dump = readDump(readSafetensors(dumped.bytes), env)
    const sides = [...replayDumpReference(dump), ...(await replayDumpGpu(dump, await gpu()))]
    expect(sides.map(({ worst }) => worst)).toEqual(Array(2).fill('; reproduced: env_mask gives NaN in masks'))
  })
})
