/** A critic that sees more than the actor: what it learns from it, and that nobody else needs it. On the GPU: test/kernels/privileged.test.ts. */
import { describe, expect, test } from 'vitest'
import { policyModel } from '../../harness/onnx/policy'
import { evaluatePolicy } from '../../harness/policies/evaluate'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { layoutNetwork, networkShape } from '../../src/model/network'
import { choosePlan } from '../../src/plan/choice'
import { loadPolicy, policyFile, readPolicy } from '../../src/policy/policyfile'
import { parseShape } from '../../src/policy/shape'
import { createReferencePpo } from '../../src/reference/ppo'
import { refusal } from '../support/broken'
import { windEnv } from '../support/privileged_env'

const specOf = (seen: boolean) => windEnv(seen) as unknown as EnvSpec
const env = specOf(true)

function train(spec: EnvSpec, iterations: number, options: PpoOptions = {}) {
  const sizes = { numEnvs: 16, numSteps: 32, numMinibatches: 4, updateEpochs: 4, hidden: [32, 32] }
  const rates = { learningRate: 3e-3, annealLr: false, totalTimesteps: iterations * 512 }
  const config = resolveConfig({}, { ...sizes, ...rates, ...options }, spec)
  const ppo = createReferencePpo(spec, config)
  return { config, ppo, rows: Array.from({ length: iterations }, () => ppo.iterate()[0]) }
}

// Seeds 1 to 3, mean of iterations 51 to 60: 0.89, 0.94, 0.96 with the wind; 0.27, 0.27, 0.20 without.
test('a critic that sees the wind explains far more of the returns', () => {
  const explained = (seen: boolean): number => {
    const last = train(specOf(seen), 40, { seed: 2 }).rows.slice(-10)
    return last.reduce((sum, row) => sum + row.explainedVariance!, 0) / last.length
  }
  const [seen, hidden] = [explained(true), explained(false)]
  expect(seen).toBeGreaterThan(0.8)
  expect(hidden).toBeLessThan(0.5)
})

describe('a policy of such a run', () => {
  const { config, ppo } = train(env, 2, { normObs: true, hidden: [8] })
  const shape = networkShape(env, config)
  const stats = ppo.agents[0].normaliser!.stats
  const file = policyFile(env, shape, Float32Array.from(ppo.params(0)), stats)
  const policy = loadPolicy(file)

  test('acts by the observation alone; its value takes all that the critic saw', () => {
    expect(policy.shape).toMatchObject({ obsDim: 3, privileged: 2 })
    const obs = [0.25, 0.125, 0.75]
    expect(policy.act(obs)).toHaveLength(1)
    expect(() => policy.act([...obs, 1, 0])).toThrow(
      'obs: 5 numbers, but this policy takes 3: x, x before, steps left.',
    )
    expect(() => policy.value(obs)).toThrow(
      'obs: 3 numbers, but this policy takes 3: x, x before, steps left and, for a value, 2 privileged.',
    )
    expect(policy.value([...obs, 1, 0])).not.toBe(policy.value([...obs, -1, 0]))
    expect(policy.normaliser!.obs!.mean).toHaveLength(5)
  })

  test('is evaluated, also in an environment that tells nobody of the wind', () => {
    for (const spec of [env, specOf(false)]) expect(evaluatePolicy(spec, policy, 5, 1)).toHaveLength(5)
  })

  test('is exported without its critic', () => {
    const model = policyModel(readPolicy(file), policy.environment! as never, '0')
    expect(model.inputs.map(({ name, shape }) => [name, shape[1]])).toEqual([['obs', 3]])
    expect(model.outputs.map(({ name }) => name)).not.toContain('value')
    expect(model.constants.find(({ name }) => name === 'obs_mean')!.shape).toEqual([3])
  })
})

test('the plan is layered, and says why', () => {
  const config = resolveConfig({}, { hidden: [8] }, env)
  const adapter = { software: false, quads: 0, limits: {} as never }
  const choose = (options: PpoOptions) =>
    choosePlan({ ...config, ...options }, layoutNetwork(networkShape(env, config)), adapter)
  const why = 'privileged observations, which it cannot give to the critic alone'
  expect(choose({ plan: 'auto' })).toMatchObject({ plan: 'layered', planReason: `fused cannot: ${why}` })
  expect(() => choose({ plan: 'fused' })).toThrow(
    `the fused plan cannot take this network: ${why}. Use plan auto or layered.`,
  )
})

describe('what cannot be', () => {
  test.each<[string, Partial<EnvSpec>, string]>([
    ['no names', { privileged: [] }, 'env.privileged: [] is not a list of names. Give at least one.'],
    ['a nameless one', { privileged: ['wind', ''] }, 'env.privileged[1]: "" is not a name.'],
    [
      'one name too many',
      { privileged: ['wind', 'gust', 'rain'] },
      "PRIVILEGED_DIM is 2u, but the spec's privileged has 3 names. Write const PRIVILEGED_DIM = 3u; or change privileged in the spec.",
    ],
    [
      'no constant',
      { wgsl: env.wgsl.replaceAll('PRIVILEGED_DIM', 'N') },
      'PRIVILEGED_DIM is missing. Write: const PRIVILEGED_DIM = 2u;',
    ],
    [
      'no function',
      { wgsl: env.wgsl.replace('env_privileged', 'other') },
      'fn env_privileged is missing. Declare: fn env_privileged(state: EnvState) -> array<f32, PRIVILEGED_DIM>',
    ],
    [
      'a function without names',
      { privileged: undefined },
      'env_privileged is not called: the spec has no privileged. Name its entries there, or leave it out.',
    ],
    [
      'a twin without it',
      { twin: specOf(false).twin },
      "env.twin.privileged: is missing, but the spec's privileged has 2 names.",
    ],
    [
      'a twin alone',
      { ...specOf(false), privileged: undefined, twin: env.twin },
      'env.twin.privileged: is not called: the spec has no privileged.',
    ],
    [
      'a grid',
      { observations: undefined, observation: { shape: [1, 1, 3], storage: 'f32' } },
      'env.privileged: is given, and env.observation is a grid: the critic takes further numbers only behind a list of names.',
    ],
    [
      'a shared trunk in its preset',
      { preset: { sharedTrunk: true } },
      'env.preset: config.sharedTrunk: true, but only the critic of Wind-v0 sees wind, gust: the actor would see them in the layers that both share.',
    ],
    [
      'another spelling',
      { privilegedObservations: [] } as never,
      '"privilegedObservations" (did you mean "privileged"?)',
    ],
  ])('%s', (_, part, message) => {
    expect(refusal({ ...env, ...part })).toContain(message)
  })

  test('a policy with a shared trunk, or of a map', () => {
    const shape = { ...networkShape(env, resolveConfig({}, { hidden: [4] })), sharedTrunk: true }
    expect(() => parseShape(JSON.stringify(shape))).toThrow('metadata.shape.privileged: 2, but the trunk is shared.')
    expect(refusal(env)).toBe('no error')
  })
})
