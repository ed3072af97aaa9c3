/** Runs of any length and number of agents: the results computed from their rows at the end. */
import { describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { table } from '../../harness/cli/output'
import type { CurveRow } from '../../harness/figures/csv'
import { learningCurve, seedsCurve, spreadCurve, thinCurve } from '../../harness/figures/curve'
import { lineChart } from '../../harness/figures/plot'
import { summarise } from '../../harness/figures/summary'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import { control, makeControlState } from '../../src/reference/control'

const spec = findEnv('CartPole-v1')
const ITERATIONS = 200_000

function rowsOf(agent: number, iterations: number): CurveRow[] {
  return Array.from({ length: iterations }, (_, i) => ({
    ...{
      agent,
      seed: 1 + agent,
      iteration: i + 1,
      timesteps: 2 * (i + 1),
      status: 'running' as const,
      episodes: i % 2,
    },
    ...{
      returnMean: i % 3 ? i % 500 : null,
      episodicReturn: i > 100 ? i / 1000 : null,
      solvedAt: null,
      notFinite: null,
    },
  }))
}
const setup = (options: PpoOptions = {}) => ({
  spec,
  preset: 'default',
  config: resolveConfig(spec.preset, options, spec),
})
const trained = {
  diagnosis: [],
  wallSeconds: 60,
  plan: 'p',
  dispatchesPerIteration: 0,
  adapter: 'a',
  out: 'o',
  weightsHash: 'h',
}

test('200,000 iterations: a small picture, and a summary', () => {
  const rows = [rowsOf(0, ITERATIONS)]
  const svg = learningCurve(spec, rows, 'adapter')
  expect(svg.length).toBeLessThan(40_000)
  expect(svg.match(/<path d="M[^"]*L/g)).toHaveLength(2)
  expect(svg).not.toContain('NaN')
  expect(svg).toContain(`${(2 * ITERATIONS).toLocaleString('en-US')} steps`)
  expect(summarise(setup(), rows, trained)).toMatchObject({ iterations: ITERATIONS, timesteps: 2 * ITERATIONS })
})

test('4 agents of 50,000 iterations each, and 1,000 agents', () => {
  const several = Array.from({ length: 4 }, (_, agent) => rowsOf(agent, 50_000))
  expect(learningCurve(spec, several, 'adapter').length).toBeLessThan(100_000)
  expect(thinCurve(spreadCurve(several), 400)).toHaveLength(400)
  const many = Array.from({ length: 1000 }, (_, agent) => rowsOf(agent, 110))
  expect(learningCurve(spec, many, 'adapter')).toContain('1000 agents')
  const { population, agents } = summarise(setup({ numAgents: 1000 }), many, trained)
  expect({ counted: population?.counted, agents: agents?.length }).toEqual({ counted: 1000, agents: 1000 })
})

describe('a chart', () => {
  const text = { title: 't', subtitle: 's', xLabel: 'x', yLabel: 'y' }
  const line = (n: number) => Array.from({ length: n }, (_, x) => ({ x, y: 2 * x }))

  test('of 300,000 points has 600, and ends within a part of one of the last', () => {
    const svg = lineChart({ ...text, series: [{ points: line(300_000), color: '#123456', width: 1, dots: true }] })
    expect(svg.match(/<circle/g)).toHaveLength(600)
    const d = /<path d="M([^"]*)" fill="none" stroke="#123456"/.exec(svg)![1]
    const points = d.split('L').map((p) => p.split(' ').map(Number))
    expect(points).toHaveLength(600)
    for (const [x, y] of points) expect(x >= 76 && x <= 772 && y >= 72 && y <= 402).toBe(true)
  })

  test('of few points shows each of them', () => {
    const svg = lineChart({ ...text, series: [{ points: line(600), color: '#123456', width: 1, dots: true }] })
    expect(svg.match(/<circle/g)).toHaveLength(600)
    expect(svg).toContain('>1250<')
  })

  test('of a band of 300,000 points: both edges thinned in the same places', () => {
    const curve = line(300_000).map(({ x }) => ({ timesteps: x, mean: x, q25: x - 1, q75: x + 1 }))
    const svg = seedsCurve(spec, curve, 's')
    const corners = /<path d="M([^"]*)Z"/.exec(svg)![1].split('L')
    expect(corners).toHaveLength(1200)
    expect(corners[0].split(' ')[0]).toBe(corners.at(-1)!.split(' ')[0])
  })
})

test('a table of 200,000 rows', () => {
  expect(table(Array.from({ length: ITERATIONS }, (_, i) => [`${i}`, 'x'])).split('\n')).toHaveLength(ITERATIONS)
})

test('the reference keeps at most 100 iterations for its mean return, however rarely an episode ends', () => {
  const config = resolveConfig(
    {},
    { numEnvs: 1, numSteps: 1, numMinibatches: 1, normAdv: false, totalTimesteps: 10_000 },
  )
  const state = makeControlState(config)
  const none = { returnMean: null, returnMin: null, returnMax: null, returnStd: null }
  const lengths = { lengthMean: null, lengthMin: null, lengthMax: null, lengthStd: null }
  let last: number | null = null
  for (let i = 1; i <= 10_000; i++) {
    const ended = i % 20 === 0
    const episodes = { episodes: Number(ended), returnSum: ended ? i : 0, ...none, ...lengths }
    const inputs = { results: [], episodes, explainedVariance: null, notFinite: null, rewardThreshold: null }
    last = control(state, config, inputs).episodicReturn
  }
  expect(state.window).toHaveLength(100)
  expect(last).toBe(10_000 - 20 * 49.5)
})
