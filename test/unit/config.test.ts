import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { findEnv } from '../../envs/registry'
import {
  ConfigError,
  derivedSizes,
  OPTIONS,
  type PpoConfig,
  type PpoOptions,
  PRESETS,
  parseOption,
  presetOptions,
  resolveConfig,
} from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { isSweepKey } from '../../src/options/sweep'

/** Options of any type, as JavaScript callers may give them. */
const resolve = (options: Record<string, unknown>, preset: PpoOptions = {}): PpoConfig =>
  resolveConfig(preset, options as PpoOptions)

describe('resolveConfig', () => {
  test('defaults, then the preset, then the options', () => {
    const defaults = Object.fromEntries(Object.entries(OPTIONS).map(([key, { default: d }]) => [key, d]))
    expect(resolve({})).toEqual({ ...defaults, envParams: {}, sweep: {} })
    const config = resolve({ numEnvs: 16, gamma: undefined }, { numEnvs: 8, numSteps: 32, gamma: 0.5 })
    expect(config).toMatchObject({ numEnvs: 16, numSteps: 32, gamma: 0.5, learningRate: 2.5e-4 })
  })

  test('the result shares nothing with the defaults or the caller', () => {
    const hidden = [8]
    const config = resolve({ hidden })
    hidden.push(9)
    resolve({}).hidden.push(1)
    expect(config.hidden).toEqual([8])
    expect(resolve({}).hidden).toEqual([64, 64])
  })

  test('presets are valid, and CleanRL is CleanRL', () => {
    for (const name of ['default', ...Object.keys(PRESETS)]) {
      expect(() => resolveConfig(presetOptions(cartPole, name), {})).not.toThrow()
    }
    expect(presetOptions(cartPole, 'default')).toBe(cartPole.preset)
    const cleanrl = resolveConfig(presetOptions(cartPole, 'cleanrl'), {})
    expect(cleanrl).toMatchObject({ numEnvs: 4, numSteps: 128, learningRate: 2.5e-4, bootstrapTruncated: false })
    expect(derivedSizes(cleanrl)).toEqual({ batchSize: 512, minibatchSize: 128, numIterations: 976, numUpdates: 16 })
  })

  test('the paper’s preset is openai/baselines’ ppo1 on MuJoCo', () => {
    const paper = resolveConfig(presetOptions(cartPole, 'paper'), {})
    expect(derivedSizes(paper)).toEqual({ batchSize: 2048, minibatchSize: 64, numIterations: 488, numUpdates: 320 })
    expect(paper).toMatchObject({
      ...{ numEnvs: 1, hidden: [64, 64], activation: 'tanh', learningRate: 3e-4, annealLr: true },
      ...{ clipCoef: 0.2, annealClipCoef: true, clipVloss: false, entCoef: 0, gamma: 0.99, gaeLambda: 0.95 },
      ...{ normObs: true, normReward: false, normAdvOver: 'batch', bootstrapTruncated: false },
    })
  })

  test('the bounds themselves, where they are allowed', () => {
    expect(
      resolve({ seed: 0xffffffff, gamma: 0, gaeLambda: 1, learningRate: 0, adamBeta1: 0, hidden: [] }),
    ).toMatchObject({
      seed: 0xffffffff,
      hidden: [],
    })
    expect(resolve({ targetKl: null, vfClipCoef: null })).toMatchObject({ targetKl: null, vfClipCoef: null })
  })
})

const SCALARS = (['integer', 'number'] as const).flatMap((type) =>
  Object.entries(OPTIONS).flatMap(([key, option]) =>
    option.type === type ? [{ key, option: { ...option, type } }] : [],
  ),
)

describe.each(SCALARS)('$key', ({ key, option }) => {
  const kind = option.type === 'integer' ? 'a whole number' : 'a number'
  // Lists and objects are sweeps for options that can be swept (sweep.test.ts).
  const compound = isSweepKey(key) ? [] : [[1], {}]
  const values = [Number.NaN, Infinity, -Infinity, '1', '', true, ...compound, 1n, Symbol('s')]
  test.each(option.nullable ? values : [...values, null])(`%o is not ${kind}`, (value) => {
    expect(() => resolve({ [key]: value })).toThrow(ConfigError)
    expect(() => resolve({ [key]: value })).toThrow(new RegExp(`^config\\.${key}: .* is not ${kind}\\. Use ${kind} `))
  })

  test('outside its range', () => {
    const below = option.exclusiveMin ? option.min : option.min - 1
    const above = option.exclusiveMax ? option.max : option.max + 1
    for (const value of [below, above]) {
      expect(() => resolve({ [key]: value })).toThrow(`config.${key}: ${value} is out of range. Use ${kind} `)
    }
  })

  if (option.type !== 'integer') return
  test('not whole', () => {
    expect(() => resolve({ [key]: 1.5 })).toThrow(`config.${key}: 1.5 is not a whole number. Use a whole number from `)
  })
})

const pendulum = findEnv('Pendulum-v1')
const PENALTY = { algorithm: 'penalty', targetKl: 0.01 }
const ADAPTIVE = { adaptiveLr: true, annealLr: false, desiredKl: 0.01 }

describe('messages', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ numEnvs: -1 }, 'config.numEnvs: -1 is out of range. Use a whole number from 1 to 1048576.'],
    [{ numEnvs: 2.5 }, 'config.numEnvs: 2.5 is not a whole number. Use a whole number from 1 to 1048576.'],
    [{ numEnvs: '8' }, 'config.numEnvs: "8" is not a whole number. Use a whole number from 1 to 1048576.'],
    [{ numEnvs: 8n }, 'config.numEnvs: 8n is not a whole number. Use a whole number from 1 to 1048576.'],
    [{ gamma: Number.NaN }, 'config.gamma: NaN is not a number. Use a number from 0 to 1.'],
    [{ clipCoef: 0 }, 'config.clipCoef: 0 is out of range. Use a number above 0 to 100.'],
    [{ adamBeta1: 1 }, 'config.adamBeta1: 1 is out of range. Use a number from 0 and below 1.'],
    [{ targetKl: 'x' }, 'config.targetKl: "x" is not a number. Use a number above 0 to 1000 or null.'],
    [{ annealLr: 1 }, 'config.annealLr: 1 is not true or false.'],
    [{ annealLr: 'yes' }, 'config.annealLr: "yes" is not true or false.'],
    [{ annealLr: null }, 'config.annealLr: null is not true or false.'],
    [{ activation: 'tan' }, 'config.activation: "tan" is not one of tanh, relu, silu, elu (did you mean "tanh"?).'],
    [{ activation: 7 }, 'config.activation: 7 is not one of tanh, relu, silu, elu.'],
    [{ hidden: 64 }, 'config.hidden: 64 is not a list of at most 16 layer widths. Use for example [64, 64].'],
    [{ hidden: Array(17).fill(1) }, `config.hidden: [${Array(17).fill(1)}] is not a list of at most 16 layer widths.`],
    [{ actorHidden: [64, 0] }, 'config.actorHidden[1]: 0 is out of range. Use a whole number from 1 to 4096.'],
    [{ criticHidden: [null] }, 'config.criticHidden[0]: null is not a whole number.'],
    [{ hidden: null }, 'config.hidden: null is not a list of at most 16 layer widths.'],
    [{ hidden: [64, 0] }, 'config.hidden[1]: 0 is out of range. Use a whole number from 1 to 4096.'],
    [{ hidden: [64.5] }, 'config.hidden[0]: 64.5 is not a whole number. Use a whole number from 1 to 4096.'],
    [{ hidden: ['64'] }, 'config.hidden[0]: "64" is not a whole number. Use a whole number from 1 to 4096.'],
    [{ hidden: Array(2) }, 'config.hidden[0]: undefined is not a whole number. Use a whole number from 1 to 4096.'],
    [
      { learning_rate: 1 },
      'config.learning_rate: there is no option "learning_rate" (did you mean "learningRate"?). Options: seed, ',
    ],
    [{ numEnv: 1 }, 'config.numEnv: there is no option "numEnv" (did you mean "numEnvs"?). Options: seed, '],
    [{ batchNorm: 1 }, 'config.batchNorm: there is no option "batchNorm". Options: seed, '],
    [{ constructor: 1 }, 'config.constructor: there is no option "constructor". Options: seed, '],
    [JSON.parse('{"__proto__": 1}'), 'config.__proto__: there is no option "__proto__". Options: seed, '],
    [
      { numEnvs: 32, numSteps: 128, numMinibatches: 3 },
      'config.numMinibatches: 3 does not divide batchSize 4096 (numEnvs 32 x numSteps 128). Use 1, 2, 4, 8, 16, 32, 64, 128, ...',
    ],
    [
      { numEnvs: 3, numSteps: 2, numMinibatches: 4 },
      'config.numMinibatches: 4 does not divide batchSize 6 (numEnvs 3 x numSteps 2). Use 1, 2, 3, 6.',
    ],
    [
      // Two primes: finding the divisors must not take a search up to batchSize.
      { numEnvs: 1048573, numSteps: 2039, totalTimesteps: 2 ** 40 },
      'config.numMinibatches: 4 does not divide batchSize 2138040347 (numEnvs 1048573 x numSteps 2039). Use 1, 2039, 1048573, 2138040347.',
    ],
    [
      { numEnvs: 2 ** 20, numSteps: 2048 },
      'config.numEnvs: batchSize 2147483648 (numEnvs 1048576 x numSteps 2048) passes 2^31 - 1. Use fewer environments or steps.',
    ],
    [
      { numEnvs: 2, numSteps: 2, numMinibatches: 4 },
      'config.normAdv: a minibatch of 1 sample has no standard deviation (batchSize 4 / numMinibatches 4). Use normAdv false or fewer minibatches.',
    ],
    [
      { numEnvs: 8, numSteps: 128, totalTimesteps: 1000 },
      'config.totalTimesteps: 1000 is less than one batchSize 1024 (numEnvs 8 x numSteps 128). Use at least 1024.',
    ],
    [
      { numEnvs: 1, numSteps: 64, totalTimesteps: 2 ** 33 },
      'config.totalTimesteps: 8589934592 is 8589934592 steps of each environment (numEnvs 1), and the random numbers repeat ' +
        'after 4294967296. Use more environments or at most 4294967232.',
    ],
    [
      { seed: 0xffffffff, numAgents: 2 },
      'config.seed: the last of 2 agents would have seed 4294967296, more than 32 bits hold. Use at most 4294967294.',
    ],
    [
      { sharedTrunk: true, criticHidden: [32, 32] },
      'config.sharedTrunk: actor and critic cannot share hidden layers of [64,64] and [32,32]. Set hidden, and actorHidden ' +
        'and criticHidden null, or sharedTrunk false.',
    ],
    [
      { sharedTrunk: true, hidden: [] },
      'config.sharedTrunk: without hidden layers there is nothing to share. Set hidden, for example [64, 64], or ' +
        'sharedTrunk false.',
    ],
    [{ algorithm: 'penalty' }, 'config.targetKl: penalty mode needs a target KL. Set targetKl, for example 0.01.'],
    [
      { ...PENALTY, annealClipCoef: true },
      'config.annealClipCoef: penalty mode has no clip range. Set annealClipCoef false.',
    ],
    [{ ...PENALTY, dualClip: 3 }, 'config.dualClip: penalty mode does not clip. Set dualClip null.'],
    [{ dualClip: 1 }, 'config.dualClip: 1 is out of range. Use a number above 1 to 1000000.'],
    [
      { normAdv: false, normAdvOver: 'batch' },
      'config.normAdvOver: "batch" says how normAdv normalises, and normAdv is false. Set normAdv true or normAdvOver "minibatch".',
    ],
    [
      { numEnvs: 1, numSteps: 1, numMinibatches: 1, normAdvOver: 'batch' },
      'config.normAdv: a batch of 1 sample has no standard deviation. Use normAdv false or more steps.',
    ],
    [
      { adaptiveLr: true, desiredKl: 0.01 },
      'config.annealLr: the learning rate cannot be annealed and adaptive at once. Set annealLr false or adaptiveLr false.',
    ],
    [
      { adaptiveLr: true, annealLr: false },
      'config.desiredKl: adaptiveLr needs a target KL. Set desiredKl, for example 0.01.',
    ],
    [
      { desiredKl: 0.01 },
      'config.desiredKl: only adaptiveLr uses it. Set adaptiveLr true and annealLr false, or desiredKl null.',
    ],
    [
      { ...ADAPTIVE, learningRate: 0.5 },
      'config.learningRate: 0.5 is outside of the range of adaptiveLr. Use a number from 0.00001 to 0.01.',
    ],
    [
      { ...ADAPTIVE, numAgents: 2, learningRate: [1e-3, 1e-6] },
      'config.learningRate: 0.000001 is outside of the range of adaptiveLr. Use a number from 0.00001 to 0.01.',
    ],
  ])('%o', (options, message) => {
    expect(() => resolve(options)).toThrow(message)
    expect(() => resolve(options)).toThrow(ConfigError)
  })

  test('what the environment cannot have', () => {
    const on = (spec: EnvSpec, options: PpoOptions) => () => resolveConfig({}, options, spec)
    expect(on(cartPole, { logStdInit: -1 })).toThrow(
      'config.logStdInit: -1, but the actions of CartPole-v1 are discrete and have no standard deviation. Leave it out.',
    )
    expect(on(cartPole, { numAgents: 2, logStdInit: [0, -1] })).toThrow('config.logStdInit: -1, but the actions of ')
    expect(on(cartPole, { logStdInit: 0 })).not.toThrow()
    expect(on(pendulum, { numAgents: 2, logStdInit: [0, -1] })).not.toThrow()
    const box = (low: number[], high: number[]): EnvSpec => ({ ...pendulum, actionSpace: { kind: 'box', low, high } })
    expect(on(box([-1, -Infinity], [1, 1]), {})).toThrow(
      'env Pendulum-v1: actionSpace.low[1]: -Infinity is not finite.',
    )
    expect(on(box([-1], [Number.NaN]), {})).toThrow('env Pendulum-v1: actionSpace.high[0]: NaN is not finite.')
    expect(on(box([-1, 2], [1, 2]), {})).toThrow('actionSpace: low [-1,2] is not below high [1,2] in every dimension.')
    expect(on(box([-1, -1], [1]), {})).toThrow('actionSpace: low [-1,-1] is not below high [1] in every dimension.')
  })

  test('a value that JSON cannot show', () => {
    const circular: unknown[] = []
    circular.push(circular)
    expect(() => resolve({ numEnvs: circular })).toThrow('config.numEnvs: [object Array] is not a whole number. Use ')
  })

  test('what a message proposes is accepted', () => {
    expect(() => resolve({ numEnvs: 1, numSteps: 64, totalTimesteps: 4294967232 })).not.toThrow()
    expect(() => resolve({ seed: 4294967294, numAgents: 2 })).not.toThrow()
    expect(() => resolve({ numEnvs: 8, numSteps: 128, totalTimesteps: 1024 })).not.toThrow()
    expect(() => resolve({ numEnvs: 2, numSteps: 2, numMinibatches: 4, normAdv: false })).not.toThrow()
    expect(() => resolve(PENALTY)).not.toThrow()
    expect(() => resolve(ADAPTIVE)).not.toThrow()
    expect(() => resolve({ ...PENALTY, ...ADAPTIVE })).not.toThrow()
    expect(() => resolve({ numEnvs: 2, numSteps: 2, numMinibatches: 4, normAdvOver: 'batch' })).not.toThrow()
  })

  test('a wrong value in a preset is found as well', () => {
    expect(() => resolve({}, { gamma: 2 })).toThrow('config.gamma: 2 is out of range. Use a number from 0 to 1.')
  })

  test.each([
    ['clenrl', 'preset: there is no preset "clenrl" (did you mean "cleanrl"?). Known: default, cleanrl, atari, paper.'],
    ['', 'preset: there is no preset "". Known: default, cleanrl, atari, paper.'],
    ['toString', 'preset: there is no preset "toString". Known: default, cleanrl, atari, paper.'],
  ])('preset %j', (name, message) => {
    expect(() => presetOptions(cartPole, name)).toThrow(message)
  })
})

describe('parseOption', () => {
  test.each<[keyof PpoConfig, string, unknown]>([
    ['numEnvs', '64', 64],
    ['numEnvs', ' 1_000 ', 1000],
    ['numEnvs', '1e3', 1000],
    ['numEnvs', '+8', 8],
    ['numEnvs', '-8', -8],
    ['learningRate', '2.5e-4', 2.5e-4],
    ['learningRate', '.5', 0.5],
    ['learningRate', '1.', 1],
    ['annealLr', 'true', true],
    ['annealLr', 'false', false],
    ['targetKl', 'null', null],
    ['targetKl', 'none', null],
    ['targetKl', '0.01', 0.01],
    ['activation', 'relu', 'relu'],
    ['hidden', '64', [64]],
    ['hidden', '64,32', [64, 32]],
    ['hidden', '64x32', [64, 32]],
    ['hidden', '[64, 32]', [64, 32]],
    ['hidden', ' [] ', []],
    ['hidden', '[ ]', []],
    ['criticHidden', '8,4', [8, 4]],
    ['criticHidden', 'null', null],
  ])('%s=%j', (key, text, value) => {
    expect(parseOption(key, text)).toEqual(value)
  })

  test.each<[keyof PpoConfig, string]>([
    ['numEnvs', ''],
    ['numEnvs', ' '],
    ['numEnvs', '_'],
    ['numEnvs', '_1'],
    ['numEnvs', '1__0'],
    ['numEnvs', '0x10'],
    ['numEnvs', '1 2'],
    ['numEnvs', '1e'],
    ['numEnvs', 'NaN'],
    ['numEnvs', 'Infinity'],
    ['numEnvs', '1e999'],
    ['numEnvs', 'true'],
    ['gamma', 'null'],
    ['gamma', '.'],
    ['annealLr', 'True'],
    ['annealLr', '1'],
    ['annealLr', ''],
    ['activation', 'TANH'],
    ['activation', ''],
    ['hidden', ''],
    ['hidden', '['],
    ['hidden', '64]'],
    ['hidden', '[64'],
    ['hidden', '64,,64'],
    ['hidden', '64,'],
    ['hidden', '[[64]]'],
    ['hidden', 'none'],
  ])('%s=%j is refused by resolveConfig', (key, text) => {
    expect(() => resolve({ [key]: parseOption(key, text) })).toThrow(`config.${key}`)
  })

  test('an unknown option', () => {
    expect(() => parseOption('numSteeps', '1')).toThrow(
      '--set numSteeps: there is no option "numSteeps" (did you mean "numSteps"?). Options: seed, ',
    )
  })

  test('any number that JavaScript prints comes back', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(parseOption('entCoef', String(x))).toBe(Object.is(x, -0) ? 0 : x)
      }),
    )
  })
})
