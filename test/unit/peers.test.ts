/**
 * The parts of `bench --rivals` that need no library: the common trainer, the check, the number of repeats, the
 * install.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { checkRival, expectedSteps, expectedTraining, LIMITS } from '../../harness/peers/check'
import { installPeers, missingPackages, wantedVersions } from '../../harness/peers/install'
import { branchesOf } from '../../harness/peers/page/branches'
import type { PlainState, PlainTensor } from '../../harness/peers/page/main'
import { inverse, permuted, shapeOf } from '../../harness/peers/page/permuted'
import type { Minibatch, Rival } from '../../harness/peers/page/rival'
import { makeTrainer, toMinibatch } from '../../harness/peers/page/train'
import { inWords, rivalOf, runPythonRivals } from '../../harness/peers/python'
import { lackingKernel, lacks } from '../../harness/peers/rivals'
import {
  firstParams,
  isStep,
  named,
  rivalSetting,
  type SizedCase,
  type StepCase,
  stepBatch,
} from '../../harness/peers/setting'
import type { NamedTensor } from '../../src/model/network'
import { FAST_TWINS } from '../../src/reference/fast/twins'
import { type Batch, makeWorkspace } from '../../src/reference/minibatch'
import { mlpForward } from '../../src/reference/mlp'
import { forwardMinibatch, makeLearner, updateMinibatch } from '../../src/reference/update'

const TRAINING: SizedCase = { name: 'cartpole-cleanrl' }
const STEP: SizedCase<StepCase> = { name: 'minibatch-step' }

/** A rival whose library is the CPU reference itself; `wrong` scales its learning rate. */
function referenceRival(sized: SizedCase, wrong = 1): Rival<Batch> {
  const setting = rivalSetting(sized)
  const { layout, hyper } = setting
  const first = firstParams(setting, isStep(sized.name))
  const learner = makeLearner(layout, Float64Array.from(first), FAST_TWINS)
  const { actionDim } = layout.shape
  const own = { ...hyper, normAdv: false, learningRate: hyper.learningRate * wrong }
  let last = { loss: Number.NaN, gradNorm: Number.NaN }
  return {
    async evaluate(obs, rows) {
      const work = makeWorkspace(layout, rows, false)
      const logits = mlpForward(layout.actor, learner.params, obs, rows, work.actor)
      const values = mlpForward(layout.critic, learner.params, obs, rows, work.critic)
      const row = (i: number) => [...logits.subarray(i * 4, i * 4 + actionDim), values[i * 4]]
      return Float32Array.from(Array.from({ length: rows }, (_, i) => row(i)).flat())
    },
    upload: ({ rows, oneHot, ...m }: Minibatch): Batch => ({
      size: rows,
      obs: Float64Array.from(m.obs),
      actions: Float64Array.from({ length: rows }, (_, i) => oneHot.indexOf(1, i * actionDim) - i * actionDim),
      logprobs: Float64Array.from(m.logprobs),
      values: Float64Array.from(m.values),
      advantages: Float64Array.from(m.advantages),
      returns: Float64Array.from(m.returns),
      oldOut: null,
      oldOwn: null,
      masks: null,
    }),
    release: () => {},
    step(data) {
      const all = Uint32Array.from({ length: data.size }, (_, i) => i)
      const { stats, gradNorm } = updateMinibatch(learner, data, all, own, makeWorkspace(layout, data.size, false))
      last = { loss: stats.loss, gradNorm: gradNorm! }
    },
    settle: async () => last,
    async state() {
      const tensors = (padded: ArrayLike<number>) => named(layout, Float64Array.from(padded))
      return { params: tensors(learner.params), m: tensors(learner.adam.m), v: tensors(learner.adam.v) }
    },
  }
}

const plain = async (rival: Rival<Batch>): Promise<PlainState> => {
  const list = (tensors: NamedTensor[]) => tensors.map(({ name, data }) => [name, data] as PlainTensor)
  const { params, m, v } = await rival.state()
  return { params: list(params), m: list(m), v: list(v) }
}

describe('the trainer that all rivals share', () => {
  const setting = rivalSetting(TRAINING)
  const updates = setting.config.updateEpochs * setting.config.numMinibatches

  async function train(iterations: number, wrong?: number) {
    const rival = referenceRival(TRAINING, wrong)
    const iterate = makeTrainer(rival as Rival, setting)
    let last = await iterate()
    for (let i = 1; i < iterations; i++) last = await iterate()
    return { last, state: await plain(rival) }
  }

  it('trains as the reference does', async () => {
    const { last, state } = await train(2)
    const worst = checkRival('a rival', TRAINING, { ...last, state }, expectedTraining(2), 2 * updates)
    expect(worst).toBeLessThan(0.1)
    expect(last.episodes.episodes).toBeGreaterThan(0)
  })

  it('control: another learning rate does not pass the check', async () => {
    const { last, state } = await train(1, 1.5)
    expect(() => checkRival('a rival', TRAINING, { ...last, state }, expectedTraining(1), updates)).toThrow(
      /rivals: a rival, cartpole-cleanrl: .* the CPU reference has .* so it is not timed/,
    )
  })
})

describe('the check of an optimiser step', () => {
  const expected = expectedSteps(STEP, 3)
  const check = (change: (copy: typeof expected) => void): number => {
    const copy = structuredClone(expected)
    change(copy)
    return checkRival('a rival', STEP, copy, expected, 3)
  }

  it('takes the same numbers', () => expect(check(() => {})).toBe(0))

  it('takes a rival whose steps are those of the reference on f32 data', async () => {
    const { layout, minibatchSize } = rivalSetting(STEP)
    const rival = referenceRival(STEP)
    const data = rival.upload(toMinibatch(stepBatch(layout, minibatchSize), layout.shape.actionDim))
    for (let i = 0; i < 3; i++) await rival.step(data)
    const got = { ...(await rival.settle()), state: await plain(rival) }
    expect(checkRival('a rival', STEP, got, expected, 3)).toBeLessThan(0.01)
  })

  const largest = (numbers: Iterable<number>): number => Math.max(...Array.from(numbers, Math.abs))
  test.each(['m', 'v'] as const)('control: %s beyond its limit', (part) => {
    const change = (copy: typeof expected) => {
      const [, numbers] = copy.state[part][0]
      numbers[7] += 2 * LIMITS[part] * largest(numbers)
    }
    expect(() => check(change)).toThrow(new RegExp(`${part} of actor\\.0\\.weight\\[7\\] is`))
  })

  test.each<[string, (copy: typeof expected) => void]>([
    ['the loss', (copy) => void (copy.loss *= 1.001)],
    ['the loss', (copy) => void (copy.loss = Number.NaN)],
    ['the norm of the gradient', (copy) => void (copy.gradNorm *= 1.001)],
    ['params of critic.2.bias[0]', (copy) => void (copy.state.params.at(-1)![1][0] += 1e-4)],
    ['params of actor.0.weight[0]', (copy) => void (copy.state.params[0][1][0] = Number.NaN)],
    ['v of critic.2.bias is missing', (copy) => void copy.state.v.pop()],
    [
      'm of actor.0.weight is missing or has another size',
      (copy) => void (copy.state.m[0][1] = copy.state.m[0][1].subarray(1)),
    ],
  ])('control: %s', (what, change) => {
    expect(() => check(change)).toThrow(`rivals: a rival, minibatch-step: ${what}`)
  })

  it('is made on data that meet every branch of the loss', () => {
    const setting = rivalSetting(STEP)
    const { layout, hyper, minibatchSize: rows } = setting
    expect(rows).toBe(2048)
    const learner = makeLearner(layout, Float64Array.from(firstParams(setting, true)))
    const batch = stepBatch(layout, rows)
    const work = makeWorkspace(layout, rows, false)
    const all = Uint32Array.from({ length: rows }, (_, i) => i)
    const { situations } = forwardMinibatch(learner, batch, all, { ...hyper, normAdv: false }, work)
    expect(Math.min(...situations)).toBeGreaterThan(50)
    // A value's derivative is 0 if the clipped error is the larger one.
    const stopped = all.filter((i) => work.loss.dLossDValue[i * 4] === 0).length
    expect(stopped).toBeGreaterThan(50)
    expect(stopped).toBeLessThan(rows - 50)
    // The global norm is clipped too.
    expect(expected.gradNorm).toBeGreaterThan(hyper.maxGradNorm)
  })
})

describe.each<StepCase>(['minatar-step', 'nature-cnn'])('%s', (name) => {
  const sized = { name, software: true }
  const setting = rivalSetting(sized)
  const { layout, minibatchSize } = setting

  it('has the size of the bench on a software adapter, and of its own on hardware', () => {
    const rows = { 'minatar-step': [256, 1024], 'nature-cnn': [16, 256], 'minibatch-step': [] }[name]
    expect([minibatchSize, rivalSetting({ name }).minibatchSize]).toEqual(rows)
  })

  it('takes a rival whose step is that of the reference on f32 data; control: not with one weight elsewhere', async () => {
    const expected = expectedSteps(sized, 1)
    const rival = referenceRival(sized)
    await rival.step(rival.upload(toMinibatch(stepBatch(layout, minibatchSize), layout.shape.actionDim)))
    const got = { ...(await rival.settle()), state: await plain(rival) }
    expect(checkRival('a rival', sized, got, expected, 1)).toBeLessThan(0.02)
    got.state.params[0][1][5] += 0.02 * setting.config.learningRate
    expect(() => checkRival('a rival', sized, got, expected, 1)).toThrow(
      `rivals: a rival, ${name}: params of trunk.0.weight[5] is`,
    )
  }, 60_000) // of 1.7 million weights, orthogonal at first

  it('observes bits or bytes as the network sees them', () => {
    const { obs } = stepBatch(layout, 4)
    const steps = name === 'nature-cnn' ? 255 : 1
    expect(obs.every((x) => Number.isInteger(x * steps) || Math.abs(x * steps - Math.round(x * steps)) < 1e-4)).toBe(
      true,
    )
    expect(new Set(obs).size).toBe(steps + 1)
  })

  it('has a trunk and two heads', () => {
    const { trunk, actor, critic, inputShape } = branchesOf(layout)
    expect(trunk.map((layer) => layer.kind)).toEqual(
      name === 'nature-cnn' ? ['conv', 'conv', 'conv', 'dense'] : ['conv', 'dense'],
    )
    expect([actor, critic].map((layers) => layers.map((layer) => layer.name))).toEqual([['actor.0'], ['critic.0']])
    expect(inputShape).toEqual(name === 'nature-cnn' ? [84, 84, 4] : [10, 10, 4])
  })
})

test('a network without a trunk, and one that the libraries do not have', () => {
  const { layout } = rivalSetting(STEP)
  const { trunk, actor, critic, inputShape } = branchesOf(layout)
  expect([trunk.length, actor.length, critic.length, inputShape]).toEqual([0, 3, 3, [4]])
  const pool = { ...layout.actor[0], kind: 'pool' } as unknown as (typeof layout.actor)[0]
  expect(() => branchesOf({ ...layout, actor: [pool] })).toThrow('actor.0 is a pool; they have dense layers')
})

test('axes in another order, and back', () => {
  expect([...permuted([1, 2, 3, 4, 5, 6], [2, 3], [1, 0])]).toEqual([1, 4, 2, 5, 3, 6])
  expect([...permuted([1, 2, 3], [3], [0])]).toEqual([1, 2, 3])
  const [shape, axes] = [
    [2, 3, 4, 5],
    [2, 3, 1, 0],
  ]
  const data = Float32Array.from({ length: 120 }, (_, i) => i)
  const moved = permuted(data, shape, axes)
  expect(shapeOf(shape, axes)).toEqual([4, 5, 3, 2])
  // [1][2][3][4] is now [3][4][2][1].
  expect(moved[((3 * 5 + 4) * 3 + 2) * 2 + 1]).toBe(data[((1 * 3 + 2) * 4 + 3) * 5 + 4])
  expect(permuted(moved, shapeOf(shape, axes), inverse(axes))).toEqual(data)
})

test('a backend that lacks a gradient is said to', () => {
  const kernel = lackingKernel("Error: Kernel 'Conv2DBackpropFilter' not registered for backend 'wasm'\n    at x")
  expect(kernel).toBe('Conv2DBackpropFilter')
  expect(lacks(kernel!)).toBe('it has no gradient of conv2d: no kernel Conv2DBackpropFilter')
  expect(lacks('Other')).toBe('it has no such operation: no kernel Other')
  expect(lackingKernel('the device was lost')).toBe(null)
})

describe('the install', () => {
  const folders: string[] = []
  const path = process.env.PATH
  afterEach(() => {
    process.env.PATH = path
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
  })

  /** A folder that requires `wanted` and has `installed`. */
  function folderWith(wanted: Record<string, string>, installed: Record<string, string>): string {
    const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-peers-'))
    folders.push(folder)
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: wanted }))
    for (const [name, version] of Object.entries(installed)) {
      mkdirSync(join(folder, 'node_modules', name), { recursive: true })
      writeFileSync(join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ version }))
    }
    return folder
  }

  it('notices what is missing or has another version', () => {
    const wanted = { here: '1.0.0', '@some/old': '2.0.0', gone: '3.0.0' }
    const folder = folderWith(wanted, { here: '1.0.0', '@some/old': '1.9.0' })
    expect(missingPackages(folder, wanted)).toEqual(['@some/old', 'gone'])
  })

  it('pins every library to one version', () => {
    const versions = Object.values(wantedVersions(join(import.meta.dirname, '../../harness/peers')))
    expect(versions.length).toBeGreaterThan(0)
    for (const version of versions) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it('does nothing when all is there', async () => {
    const said: string[] = []
    const folder = folderWith({ here: '1.0.0' }, { here: '1.0.0' })
    expect(await installPeers((line) => said.push(line), folder)).toEqual({ here: '1.0.0' })
    expect(said).toEqual([])
  })

  it('says what it does, what failed and what to do', async () => {
    const said: string[] = []
    const folder = folderWith({ gone: '1.0.0' }, {})
    process.env.PATH = ''
    await expect(installPeers((line) => said.push(line), folder)).rejects.toThrow(
      /^--rivals: npm could not install gone\. Run `npm install --prefix .*` by hand .*\nnpm did not start: /s,
    )
    expect(said.join()).toContain('gone 1.0.0')
  })

  it('needs a checkout', () => {
    expect(() => wantedVersions(join(tmpdir(), 'nowhere-at-all'))).toThrow(/^--rivals: .* from a checkout/)
  })
})

describe('a Python rival', () => {
  const printed = {
    ...{ library: 'jax', version: '0.10.2', device: 'cpu', python: '3.11.7', importSeconds: 2, compileSeconds: 4 },
    ...{ firstUpdateSeconds: 4.2, seconds: [1, 2, 1], units: 100, solvedSeconds: null, solvedSteps: 500_224 },
  }

  it('is a row of the bench with its own name, and a record of what the row has no place for', () => {
    const { row, rival } = rivalOf(printed, 'XLA')
    expect(row).toMatchObject({ case: 'cartpole-cleanrl', who: 'jax 0.10.2', plan: 'XLA', sps: 51_200, repeats: 3 })
    expect(row.adapter).toBe('cpu, Python 3.11.7')
    expect(rival).toEqual({
      ...{ who: 'jax 0.10.2', device: 'cpu', python: '3.11.7', importSeconds: 2, compileSeconds: 4, sps: 51_200 },
      ...{ solvedSeconds: null, solvedSteps: 500_224 },
    })
    expect(inWords(rival)).toContain('was not reached in 500224 steps')
    expect(inWords({ ...rival, solvedSeconds: 3 })).toContain('mean return 475 after 3.0 s')
  })

  it('is skipped where there is no such Python, with what to do', () => {
    vi.stubEnv('PPO_WEBGPU_PYTHON', '/no/such/python')
    const said: string[] = []
    const { rows, skipped } = runPythonRivals({ repeats: 1, repeatSeconds: 0.1 }, (line) => said.push(line))
    vi.unstubAllEnvs()
    expect(rows).toEqual([])
    expect(skipped.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('Install stable-baselines3 there'),
      expect.stringContaining('Install jax gymnax six there'),
    ])
    expect(said.filter((line) => line.includes('/no/such/python'))).toHaveLength(4)
  })
})
