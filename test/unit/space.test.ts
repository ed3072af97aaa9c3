import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { MOST_DIMENSIONS, sobolAxis } from '../../harness/sweep/sobol'
import { type Method, makeTrials, parseSpace, type Space, trialConfig, trialOptions } from '../../harness/sweep/space'
import { parseOption, resolveConfig } from '../../src/config/config'
import { parseParam } from '../../src/config/params'
import type { EnvSpec } from '../../src/env/contract'

const spec: EnvSpec = {
  ...cartPole,
  params: {
    gravity: { default: 9.8, min: 0, max: 20, help: '' },
    windy: { default: false, help: '' },
  },
}
const space = (...set: string[]): Space => parseSpace({ set, envSet: [] }, spec)
const trialsOf = (from: Space, trials: number | undefined, method: Method = 'random', seed = 1) =>
  makeTrials(from, { trials, method, seed })
const column = (from: Space, name: string, trials = 4000, method: Method = 'random') =>
  trialsOf(from, trials, method).map(({ values }) => values[name])
const only = (text: string) => space(text).axes[0]

describe('forms', () => {
  test.each([
    ['learningRate=log(1e-4,1e-2,3)', 'grid', 'log', [1e-4, 1e-3, 1e-2]],
    ['entCoef=lin(0,1,3)', 'grid', 'linear', [0, 0.5, 1]],
    ['numSteps=log(32,256,4)', 'grid', 'log', [32, 64, 128, 256]],
    ['seed=range(7,10)', 'grid', 'linear', [7, 8, 9]],
    ['gamma=[0.9, 0.99]', 'grid', 'choices', [0.9, 0.99]],
    ['targetKl=choice(null,0.01)', 'draw', 'choices', [null, 0.01]],
    ['normAdv=choice(true,false)', 'draw', 'choices', [true, false]],
    ['activation=[tanh,relu]', 'grid', 'choices', ['tanh', 'relu']],
    ['hidden=choice([64,64],[128],32x16)', 'draw', 'choices', [[64, 64], [128], [32, 16]]],
    ['hidden=[[64,64],[128]]', 'grid', 'choices', [[64, 64], [128]]],
    ['network=choice(mlp,[conv(16,3),relu,flatten])', 'draw', 'choices', ['mlp', 'conv(16,3),relu,flatten']],
  ])('%s', (text, kind, scale, values) => {
    const axis = only(text)
    expect(axis).toMatchObject({ name: text.split('=')[0], form: text.slice(text.indexOf('=') + 1), kind, scale })
    expect(axis.values).toHaveLength(values.length)
    for (const [i, value] of axis.values!.entries()) {
      if (typeof value === 'number') expect(value).toBeCloseTo(values[i] as number, 12)
      else expect(value).toEqual(values[i])
    }
  })

  test('one value is for all trials, also a list of widths; what a sweep decides itself is there', () => {
    const { fixed, axes } = parseSpace({ set: ['hidden=[64,64]', 'gamma=0.9'], envSet: ['gravity=5'] }, spec)
    expect(axes).toEqual([])
    expect(fixed).toEqual({
      ...{ hidden: [64, 64], gamma: 0.9, envParams: { gravity: 5 } },
      ...{ numAgents: 1, stopWhenSolved: false, evalEvery: 0 },
    })
  })

  test('uniform of a parameter is drawn for each episode, the other forms are searched', () => {
    const fixed = parseSpace({ set: [], envSet: ['gravity=uniform(5,15)', 'windy=choice(true,false)'] }, spec)
    expect(fixed.fixed.envParams).toEqual({ gravity: { uniform: [5, 15] } })
    expect(fixed.axes.map(({ name }) => name)).toEqual(['env.windy'])
    const { axes } = parseSpace({ set: [], envSet: ['gravity=loguniform(5,15)'] }, spec)
    expect(axes[0]).toMatchObject({ name: 'env.gravity', kind: 'draw', scale: 'log', bounds: [5, 15] })
  })
})

test.each([
  [
    'learningRate=log(1e-4,1e-2)',
    /learningRate=log\(1e-4,1e-2\): says no number of values\. Write log\(0\.0001,0\.01,5\)/,
  ],
  ['learningRate=log(0,1,3)', /learningRate=log\(0,1,3\): has a bound that is not above 0\. Use lin/],
  ['learningRate=loguniform(0,1)', /not above 0\. Use uniform/],
  ['learningRate=uniform(1,0.5)', /1 is not below 0\.5\. Write uniform\(a,b\), a below b/],
  ['learningRate=uniform(1,50)', /learningRate=uniform\(1,50\): 50 is out of range/],
  ['learningRate=uniform(1)', /has 1 numbers\. Write uniform\(a,b\)/],
  ['learningRate=uniform(1,2,3)', /has 3 numbers\. Write uniform/],
  ['learningRate=lin(0,1,0)', /lin\(0,1,0\): 0 is out of range/],
  ['learningRate=choice(1e-3,fast)', /choice\(1e-3,fast\): "fast" is not a number/],
  ['learningRate=choice()', /choice\(\): "" is not a number/],
  ['entCoef=choice(0,0.0)', /has 0 twice/],
  ['numSteps=choice(64,64.5)', /64\.5 is not a whole number/],
  ['numSteps=log(2,4,9)', /has 2 twice/],
  ['activation=uniform(0,1)', /uniform is for numbers\. Use choice/],
  ['activation=choice(tanh,rely)', /"rely" is not one of .*did you mean "relu"/],
  ['hidden=choice([64,64],[0])', /hidden=choice\(\[64,64\],\[0\]\)\[0\]: 0 is out of range/],
  ['seed=range(0,4000000000)', /is not a list of whole numbers, at most 1000000/],
  ['learningRate=normal(0,1)', /learningRate=normal\(0,1\): there is no form "normal"\. Use one of log\(a,b,n\)/],
  ['learningRate=LogUniform(1,2)', /there is no form "LogUniform" \(did you mean "loguniform"\?\)/],
  ['activation=choise(tanh,relu)', /there is no form "choise" \(did you mean "choice"\?\)/],
  ['learningRate=loguniform(1e-4,1e-2', /loguniform\(1e-4,1e-2: its brackets are not closed/],
  ['learningRate=[1,2', /learningRate=\[1,2: its brackets are not closed/],
  ['numAgents=choice(1,2)', /a trial is one agent.*--trials/],
  ['numAgents=4', /a trial is one agent/],
  ['totalTimesteps=choice(1000,2000)', /compared after the same timesteps/],
  ['stopWhenSolved=true', /compared after the same timesteps/],
  ['learningrat=choice(1,2)', /there is no option "learningrat".*learningRate/],
  ['gamma', /--set: "gamma" is not KEY=VALUE, such as --set learningRate=loguniform\(1e-4,1e-2\)/],
])('--set %s is refused', (text, message) => {
  expect(() => space(text)).toThrow(message)
})

test.each([
  ['grav=[1,2]', /has no parameter "grav"/],
  ['gravity=[1,30]', /--env-set gravity=\[1,30\]: 30 is out of range/],
  ['windy=lin(0,1,2)', /lin is for numbers/],
  ['gravity=choise(1,2)', /--env-set gravity=choise\(1,2\): there is no form "choise"/],
  ['gravity=uniform(1,2', /its brackets are not closed/],
])('--env-set %s is refused', (text, message) => {
  expect(() => parseSpace({ set: [], envSet: [text] }, spec)).toThrow(message)
})

test('one run takes no draws, and says what does', () => {
  const message = /is drawn for each trial of a sweep, and this is one run\. Use npm run sweep/
  expect(() => parseOption('learningRate', 'loguniform(1e-4,1e-2)')).toThrow(message)
  expect(() => parseOption('numSteps', 'choice(64,128)')).toThrow(message)
  expect(() => parseParam('--env-set gravity', 'gravity', 'choice(1,2)', spec)).toThrow(message)
  expect(() => resolveConfig({}, { learningRate: { uniform: [0, 1] } as never })).toThrow(message)
})

test("a population's grid may say its number of values, which is numAgents", () => {
  const options = { numAgents: 3, entCoef: parseOption('entCoef', 'lin(0,1,3)') as never }
  expect(resolveConfig({}, options).sweep.entCoef).toEqual([0, 0.5, 1])
  expect(() => resolveConfig({}, { ...options, numAgents: 4 })).toThrow(/has n 3 for numAgents 4/)
})

describe('draws', () => {
  test('uniform: mean and spread of what is uniform, inside the bounds', () => {
    const drawn = column(space('gamma=uniform(0.5,0.9)'), 'gamma') as number[]
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0.5)
    expect(Math.max(...drawn)).toBeLessThanOrEqual(0.9)
    const mean = drawn.reduce((sum, v) => sum + v, 0) / drawn.length
    const variance = drawn.reduce((sum, v) => sum + (v - mean) ** 2, 0) / drawn.length
    // Standard errors with 4,000 draws: 0.0018 and 1.9e-4; the limits are four of them.
    expect(Math.abs(mean - 0.7)).toBeLessThan(0.0073)
    expect(Math.abs(variance - 0.4 ** 2 / 12)).toBeLessThan(7.6e-4)
  })

  test('loguniform: as many in each decade', () => {
    const drawn = column(space('learningRate=loguniform(1e-4,1e-2)'), 'learningRate') as number[]
    expect(drawn.every((rate) => rate >= 1e-4 && rate <= 1e-2)).toBe(true)
    expect(Math.abs(drawn.filter((rate) => rate < 1e-3).length / drawn.length - 0.5)).toBeLessThan(0.032)
  })

  test('whole numbers and choices: each as often, the first and the last too', () => {
    for (const text of ['updateEpochs=uniform(1,4)', 'updateEpochs=choice(1,2,3,4)']) {
      const drawn = column(space(text), 'updateEpochs') as number[]
      for (const n of [1, 2, 3, 4]) {
        expect(Math.abs(drawn.filter((value) => value === n).length / drawn.length - 0.25)).toBeLessThan(0.028)
      }
      expect(new Set(drawn).size).toBe(4)
    }
  })

  const both = space('learningRate=loguniform(1e-4,1e-2)', 'entCoef=choice(0,0.01)', 'gamma=[0.9,0.99]')

  test.each(['random', 'sobol'] as const)('%s: more trials change none of the earlier ones', (method) => {
    const many = trialsOf(both, 64, method, 7)
    expect(many.slice(0, 10)).toEqual(trialsOf(both, 10, method, 7))
    expect(new Set(many.map(({ values }) => values.learningRate)).size).toBe(64)
    expect(many.map(({ values }) => values.learningRate)).not.toEqual(
      trialsOf(both, 64, method, 8).map(({ values }) => values.learningRate),
    )
  })

  test('seeds count on from the given one, as 32 bits; a searched seed is the seed', () => {
    expect(trialsOf(both, 3, 'random', 2 ** 32 - 2).map(({ seed }) => seed)).toEqual([4294967294, 4294967295, 0])
    const trials = trialsOf(space('seed=[5,9]'), undefined, 'grid')
    expect(trials.map(({ seed, values }) => [seed, values.seed])).toEqual([
      [5, 5],
      [9, 9],
    ])
  })
})

describe('the grid', () => {
  const grid = space('gamma=[0.9,0.99]', 'learningRate=loguniform(1e-4,1e-2)', 'entCoef=lin(0,1,3)')

  test('is all combinations, the last changing fastest, with a draw for each', () => {
    const trials = trialsOf(grid, undefined, 'grid')
    expect(trials.map(({ values }) => [values.gamma, values.entCoef])).toEqual(
      [0.9, 0.99].flatMap((gamma) => [0, 0.5, 1].map((entCoef) => [gamma, entCoef])),
    )
    expect(new Set(trials.map(({ values }) => values.learningRate)).size).toBe(6)
    expect(trialsOf(grid, 6, 'grid')).toEqual(trials)
  })

  test('another number of trials is refused, with its own', () => {
    expect(() => trialsOf(grid, 64, 'grid')).toThrow(
      '--trials: 64, and the grid has 6 points (gamma 2 x entCoef 3). Leave --trials out, or use --method random.',
    )
    expect(() => trialsOf(space('gamma=uniform(0,1)'), 4, 'grid')).toThrow('no option has a grid')
    expect(() => trialsOf(grid, 0)).toThrow('--trials: 0 is not a number of trials')
    expect(() => trialsOf(grid, undefined)).toThrow('--trials')
  })
})

describe('Sobol points', () => {
  // scipy 1.x: (16 * qmc.Sobol(21, scramble=False).random(12)).astype(int), and one point further on.
  const FIRST = [
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8],
    [12, 4, 4, 4, 12, 12, 4, 12, 12, 12, 12, 12, 4, 4, 12, 4, 12, 4, 12, 4, 4],
    [4, 12, 12, 12, 4, 4, 12, 4, 4, 4, 4, 4, 12, 12, 4, 12, 4, 12, 4, 12, 12],
    [6, 6, 10, 14, 6, 2, 6, 14, 14, 10, 14, 6, 6, 10, 6, 14, 6, 14, 14, 2, 2],
    [14, 14, 2, 6, 14, 10, 14, 6, 6, 2, 6, 14, 14, 2, 14, 6, 14, 6, 6, 10, 10],
    [10, 2, 14, 10, 10, 14, 2, 2, 2, 6, 2, 10, 2, 14, 10, 10, 10, 10, 2, 6, 6],
    [2, 10, 6, 2, 2, 6, 10, 10, 10, 14, 10, 2, 10, 6, 2, 2, 2, 2, 10, 14, 14],
    [3, 5, 15, 7, 9, 5, 7, 15, 15, 5, 11, 1, 15, 15, 13, 15, 13, 13, 15, 5, 3],
    [11, 13, 7, 15, 1, 13, 15, 7, 7, 13, 3, 9, 7, 7, 5, 7, 5, 5, 7, 13, 11],
    [15, 1, 11, 3, 5, 9, 3, 3, 3, 9, 7, 13, 11, 11, 1, 11, 1, 9, 3, 1, 7],
    [7, 9, 3, 11, 13, 1, 11, 11, 11, 1, 15, 5, 3, 3, 9, 3, 9, 1, 11, 9, 15],
  ]
  const POINT_1000 = [
    ...[0.2197265625, 0.0966796875, 0.5185546875, 0.6767578125, 0.2802734375, 0.9072265625, 0.0458984375],
    ...[0.8994140625, 0.5009765625, 0.0693359375, 0.0849609375, 0.2548828125, 0.1611328125, 0.3837890625],
    ...[0.1435546875, 0.3701171875, 0.7197265625, 0.3447265625, 0.9912109375, 0.7255859375, 0.5224609375],
  ]
  const axes = (shift = 0) => Array.from({ length: MOST_DIMENSIONS }, (_, d) => sobolAxis(d, shift))

  test("are scipy's", () => {
    expect(FIRST.map((_, i) => axes().map((axis) => axis(i) * 16))).toEqual(FIRST)
    expect(axes().map((axis) => axis(1000))).toEqual(POINT_1000)
  })

  test('shifted: each of 64 intervals still has one of 64 points, on every axis', () => {
    for (const axis of axes(0x9e3779b9)) {
      expect(axis(0)).not.toBe(0)
      const intervals = Array.from({ length: 64 }, (_, i) => Math.floor(axis(i) * 64))
      expect(new Set(intervals).size).toBe(64)
    }
  })

  test('a sweep by them has as many values in each part; more options than there are points for are refused', () => {
    const drawn = column(space('gamma=uniform(0,1)'), 'gamma', 16, 'sobol') as number[]
    expect(new Set(drawn.map((v) => Math.floor(v * 16))).size).toBe(16)
    const {
      axes: [axis],
    } = space('gamma=uniform(0,1)')
    const many = { fixed: {}, axes: Array.from({ length: MOST_DIMENSIONS + 1 }, () => axis) }
    expect(() => trialsOf(many, 2, 'sobol')).toThrow(
      '22 options are searched, and there are Sobol points for at most 21',
    )
  })
})

describe('the configuration of a trial', () => {
  const from = parseSpace(
    { set: ['numSteps=choice(64,128)', 'vfCoef=0.7'], envSet: ['gravity=[5,6]', 'windy=true'] },
    spec,
  )

  test('has its values, the fixed ones and the preset', () => {
    const [trial] = trialsOf(from, 1)
    expect(trialOptions(trial)).toEqual({
      ...{ seed: 1, numSteps: trial.values.numSteps, envParams: { gravity: trial.values['env.gravity'] } },
    })
    const config = trialConfig(trial, from, { stopWhenSolved: true, totalTimesteps: 5000 }, spec)
    expect(config).toMatchObject({
      ...{ vfCoef: 0.7, stopWhenSolved: false, totalTimesteps: 5000, numAgents: 1, seed: 1 },
      ...{ numSteps: trial.values.numSteps, envParams: { gravity: trial.values['env.gravity'], windy: true } },
    })
  })

  test('with values that do not go together names the trial', () => {
    const wrong = space('numMinibatches=[7,8]')
    expect(() => trialConfig(trialsOf(wrong, undefined, 'grid')[0], wrong, {}, spec)).toThrow(
      /trial 0, \{"numMinibatches":7\}: config\.numMinibatches: 7 does not divide/,
    )
  })
})
