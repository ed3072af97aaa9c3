/**
 * Policies of other programs: models that Stable-Baselines3 wrote give PyTorch's own numbers here, and everything that
 * is not such a model is refused. Hostile files: test/unit/importhostile.test.ts.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { pendulum } from '../../envs/pendulum/spec'
import { findEnv } from '../../envs/registry'
import { type ImportOptions, importPolicy } from '../../harness/import/policy'
import type { EnvSpec } from '../../src/env/contract'
import { readSafetensors, type TensorToWrite, writeSafetensors } from '../../src/files/safetensors'
import { loadPolicy, readPolicy } from '../../src/policy/policyfile'
import { choiceEnv } from '../support/choice_env'

const FOLDER = join(__dirname, '../golden/imported')
const bytesOf = (name: string) => new Uint8Array(readFileSync(join(FOLDER, name)))
const fileOf = (name: string) => ({ name, bytes: bytesOf(name) })
interface Golden {
  obs: number[][]
  outputs: number[][]
  values: number[]
  actions: number[][]
  log_std?: number[]
}
const golden = JSON.parse(readFileSync(join(FOLDER, 'outputs.json'), 'utf8')) as Record<string, Golden>
const choices = choiceEnv() as unknown as EnvSpec
const NOTHING: ImportOptions = { activation: null, stats: null }

/** Limit: PyTorch computes in float32, here float64 on the same weights. */
const LIMIT = 1e-6

function compare(name: string, file: Uint8Array): number {
  const policy = loadPolicy(file)
  let most = 0
  const { obs, outputs, values, actions } = golden[name]
  for (const [i, given] of obs.entries()) {
    const [out, value] = [policy.outputs(given), policy.value(given)]
    for (const [k, wanted] of [...outputs[i], values[i]].entries()) {
      const found = k < out.length ? out[k] : value
      most = Math.max(most, Math.abs(found - wanted) / (1 + Math.abs(wanted)))
    }
    for (const [k, action] of policy.act(given).entries()) expect(action).toBeCloseTo(actions[i][k], 5)
  }
  return most
}

describe('the numbers of PyTorch', () => {
  test('PPO on CartPole-v1: tanh, stored', () => {
    const found = importPolicy(fileOf('ppo_cartpole.zip'), cartPole, NOTHING)
    expect(found).toMatchObject({ source: 'Stable-Baselines3 2.9.2', steps: 1024, seed: 1, mayLackStats: true })
    expect(found.shape).toEqual({
      ...{ obsDim: 4, actorHidden: [8], criticHidden: [8], activation: 'tanh', dist: 'categorical', actionDim: 2 },
    })
    expect(compare('ppo_cartpole.zip', found.file)).toBeLessThan(LIMIT)
    const { env, origin } = loadPolicy(found.file)
    expect([env, origin?.adapter, origin?.steps]).toEqual(['CartPole-v1', 'Stable-Baselines3 2.9.2', 1024])
  })

  test('PPO on Pendulum-v1: relu, two widths, a Gaussian, clipped, with statistics', () => {
    const stats = fileOf('vec_normalize.safetensors')
    const found = importPolicy(fileOf('ppo_pendulum.zip'), pendulum, { activation: null, stats })
    expect(found).toMatchObject({ normalised: ['observations', 'rewards'], mayLackStats: false })
    expect(found.shape).toMatchObject({ actorHidden: [8], criticHidden: [12], activation: 'relu', dist: 'gaussian' })
    expect(compare('ppo_pendulum.zip', found.file)).toBeLessThan(LIMIT)
    const { normaliser, params } = readPolicy(found.file)
    expect(normaliser?.returns?.count).toBeCloseTo(1024, 1)
    expect([...params]).toContain(Math.fround(golden['ppo_pendulum.zip'].log_std![0]))
  })

  test('A2C with several choices: elu, deflated', () => {
    const found = importPolicy(fileOf('a2c_parts.zip'), choices, { activation: null, stats: 'none' })
    expect(found.shape).toMatchObject({ actorHidden: [8, 5], activation: 'elu', nvec: [3, 2, 25], masked: true })
    expect(found.mayLackStats).toBe(false)
    expect(compare('a2c_parts.zip', found.file)).toBeLessThan(LIMIT)
  })

  test("a state_dict with CleanRL's names", () => {
    const found = importPolicy(fileOf('cleanrl_cartpole.safetensors'), cartPole, NOTHING)
    expect(found.shape).toMatchObject({ actorHidden: [8, 6], criticHidden: [8, 6] })
    expect(compare('cleanrl_cartpole.safetensors', found.file)).toBeLessThan(LIMIT)
    // The comparison sees a wrong activation.
    const other = importPolicy(fileOf('cleanrl_cartpole.safetensors'), cartPole, { activation: 'relu', stats: null })
    expect(() => expect(compare('cleanrl_cartpole.safetensors', other.file)).toBeLessThan(LIMIT)).toThrow()
  })
})

type Sizes = Record<string, number[]>
/** Tensors of these shapes, with numbers of their own. */
function stateDict(sizes: Sizes, change: (tensor: TensorToWrite) => TensorToWrite = (tensor) => tensor): Uint8Array {
  let k = 0
  return writeSafetensors(
    Object.entries(sizes).map(([name, shape]) => {
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.sin(++k))
      return change({ name, shape, data })
    }),
  )
}
const dense = (key: string, out: number, inside: number): Sizes => ({
  [`${key}.weight`]: [out, inside],
  [`${key}.bias`]: [out],
})
const SB3: Sizes = {
  ...dense('mlp_extractor.policy_net.0', 6, 4),
  ...dense('mlp_extractor.value_net.0', 5, 4),
  ...dense('action_net', 2, 6),
  ...dense('value_net', 1, 5),
}
const SHARED: Sizes = {
  ...dense('mlp_extractor.shared_net.0', 6, 4),
  ...dense('action_net', 2, 6),
  ...dense('value_net', 1, 6),
}
const from = (bytes: Uint8Array, spec: EnvSpec = cartPole, options: Partial<ImportOptions> = {}) =>
  importPolicy({ name: 'w.safetensors', bytes }, spec, { ...NOTHING, ...options })

/** Outputs and value as the layers give them, one after the other. */
function byHand(bytes: Uint8Array, actor: string[], critic: string[], obs: number[]): number[] {
  const { tensors } = readSafetensors(bytes)
  const run = (keys: string[]) =>
    keys.reduce((x, key, i) => {
      const [weight, bias] = ['weight', 'bias'].map((part) => tensors.get(`${key}.${part}`)!.data as Float32Array)
      const y = [...bias].map((b, j) => x.reduce((sum, xi, k) => sum + weight[j * x.length + k] * xi, b))
      return i < keys.length - 1 ? y.map(Math.tanh) : y
    }, obs)
  return [...run(actor), ...run(critic)]
}

describe('names of tensors', () => {
  const OBS = [0.3, -1.2, 0.7, 2]
  const outputsOf = (file: Uint8Array) => [...loadPolicy(file).outputs(OBS), loadPolicy(file).value(OBS)]

  test('a trunk that actor and critic share', () => {
    const bytes = stateDict(SHARED)
    const found = from(bytes)
    expect(found.shape).toMatchObject({ sharedTrunk: true, actorHidden: [6] })
    const trunk = 'mlp_extractor.shared_net.0'
    const wanted = byHand(bytes, [trunk, 'action_net'], [trunk, 'value_net'], OBS)
    expect(outputsOf(found.file)).toEqual(wanted.map((x) => expect.closeTo(x, 6)))
  })

  test('a trunk with layers behind it becomes two networks with the same outputs', () => {
    const behind = { ...dense('mlp_extractor.policy_net.0', 3, 6), ...dense('mlp_extractor.value_net.0', 7, 6) }
    const bytes = stateDict({ ...SHARED, ...behind, ...dense('action_net', 2, 3), ...dense('value_net', 1, 7) })
    const found = from(bytes)
    expect(found).toMatchObject({ copied: 1, shape: { actorHidden: [6, 3], criticHidden: [6, 7] } })
    const [trunk, pi, vf] = ['shared', 'policy', 'value'].map((list) => `mlp_extractor.${list}_net.0`)
    const wanted = byHand(bytes, [trunk, pi, 'action_net'], [trunk, vf, 'value_net'], OBS)
    expect(outputsOf(found.file)).toEqual(wanted.map((x) => expect.closeTo(x, 6)))
  })

  test('no hidden layers; the names of this project, with statistics; a row of log_std', () => {
    const linear = stateDict({ ...dense('action_net', 2, 4), ...dense('value_net', 1, 4) })
    expect(from(linear).shape).toMatchObject({ actorHidden: [], criticHidden: [] })
    const stats = { 'normaliser.obs.mean': [4], 'normaliser.obs.variance': [4], 'normaliser.obs.count': [1] }
    const own = { ...dense('trunk.0', 5, 4), ...dense('actor.0', 2, 5), ...dense('critic.0', 1, 5), ...stats }
    const positive = (tensor: TensorToWrite) => ({
      ...tensor,
      data: Float32Array.from(tensor.data as Float32Array, Math.abs),
    })
    expect(from(stateDict(own, positive))).toMatchObject({ shape: { sharedTrunk: true }, normalised: ['observations'] })
    const means = { ...dense('actor_mean.0', 6, 3), ...dense('actor_mean.2', 1, 6), actor_logstd: [1, 1] }
    const found = from(stateDict({ ...means, ...dense('critic.0', 6, 3), ...dense('critic.2', 1, 6) }), pendulum)
    expect(found).toMatchObject({ source: 'CleanRL', shape: { dist: 'gaussian', actorHidden: [6] } })
  })

  test('floats of other sizes are read, whole numbers are not', () => {
    const as = (change: (data: Float32Array) => TensorToWrite['data']) =>
      stateDict(SB3, (tensor) => ({ ...tensor, data: change(tensor.data as Float32Array) }))
    const doubles = from(as((data) => Float64Array.from(data)))
    expect(outputsOf(doubles.file)).toEqual(outputsOf(from(stateDict(SB3)).file))
    expect(() => from(as((data) => Int32Array.from(data)))).toThrow('holds whole numbers')
  })
})

describe('refused, with the place and a way on', () => {
  const without = (sizes: Sizes, key: string): Sizes =>
    Object.fromEntries(Object.entries(sizes).filter(([k]) => k !== key))
  test.each<[string, () => unknown, string]>([
    ['gSDE', () => importPolicy(fileOf('sde_pendulum.zip'), pendulum, NOTHING), 'sde_pendulum.zip/data: use_sde: true'],
    [
      'another environment',
      () => importPolicy(fileOf('ppo_cartpole.zip'), pendulum, NOTHING),
      'observation_space: its shape is [4], but Pendulum-v1 has [3]. Name the environment',
    ],
    [
      'other actions',
      () =>
        importPolicy(
          fileOf('ppo_pendulum.zip'),
          { ...pendulum, actionSpace: { kind: 'box', low: [-1], high: [1] } },
          NOTHING,
        ),
      'action_space.low: "[-2.]", but Pendulum-v1 has [-1]',
    ],
    [
      'other parts',
      () =>
        importPolicy(
          fileOf('a2c_parts.zip'),
          { ...choices, actionSpace: { kind: 'multi_discrete', nvec: [2, 3, 25] } },
          NOTHING,
        ),
      'action_space.nvec',
    ],
    [
      'a grid',
      () => from(stateDict(SB3), findEnv('MinAtar/Breakout-v1')),
      'MinAtar/Breakout-v1: its observation is a grid',
    ],
    [
      'another activation',
      () => importPolicy(fileOf('ppo_cartpole.zip'), cartPole, { activation: 'relu', stats: null }),
      '--activation: relu, but',
    ],
    [
      'a convolution',
      () => from(stateDict({ ...SB3, 'features_extractor.cnn.0.weight': [8, 1, 3, 3] })),
      '"features_extractor.cnn.0.weight": [8,1,3,3] has no place',
    ],
    [
      'a matrix of four sizes',
      () => from(stateDict({ ...SB3, 'action_net.weight': [2, 6, 1, 1] })),
      'action_net.weight: [2,6,1,1] is not the matrix',
    ],
    ['no bias', () => from(stateDict(without(SB3, 'action_net.bias'))), 'action_net.bias: is missing'],
    [
      'no critic',
      () => from(stateDict(without(without(SB3, 'value_net.weight'), 'value_net.bias'))),
      'no weights of the critic, such as value_net.weight',
    ],
    [
      'shapes that do not meet',
      () => from(stateDict({ ...SB3, 'action_net.weight': [2, 7] })),
      'action_net.weight: [2, 7] takes 7 numbers, but mlp_extractor.policy_net.0 has 6',
    ],
    [
      'too many actions',
      () => from(stateDict({ ...SB3, ...dense('action_net', 3, 6) })),
      'gives 3 numbers, but CartPole-v1 takes 2',
    ],
    [
      'a layer left out',
      () => from(stateDict({ ...SB3, ...dense('mlp_extractor.policy_net.6', 6, 6) })),
      'has weights at 0, 6',
    ],
    [
      'log_std of every state',
      () => from(stateDict({ ...dense('action_net', 1, 3), ...dense('value_net', 1, 3), log_std: [3, 1] }), pendulum),
      'log_std: [3,1] depends on the state',
    ],
    [
      'other names',
      () => from(stateDict({ 'model.0.weight': [2, 2] })),
      'no tensor action_net.weight, actor.0.weight or actor_mean.0.weight, but "model.0.weight"',
    ],
    [
      'a number that is not finite',
      () => from(stateDict(SB3, (t) => ({ ...t, data: (t.data as Float32Array).map(() => Number.NaN) }))),
      'number 0 is NaN',
    ],
    [
      'a policy file',
      () => from(importPolicy(fileOf('ppo_cartpole.zip'), cartPole, NOTHING).file),
      'is a file of ppo-webgpu already',
    ],
    [
      'vec_normalize.pkl',
      () => from(stateDict(SB3), cartPole, { stats: { name: 'vec_normalize.pkl', bytes: Uint8Array.of(0x80, 4) } }),
      'vec_normalize.pkl: is a pickle, which could run any code. Give its statistics as safetensors',
    ],
    [
      'the old format of torch',
      () => importPolicy({ name: 'm.pth', bytes: Uint8Array.of(0x80, 2, 0x8a) }, cartPole, NOTHING),
      'a file of PyTorch before 1.6',
    ],
    [
      'statistics of another size',
      () =>
        importPolicy(fileOf('ppo_cartpole.zip'), cartPole, {
          activation: null,
          stats: fileOf('vec_normalize.safetensors'),
        }),
      'obs_rms.mean: [3], but 4 numbers are wanted',
    ],
    [
      'no statistics',
      () =>
        importPolicy(fileOf('ppo_cartpole.zip'), cartPole, {
          activation: null,
          stats: { name: 's', bytes: stateDict({ 'obs_rms.mean': [4] }) },
        }),
      'has not all of obs_rms.mean',
    ],
    ['another clip', () => from(stateDict({ ...SB3, clip_obs: [1] })), 'clip_obs: 0.'],
    [
      'text',
      () => importPolicy({ name: 'x.zip', bytes: new TextEncoder().encode('not a zip at all') }, cartPole, NOTHING),
      'x.zip',
    ],
  ])('%s', (_, refused, message) => {
    expect(refused).toThrow(message)
    expect(refused).toThrow(expect.objectContaining({ name: 'UsageError', exitCode: 2 }))
  })
})
