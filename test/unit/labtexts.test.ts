/** What the lab says: names, explanations, messages, marks, bands, and the form of a population. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { ENVS, findEnv } from '../../envs/registry'
import { resolveChoice } from '../../src/lab/choice'
import { explanationOf, symbolsOf } from '../../src/lab/explanations'
import { limitsOf } from '../../src/lab/limits'
import { readLink, writeLink } from '../../src/lab/link'
import { plainName, plainParam } from '../../src/lab/names'
import { COLUMNS, History } from '../../src/lab/series'
import { commandOf, FIRST_FORM, formOf, optionsOf, type SweepForm, withKey } from '../../src/lab/sweepform'
import { summarise } from '../../src/lab/worker/summary'
import type { MetricsRow } from '../../src/metrics'
import { METRICS } from '../../src/metrics/meanings'
import { OPTION_NAMES, type PpoOptions, SWEEPABLE } from '../../src/options/options'

describe('names in plain words', () => {
  it.each([
    ['learningRate', 'learning rate'],
    ['numEnvs', 'number of environments'],
    ['gaeLambda', 'GAE lambda'],
    ['normObs', 'normalise observations'],
    ['maxGradNorm', 'largest gradient norm'],
    ['gamma', 'discount factor'],
  ])('%s: %s', (name, plain) => {
    expect(plainName(name)).toBe(plain)
  })

  it('every option has its own, without capitals inside of words', () => {
    const names = OPTION_NAMES.map(plainName)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter((name) => /[a-z][A-Z]|_/.test(name))).toEqual([])
  })

  it('parameters of environments are only taken apart', () => {
    expect(plainParam('forwardRewardWeight')).toBe('forward reward weight')
  })
})

describe('explanations', () => {
  const charted = COLUMNS.filter((name) => explanationOf(name))

  it('every chart, fact and panel that can be pressed has a paragraph and an equation', () => {
    expect(charted.length).toBeGreaterThan(10)
    for (const name of [...charted, 'fps', 'submit', 'timesteps', 'iteration', 'value', 'action', 'objective']) {
      const { title, text, equation } = explanationOf(name)!
      expect(title, name).not.toBe('')
      expect(text.length, name).toBeGreaterThan(80)
      if (name !== 'learningRate') expect(equation, name).toBeTruthy()
      expect(text + (equation ?? ''), name).not.toMatch(/`|\]\(/)
    }
    for (const name of ['state', 'seed', 'adapter', 'observation', 'population'])
      expect(explanationOf(name)).toBeDefined()
  })

  it('those of metrics are the texts of docs/metrics.md', () => {
    expect(explanationOf('entropy')!.equation).toBe(METRICS.entropy.equation)
    expect(explanationOf('entropy')!.source).toBe(
      'Schulman et al. 2017, Proximal Policy Optimization Algorithms, eq. 9',
    )
  })

  it('nothing else has one', () => {
    expect(explanationOf('constructor')).toBeUndefined()
    expect(explanationOf('')).toBeUndefined()
  })

  it('explains the symbols of an equation, and no letters of its words', () => {
    expect(symbolsOf('mean((r - 1) - ln r)').map(([symbol]) => symbol)).toEqual(['r'])
    expect(symbolsOf('1 - var(R - v_old) / var(R)').map(([symbol]) => symbol)).toEqual(['R', 'v_old'])
    expect(symbolsOf('iteration x batchSize')).toEqual([])
  })
})

describe('a band', () => {
  const row = (part: Partial<MetricsRow>) =>
    ({
      ...Object.fromEntries(Object.keys(METRICS).map((name) => [name, 0])),
      ...{ situations: [0, 0, 0, 0, 0, 0], episodes: 3, status: 'running' },
      ...part,
    }) as MetricsRow

  it('is inside of what episodes had', () => {
    const returns = { returnMean: 10, returnStd: 20, returnMin: 9, returnMax: 60 }
    const { series } = summarise([row({ ...returns, lengthMean: 490, lengthStd: 40, lengthMin: 300, lengthMax: 500 })])!
    expect(series.returnMean).toEqual({ mean: 10, low: 9, high: 30 })
    expect(series.lengthMean).toEqual({ mean: 490, low: 450, high: 500 })
  })

  it('whatever the episodes were', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(lengths, (all) => {
        const mean = all.reduce((a, b) => a + b, 0) / all.length
        const std = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length)
        const [lengthMin, lengthMax] = [Math.min(...all.slice(0, 20)), Math.max(...all.slice(0, 20))]
        const { series } = summarise([row({ lengthMean: Math.fround(mean), lengthStd: std, lengthMin, lengthMax })])!
        const { low, high } = series.lengthMean!
        expect(low).toBeGreaterThanOrEqual(lengthMin)
        expect(high).toBeLessThanOrEqual(lengthMax)
        expect(low).toBeLessThanOrEqual(high)
      }),
    )
  })

  test.each([
    ['CartPole-v1', 'lengthMean', [0, 500]],
    ['CartPole-v1', 'entropy', [0, Math.log(2)]],
    ['Pendulum-v1', 'entropy', [null, null]],
    ['CartPole-v1', 'clipfrac', [0, 1]],
    ['CartPole-v1', 'explainedVariance', [null, 1]],
    ['CartPole-v1', 'approxKl', [0, null]],
    ['CartPole-v1', 'pgLoss', [null, null]],
  ] as const)('an axis of %s, %s, ends at what is possible', (env, name, limits) => {
    expect(limitsOf(name, findEnv(env))).toEqual(limits)
  })
})

describe('a change while a run trains', () => {
  const change = (from: string, to: string, name = 'learningRate') => ({ name, from, to })
  const marked = (...changes: [timesteps: number, from: string, to: string, now: number][]) => {
    const history = new History('x', 1)
    for (const [timesteps, from, to, now] of changes) history.mark(timesteps, change(from, to), now)
    return history.marks
  }

  it('leaves a mark; a slider leaves one, from where it began to where it stopped', () => {
    expect(marked([100, '1', '2', 0], [200, '2', '3', 500], [300, '3', '4', 1000])).toEqual([
      { timesteps: 300, name: 'learningRate', from: '1', to: '4' },
    ])
    expect(marked([100, '1', '2', 0], [200, '2', '3', 5000])).toHaveLength(2)
  })

  it('leaves none where it is taken back at once', () => {
    expect(marked([100, '1', '2', 0], [200, '2', '1', 500])).toEqual([])
  })

  it('is in the CSV, in the first row that it holds, and survives a reload', () => {
    const history = new History('x', 1)
    const series = Object.fromEntries(COLUMNS.map((name) => [name, { mean: 1, low: 1, high: 1 }]))
    const iteration = (timesteps: number) => ({ timesteps, series, situations: [] }) as never
    history.append([iteration(10), iteration(20), iteration(30)], { sps: 1 } as never)
    history.mark(20, change('fixed', 'uniform(1,2)', 'gravity'), 0)
    const again = new History('x', 1)
    again.restore(structuredClone(history.save()))
    const [head, ...rows] = again.csv().trim().split('\n')
    expect(head.endsWith(',sps,changed')).toBe(true)
    expect(rows.map((row) => row.includes('gravity'))).toEqual([false, false, true])
    expect(rows[2].endsWith('"gravity fixed → uniform(1,2)"')).toBe(true)
    const { marks: _, ...old } = history.save()
    const older = new History('x', 1)
    older.restore(old)
    expect(older.marks).toEqual([])
  })
})

describe('the form of a population', () => {
  const env = findEnv('CartPole-v1')
  const page = (given: PpoOptions) => ({ env: env.id, given, view: {}, hidden: [], play: true, draw: 'auto' as const })

  it.each<[string, PpoOptions]>([
    ['log', { numAgents: 5, learningRate: { log: [1e-4, 1e-2] } as never }],
    ['lin', { numAgents: 3, gamma: { lin: [0.9, 0.99] } as never, numEnvs: 8 }],
    ['a list', { numAgents: 3, entCoef: [0, 0.01, 0.1] as never }],
    ['seeds', { numAgents: 4, seed: 7 }],
    ['a range of seeds', { numAgents: 3, seed: { range: [2, 5] } as never }],
    ['two options', { numAgents: 2, learningRate: [1e-3, 2e-3] as never, gamma: { lin: [0.9, 0.99] } as never }],
  ])('shows what a link runs, and its link runs the same: %s', (_, given) => {
    const link = writeLink(page(given), true)
    const back = readLink(link, true)!.given
    const form = formOf(back)!
    const again = writeLink(page(optionsOf(form, back, form.key)), true)
    const asList = (text: string) => text.replace('seed=range(2,5)', 'seed=%5B2,3,4%5D')
    const sorted = (text: string) => asList(decodeURIComponent(text)).slice(1).split('&').sort().map(decodeURIComponent)
    expect(sorted(again)).toEqual(sorted(link))
  })

  it('is empty of one agent', () => {
    expect(formOf({})).toBeUndefined()
    expect(formOf({ hidden: [32, 32] })).toBeUndefined()
  })

  it('another option replaces the one that it was filled with, and no other', () => {
    const given = { numAgents: 2, learningRate: { log: [1e-4, 1e-2] }, entCoef: { lin: [0, 0.1] } } as PpoOptions
    const form = withKey(formOf(given)!, 'gamma')
    const next = optionsOf(form, given, 'learningRate')
    expect(next).toEqual({ numAgents: 2, entCoef: { lin: [0, 0.1] }, gamma: { lin: [0.8, 1] } })
  })

  it('takes every option that agents may differ in', () => {
    for (const key of SWEEPABLE) expect(optionsOf(withKey(FIRST_FORM, key), {}, 'learningRate').numAgents).toBe(8)
  })

  it('says what is wrong', () => {
    const run = (part: Partial<SweepForm>) =>
      resolveChoice(env.id, optionsOf({ ...FIRST_FORM, ...part }, {}, 'learningRate'), true)
    expect(() => run({})).not.toThrow()
    expect(() => run({ agents: 'many' })).toThrow('numAgents')
    expect(() => run({ from: 'x' })).toThrow('learningRate')
    expect(() => run({ kind: 'list', values: '1e-3,2e-3' })).toThrow('2 values for numAgents 8')
  })

  it('as a command: what the page runs, on a software adapter with its small network', () => {
    const given = optionsOf({ ...FIRST_FORM, agents: '3' }, { envParams: {} }, 'learningRate')
    expect(commandOf(env, given, false)).toBe(
      "npm run train -- --env CartPole-v1 --set numAgents=3 --set 'learningRate=log(0.0001,0.01)'",
    )
    expect(commandOf(env, given, true)).toContain('--set hidden=32,32')
  })
})

test('every environment has limits for every curve', () => {
  for (const env of ENVS) for (const name of COLUMNS) expect(limitsOf(name, env)).toHaveLength(2)
})
