import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { outcomesOf, type Pictured, ranked } from '../../harness/sweep/outcomes'
import { parallelChart } from '../../harness/sweep/parallel'
import { axisScale } from '../../harness/sweep/scale'
import { scatterChart } from '../../harness/sweep/scatter'
import { makeTrials, parseSpace } from '../../harness/sweep/space'

const SEARCHED = ['learningRate=loguniform(1e-4,1e-2)', 'entCoef=choice(0,0.01)', 'gamma=uniform(0.9,1)']
const space = (...set: string[]) => parseSpace({ set, envSet: [] }, cartPole)

function sweep(trials: number, score: (id: number) => number | null, set = SEARCHED): Pictured {
  const from = space(...set)
  const outcomes = makeTrials(from, { trials, method: 'random', seed: 1 }).map((trial) => ({
    ...{ trial, rung: trial.id % 3, score: score(trial.id) },
  }))
  return { title: 'A sweep', subtitle: 'somewhere', axes: from.axes, rungs: 3, outcomes }
}
const count = (svg: string, part: string): number => svg.split(part).length - 1
const CHARTS = { parallel: parallelChart, scatter: scatterChart }

describe.each(Object.entries(CHARTS))('%s', (_, chart) => {
  test('says in words what it shows: the best of those that came furthest, and who is left out', () => {
    const svg = chart(sweep(6, (id) => [9, 5, 1, 8, null, 2][id]))
    expect(svg).toMatch(/^<svg [^>]*role="img"[^>]*>\n<title>A sweep<\/title>\n<desc>[^<]+<\/desc>\n/)
    expect(svg).toMatch(
      /The best is trial 5 with a return of 2: learningRate 0\.00\d+, entCoef 0(\.01)?, gamma 0\.9\d*\./,
    )
    expect(svg).toContain('somewhere; 6 trials, 1 without a score left out')
  })

  test('takes any text and any number of trials, also none, or one', () => {
    const hostile = { ...sweep(3, (id) => id), title: '<script>&"', subtitle: "</svg>'\u0000" }
    const svg = chart({ ...hostile, axes: hostile.axes.map((axis) => ({ ...axis, name: axis.name, form: '<b>' })) })
    expect([count(svg, '</svg>'), count(svg, '<script'), count(svg, '<b>'), count(svg, '\0')]).toEqual([1, 0, 0, 0])
    expect(svg).toContain('&#60;script&#62;&#38;&#34;')
    expect(chart({ ...hostile, outcomes: [] })).toContain('No trial has a score.')
    for (const few of [sweep(1, () => 5), sweep(2, () => 5), sweep(3, () => null)])
      expect(chart(few)).not.toContain('NaN')
  })

  test('of many trials it shows the best and some of the others, and says so', () => {
    const svg = chart(sweep(5000, (id) => id, ['gamma=uniform(0.9,1)']))
    expect(svg).toContain('5000 trials, 1500 of them shown')
    expect(svg.length).toBeLessThan(300_000)
  })

  test('names in words of other people are text', () => {
    const odd = sweep(2, (id) => id, ['activation=choice(tanh,relu)'])
    const [axis] = odd.axes
    const named = { ...axis, name: 'a<b', values: ['<i>', '&'] }
    const outcomes = odd.outcomes.map((o, i) => ({ ...o, trial: { ...o.trial, values: { 'a<b': named.values[i] } } }))
    const svg = chart({ ...odd, axes: [named], outcomes })
    expect(svg).toContain('a&#60;b')
    expect(svg).not.toContain('<i>')
  })
})

test('parallel: a line for each trial through each axis, the best one last in its own colour', () => {
  const svg = parallelChart(sweep(9, (id) => id))
  const lines = svg.match(/<path d="M[^"V]*L[^"]*" fill="none" stroke="[^"]+"/g)!
  expect(lines).toHaveLength(9)
  for (const line of lines) expect(count(line, 'L')).toBe(3)
  expect(lines.map((line) => line.includes('#b45309'))).toEqual([...Array(8).fill(false), true])
  // From pale to dark: trial 8 is drawn last, as the best, so the darkest of the others is 7.
  expect(lines[0]).toContain('#cbd5e1')
  for (const name of ['learningRate', 'entCoef', 'gamma', 'return']) expect(svg).toContain(`>${name}</text>`)
})

test('scatter: a panel for each option, a dot for each trial with the opacity of its rung', () => {
  const svg = scatterChart(sweep(9, (id) => id))
  expect(count(svg, '<g transform')).toBe(3)
  expect(count(svg, 'r="3.5"')).toBe(27)
  // Three trials in each rung, in three panels, and a mark in the legend.
  for (const opacity of ['0.4', '0.7', '0.9']) expect(count(svg, `fill-opacity="${opacity}"`)).toBe(10)
})

describe('scales', () => {
  const scaleOf = (text: string) => axisScale(space(text).axes[0])

  test('log: equal ratios, equal distances; ticks at the powers of 10, and the bounds away from them', () => {
    const scale = scaleOf('learningRate=loguniform(1e-7,3e-2)')
    expect(scale.place(1e-7)).toBe(0)
    expect(scale.place(3e-2)).toBe(1)
    expect(scale.place(1e-5) - scale.place(1e-6)).toBeCloseTo(scale.place(1e-3) - scale.place(1e-4), 12)
    expect(scale.ticks.map(({ text }) => text)).toEqual(['1e-7', '0.000001', '0.00001', '0.0001', '0.001', '0.01'])
    expect(scaleOf('gamma=log(0.9,0.99,3)').ticks.map(({ text }) => text)).toEqual(['0.9', '0.99'])
  })

  test('choices: even places for each, lists and null too; not all have a tick where there are many', () => {
    const scale = scaleOf('hidden=choice([64,64],[128],[8,8,8,8,8,8,8,8,8,8])')
    expect([[64, 64], [128]].map((value) => scale.place(value))).toEqual([0.5 / 3, 0.5])
    expect(scale.ticks.map(({ text }) => text)).toEqual(['[64,64]', '[128]', '[8,8,8,8,8,8,8,8,…'])
    expect(scaleOf('targetKl=choice(null,0.01)').ticks[0].text).toBe('null')
    expect(scaleOf(`numSteps=[${Array.from({ length: 30 }, (_, i) => i + 1)}]`).ticks.length).toBeLessThanOrEqual(12)
  })

  test('one value has a place', () => {
    expect(scaleOf('learningRate=log(1e-3,1e-3,1)').place(1e-3)).toBe(0.5)
    expect(scaleOf('gamma=lin(0.9,0.9,1)').place(0.9)).toBeGreaterThanOrEqual(0)
  })
})

test('the outcome of a trial is its latest result, in whatever order they come', () => {
  const { outcomes } = sweep(3, () => 0)
  const trials = outcomes.map(({ trial }) => trial)
  const results = [
    { trial: 2, rung: 0, score: 1 },
    { trial: 0, rung: 1, score: null },
    { trial: 0, rung: 0, score: 4 },
    { trial: 9, rung: 0, score: 4 },
  ]
  expect(outcomesOf(trials, results)).toEqual([
    { trial: trials[0], rung: 1, score: null },
    { trial: trials[2], rung: 0, score: 1 },
  ])
})

test('of many, the best are all shown, and of the others the worst', () => {
  const { outcomes } = sweep(5000, (id) => (id * 7919) % 5000)
  const shown = ranked(outcomes).map(({ score }) => score)
  expect(shown).toHaveLength(1500)
  expect(shown[0]).toBe(0)
  expect(shown.filter((score) => score >= 4260)).toHaveLength(740)
  expect(new Set(shown).size).toBe(1500)
})
