/** Small environments with known answers, for the framework around them. */
import type { EnvSpec } from '../../src/env/contract'
import { normal, uniform } from '../../src/env/rng'

export type CountState = { start: number; count: number }

const base = {
  actions: ['a', 'b'],
  rewardThreshold: null,
  preset: {},
  wgsl: '',
  wgslFile: 'test',
}

/** Counts steps; reward = count; terminates after `terminateAt` steps, is truncated after `limit`. */
export const countEnv = (terminateAt: number, limit: number): EnvSpec<CountState> => ({
  ...base,
  id: 'Count',
  observations: ['start', 'count', 'action'],
  actionSpace: { kind: 'discrete', n: 2 },
  maxEpisodeSteps: limit,
  twin: {
    reset: (rng) => ({ start: uniform(rng), count: 0 }),
    step(state) {
      state.count++
      return { reward: state.count, terminated: state.count >= terminateAt }
    },
    observe(state, obs, offset) {
      obs[offset] = state.start
      obs[offset + 1] = state.count
      obs[offset + 2] = 0
    },
  },
})

export type PointState = { x: number; seen: number }

/** One action dimension per bound; reward = -(x - mean action)^2. Keeps the largest action it was given. */
export const pointEnv = (low: number[], high: number[], limit = 5): EnvSpec<PointState> => ({
  ...base,
  id: 'Point',
  observations: ['x'],
  actionSpace: { kind: 'box', low, high },
  maxEpisodeSteps: limit,
  twin: {
    reset: (rng) => ({ x: normal(rng), seen: 0 }),
    step(state, action) {
      const values = Array.from(action)
      state.seen = Math.max(state.seen, ...values.map(Math.abs))
      const mean = values.reduce((a, b) => a + b, 0) / values.length
      return { reward: -((state.x - mean) ** 2), terminated: false }
    },
    observe(state, obs, offset) {
      obs[offset] = state.x
    },
  },
})
