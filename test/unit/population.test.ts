import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import type { CurveRow } from '../../harness/figures/csv'
import { bootstrapIqm, interquartileMean, iqmInterval, summarisePopulation } from '../../harness/figures/population'
import { resolveConfig } from '../../src/config/config'

describe('the interquartile mean', () => {
  // scipy.stats.trim_mean(x, 0.25), by hand: floor(n / 4) values go at either end.
  test.each([
    [[7], 7],
    [[1, 2, 100], (1 + 2 + 100) / 3],
    [[1, 2, 3, 100], 2.5],
    [[9, 1, 5, 3, 7], 5],
    [[500, 0, 10, 20, 30, 40, -1e9, 50], 25],
  ])('of %j', (values, expected) => {
    expect(interquartileMean(values)).toBeCloseTo(expected, 12)
  })
})

describe('its bootstrap interval', () => {
  const random = (i: number) => ((i * 7919) % 1000) / 10
  const values = Array.from({ length: 64 }, (_, i) => random(i))

  test('is the same every time, and does not depend on the order of the agents', () => {
    expect(bootstrapIqm(values)).toEqual(bootstrapIqm(values))
    expect(bootstrapIqm(values.toReversed())).toEqual(bootstrapIqm(values))
  })

  test('holds the mean, and is about as wide as theory says', () => {
    const [low, high] = bootstrapIqm(values)
    const mean = interquartileMean(values)
    expect(low).toBeLessThan(mean)
    expect(high).toBeGreaterThan(mean)
    // The trimmed mean of n uniform numbers over a range of 100 (trimmed by a quarter): winsorised variance
    // 100^2 (2 / 4 * (1/4)^2 + (1/2)^3 / 12), over (1/2)^2 n; 2 * 1.96 standard errors, within a quarter.
    const error = Math.sqrt((100 ** 2 * (0.5 * 0.25 ** 2 + 0.5 ** 3 / 12)) / (0.25 * 64))
    expect((high - low) / (2 * 1.96 * error)).toBeGreaterThan(0.75)
    expect((high - low) / (2 * 1.96 * error)).toBeLessThan(1.25)
  })

  test('needs three runs', () => {
    expect(iqmInterval([1, 2])).toEqual([null, null])
    expect(iqmInterval([5, 5, 5])).toEqual([5, 5])
  })

  test('is the percentile interval of 10,000 resamples', () => {
    expect(bootstrapIqm(values)).toEqual(bootstrapIqm(values, 10_000))
    expect(bootstrapIqm(values)).not.toEqual(bootstrapIqm(values, 2000))
  })

  test('of equal values is a point', () => {
    expect(bootstrapIqm([5, 5, 5])).toEqual([5, 5])
  })
})

describe('the summary', () => {
  const row = (agent: number, episodicReturn: number | null, more: Partial<CurveRow> = {}): CurveRow[] => [
    {
      ...{ agent, seed: 10 + agent, iteration: 1, timesteps: 64, status: 'running', episodes: 3, returnMean: null },
      ...{ episodicReturn, solvedAt: null, notFinite: null },
      ...more,
    },
  ]
  const setup = (numAgents: number, options = {}) => ({
    spec: cartPole,
    preset: 'default',
    config: resolveConfig({}, { numAgents, seed: 10, ...options }),
  })

  test('names the best agent, with its own values', () => {
    const rows = [row(0, 20), row(1, 80), row(2, 50)]
    const summary = summarisePopulation(setup(3, { learningRate: [1e-4, 1e-3, 1e-2] }), rows)
    expect(summary.best).toEqual({
      agent: 1,
      seed: 11,
      episodicReturn: 80,
      solvedAt: null,
      swept: { learningRate: 1e-3 },
    })
    expect(summary).toMatchObject({ counted: 3, diverged: 0, median: 50, iqm: 50 })
  })

  test('of equals the one solved first is the best', () => {
    const rows = [row(0, 500, { solvedAt: 900 }), row(1, 500, { solvedAt: 700 }), row(2, 500, { solvedAt: 700 })]
    expect(summarisePopulation(setup(3), rows).best).toMatchObject({ agent: 1, solvedAt: 700, swept: {} })
  })

  test('agents without 100 episodes or with weights that are not finite do not count', () => {
    const rows = [row(0, null), row(1, 90, { status: 'notFinite' }), row(2, 30), []]
    expect(summarisePopulation(setup(4), rows)).toMatchObject({
      ...{ counted: 1, diverged: 1, median: 30, iqm: 30, iqmLow: null, iqmHigh: null },
      best: { agent: 2, seed: 12 },
    })
    expect(summarisePopulation(setup(1), [row(0, null)])).toMatchObject({ counted: 0, best: null, iqm: null })
  })
})
