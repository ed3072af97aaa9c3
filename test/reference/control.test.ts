import { describe, expect, it } from 'vitest'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import { adamStep, clipScale, projectLogStd } from '../../src/reference/adam'
import {
  adaptKlCoef,
  addToWindow,
  control,
  learningRateAt,
  makeControlState,
  remainingAt,
  windowReturn,
} from '../../src/reference/control'
import { adaptLearningRate, updateHyper } from '../../src/reference/update'

const config = (options: PpoOptions = {}) =>
  resolveConfig({}, { numEnvs: 1, numSteps: 10, numMinibatches: 1, totalTimesteps: 45, ...options })

const episodes = (count: number, returnSum: number) => ({
  episodes: count,
  returnSum,
  returnMean: null,
  returnMin: null,
  returnMax: null,
  returnStd: null,
  lengthMean: null,
  lengthMin: null,
  lengthMax: null,
  lengthStd: null,
})
const quiet = { results: [], explainedVariance: null, notFinite: null, rewardThreshold: 5 }

describe('schedules', () => {
  it('anneals linearly over floor(totalTimesteps / batchSize) iterations', () => {
    const rates = [1, 2, 3, 4].map((i) => learningRateAt(config({ learningRate: 1 }), i))
    expect(rates).toEqual([1, 0.75, 0.5, 0.25])
    expect(learningRateAt(config({ learningRate: 1, annealLr: false }), 4)).toBe(1)
  })

  it('the clip range and the entropy bonus follow the same factor, a value clip of its own does not', () => {
    const annealed = { clipCoef: 0.5, entCoef: 0.25, annealClipCoef: true, annealEntCoef: true }
    expect(remainingAt(config(), 3)).toBe(0.5)
    expect(updateHyper(config(annealed), 1, 0, 0.5)).toMatchObject({ clipCoef: 0.25, vfClipCoef: 0.25, entCoef: 0.125 })
    expect(updateHyper(config({ ...annealed, vfClipCoef: 0.5 }), 1, 0, 0.5).vfClipCoef).toBe(0.5)
    expect(updateHyper(config(), 1, 0, 0.5)).toMatchObject({ clipCoef: 0.2, vfClipCoef: 0.2, entCoef: 0.01 })
  })

  it("adapts the learning rate by rsl_rl's rule, inside [1e-5, 1e-2]", () => {
    expect(adaptLearningRate(3e-3, 0.0201, 0.01)).toBe(2e-3)
    expect(adaptLearningRate(3e-3, 0.02, 0.01)).toBe(3e-3)
    expect(adaptLearningRate(3e-3, 0.005, 0.01)).toBe(3e-3)
    expect(adaptLearningRate(3e-3, 0.0049, 0.01)).toBeCloseTo(4.5e-3, 15)
    expect(adaptLearningRate(9e-3, 0, 0.01)).toBe(1e-2)
    expect(adaptLearningRate(1.1e-5, 1, 0.01)).toBe(1e-5)
  })

  it('adapts the KL coefficient inside [1e-6, 1e6]', () => {
    expect(adaptKlCoef(1, 0.0066, 0.01)).toBe(0.5)
    expect(adaptKlCoef(1, 0.0067, 0.01)).toBe(1)
    expect(adaptKlCoef(1, 0.0149, 0.01)).toBe(1)
    expect(adaptKlCoef(1, 0.0151, 0.01)).toBe(2)
    expect(adaptKlCoef(1e-6, 0, 0.01)).toBe(1e-6)
    expect(adaptKlCoef(1e6, 1, 0.01)).toBe(1e6)
  })
})

describe('return window', () => {
  it('is the mean over the fewest latest iterations that hold 100 episodes', () => {
    const window: { episodes: number; returnSum: number }[] = []
    const meanAfter = (episodes: number, returnSum: number) => {
      addToWindow(window, episodes, returnSum)
      return windowReturn(window)
    }
    expect(meanAfter(60, 60)).toBeNull()
    expect(meanAfter(0, 0)).toBeNull()
    expect(meanAfter(39, 390)).toBeNull()
    expect(meanAfter(1, 10)).toBe((60 + 390 + 10) / 100)
    expect(meanAfter(60, 120)).toBe((390 + 10 + 120) / 100)
    expect(meanAfter(100, 700)).toBe(7)
    expect(window.length).toBe(1)
  })
})

describe('control', () => {
  it('solved: at the threshold, once, and stops only when asked', () => {
    for (const stopWhenSolved of [true, false]) {
      const state = makeControlState(config())
      const options = config({ stopWhenSolved })
      expect(control(state, options, { ...quiet, episodes: episodes(99, 990) }).solvedAt).toBeNull()
      const row = control(state, options, { ...quiet, episodes: episodes(1, 10) })
      expect(row).toMatchObject({ iteration: 2, timesteps: 20, episodicReturn: 10, solvedAt: 20 })
      expect(row.status).toBe(stopWhenSolved ? 'solved' : 'running')
      const later = control(state, options, { ...quiet, episodes: episodes(100, 500) })
      expect(later.solvedAt).toBe(20)
    }
  })

  it('finished after the last iteration; not finite comes before everything', () => {
    const state = makeControlState(config())
    const statuses = [1, 2, 3, 4].map(() => control(state, config(), { ...quiet, episodes: episodes(0, 0) }).status)
    expect(statuses).toEqual(['running', 'running', 'running', 'finished'])
    const bad = { buffer: 'obs' as const, step: 3, env: 0 }
    const row = control(makeControlState(config()), config(), {
      ...quiet,
      notFinite: bad,
      episodes: episodes(100, 999),
    })
    expect(row).toMatchObject({ status: 'notFinite', notFinite: bad, minibatches: 0, updates: 0, pgLoss: 0 })
  })
})

describe('adam', () => {
  const hyper = { learningRate: 0.1, adamBeta1: 0.9, adamBeta2: 0.999, adamEps: 1e-5, maxGradNorm: 0.5, weightDecay: 0 }

  it('first step: learningRate * sign(gradient), nearly, whatever the clip', () => {
    const params = new Float64Array(2)
    const state = { m: new Float64Array(2), v: new Float64Array(2), t: 0 }
    adamStep(params, Float64Array.of(3, -4), 5, state, hyper)
    const scale = 0.5 / (5 + 1e-6)
    expect(params[0]).toBeCloseTo((-0.1 * 3 * scale) / (3 * scale + 1e-5), 14)
    expect(state.m[1]).toBeCloseTo(-0.4 * scale, 15)
    expect(state.v[1]).toBeCloseTo(0.001 * (4 * scale) ** 2, 15)
    expect(state.t).toBe(1)
  })

  it('AdamW: the decay is a factor of its own, beside the step', () => {
    const step = (weightDecay: number) => {
      const params = Float64Array.of(2, -3)
      const state = { m: new Float64Array(2), v: new Float64Array(2), t: 0 }
      adamStep(params, Float64Array.of(3, -4), 5, state, { ...hyper, weightDecay })
      return params
    }
    const [plain, decayed] = [step(0), step(0.25)]
    expect(plain[0] - decayed[0]).toBeCloseTo(0.1 * 0.25 * 2, 14)
    expect(plain[1] - decayed[1]).toBeCloseTo(0.1 * 0.25 * -3, 14)
  })

  it('clips only above the limit', () => {
    expect(clipScale(0.4, 0.5)).toBe(1)
    expect(clipScale(1, 0.5)).toBeCloseTo(0.5, 6)
    expect(clipScale(0, 0.5)).toBe(1)
  })

  it('projects the log standard deviations, and nothing else', () => {
    const params = Float64Array.of(50, -50, 50, 1, 9)
    projectLogStd(params, 1, 3)
    expect([...params]).toEqual([50, -20, 2, 1, 9])
    projectLogStd(params, -1, 3)
    expect(params[0]).toBe(50)
  })
})
