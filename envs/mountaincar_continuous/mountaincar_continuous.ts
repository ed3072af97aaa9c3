import type { EnvTwin } from '../../src/env/contract'
import { exactParams, type NumberParam } from '../../src/env/params'
import { HILL_PARAMS, type MountainCarState, resetPosition } from '../mountaincar/mountaincar'

const MIN_POSITION = -1.2
const MAX_POSITION = 0.6
const MAX_SPEED = 0.07
const GOAL_POSITION = 0.45

export const MOUNTAIN_CAR_CONTINUOUS_PARAMS = {
  power: { default: 0.0015, min: 0, max: 0.01, help: 'Change of the velocity per step by the motor at full force.' },
  ...HILL_PARAMS,
} satisfies Record<string, NumberParam>

const paramsOf = exactParams(MOUNTAIN_CAR_CONTINUOUS_PARAMS)

/**
 * MountainCarContinuous-v0 as Gymnasium's `Continuous_MountainCarEnv` computes it with NumPy 2. A step stores its state
 * as float32; the next one then computes in float32 (Python's own numbers take the array's type) except for the cosine
 * and the reward. Only the first step of an episode starts from float64. The reward is 100 at the goal, and costs 0.1
 * times the square of the given, unclipped action.
 */
export const mountainCarContinuousTwin: EnvTwin<MountainCarState> = {
  reset(rng) {
    return { position: resetPosition(rng), velocity: 0 }
  },

  step(state, action, _rng, params) {
    const { power, gravity, goalVelocity } = paramsOf(params)
    const { position, velocity } = state
    // A state does not know its type; a first position in float64 is hardly ever representable in float32.
    const isF32 = Math.fround(position) === position && Math.fround(velocity) === velocity
    const round = isF32 ? Math.fround : (x: number) => x
    const v = clip(round(velocity + push(action[0], position, power, gravity, round)), -MAX_SPEED, MAX_SPEED, round)
    const p = clip(round(position + v), MIN_POSITION, MAX_POSITION, round)
    const terminated = p >= round(GOAL_POSITION) && v >= round(goalVelocity)
    state.position = Math.fround(p)
    state.velocity = p <= round(MIN_POSITION) && v < 0 ? 0 : Math.fround(v)
    return { reward: (terminated ? 100 : 0) - action[0] ** 2 * 0.1, terminated }
  },

  observe(state, obs, offset) {
    obs[offset] = Math.fround(state.position)
    obs[offset + 1] = Math.fround(state.velocity)
  },
}

type Round = (x: number) => number

/** The change of the velocity: a clipped action is one of Python's float64 numbers, any other a float32. */
function push(action: number, position: number, power: number, gravity: number, round: Round): number {
  const slope = gravity * Math.cos(round(3 * position))
  if (Math.abs(action) > 1) return round(Math.sign(action) * power - slope)
  return Math.fround(Math.fround(Math.fround(action) * Math.fround(power)) - Math.fround(slope))
}

const clip = (x: number, low: number, high: number, round: Round): number =>
  Math.min(round(high), Math.max(round(low), x))
