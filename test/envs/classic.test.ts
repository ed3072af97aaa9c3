/** Edge cases of the classic control tasks that recorded transitions may miss. */
import { describe, expect, test } from 'vitest'
import { acrobotTwin } from '../../envs/acrobot/acrobot'
import { mountainCarTwin } from '../../envs/mountaincar/mountaincar'
import { mountainCarContinuousTwin } from '../../envs/mountaincar_continuous/mountaincar_continuous'
import { pendulumTwin } from '../../envs/pendulum/pendulum'
import { makeRng, STREAM } from '../../src/env/rng'

const noRng = makeRng(0, 0, STREAM.ENV_STEP, 0)

describe('MountainCar-v0', () => {
  test('the wall on the left takes all speed', () => {
    const state = { position: -1.19, velocity: -0.07 }
    expect(mountainCarTwin.step(state, [0], noRng)).toEqual({ reward: -1, terminated: false })
    expect(state).toEqual({ position: -1.2, velocity: 0 })
  })

  test('the goal is reached at 0.5, with any speed that is not negative', () => {
    const state = { position: 0.45, velocity: 0.07 }
    expect(mountainCarTwin.step(state, [2], noRng)).toEqual({ reward: -1, terminated: true })
    const backwards = { position: 0.56, velocity: -0.03 }
    expect(mountainCarTwin.step(backwards, [2], noRng)).toEqual({ reward: -1, terminated: false })
    expect(backwards.position).toBeGreaterThan(0.5)
  })

  test('speed and position stay in their bounds', () => {
    const state = { position: 0.59, velocity: 0.07 }
    mountainCarTwin.step(state, [2], noRng)
    expect(state).toEqual({ position: 0.6, velocity: 0.07 })
  })
})

describe('MountainCarContinuous-v0', () => {
  test('an action outside the bounds pushes as the bound, and costs what it is', () => {
    const [clipped, given] = [1, 3].map((action) => {
      const state = { position: -0.5, velocity: 0.01 }
      const { reward } = mountainCarContinuousTwin.step(state, [action], noRng)
      return { reward, ...state }
    })
    expect(given.position).toBe(clipped.position)
    expect(given.velocity).toBe(clipped.velocity)
    expect(clipped.reward).toBe(-0.1)
    expect(given.reward).toBe(-0.9)
  })

  test('the goal pays 100, less the effort', () => {
    const state = { position: 0.44, velocity: 0.05 }
    const { reward, terminated } = mountainCarContinuousTwin.step(state, [0.5], noRng)
    expect(terminated).toBe(true)
    expect(reward).toBeCloseTo(100 - 0.025, 12)
  })

  test('a state is float32 after a step', () => {
    const state = mountainCarContinuousTwin.reset(makeRng(1, 0, STREAM.ENV_RESET, 0))
    mountainCarContinuousTwin.step(state, [0.3], noRng)
    expect(state).toEqual({ position: Math.fround(state.position), velocity: Math.fround(state.velocity) })
  })
})

describe('Acrobot-v1', () => {
  test('hangs still without torque', () => {
    const state = { theta1: 0, theta2: 0, theta1_dot: 0, theta2_dot: 0 }
    expect(acrobotTwin.step(state, [1], noRng)).toEqual({ reward: -1, terminated: false })
    for (const value of Object.values(state)) expect(value).toBeCloseTo(0, 14)
  })

  test('the step that reaches the line costs nothing', () => {
    const state = { theta1: Math.PI, theta2: 0, theta1_dot: 0, theta2_dot: 0 }
    expect(acrobotTwin.step(state, [1], noRng)).toEqual({ reward: 0, terminated: true })
  })

  test('angles stay within half a turn and speeds within their bounds', () => {
    const state = { theta1: 3, theta2: -3, theta1_dot: 12.5, theta2_dot: -28 }
    for (let t = 0; t < 50; t++) {
      acrobotTwin.step(state, [t % 3], noRng)
      expect(Math.abs(state.theta1)).toBeLessThanOrEqual(Math.PI)
      expect(Math.abs(state.theta2)).toBeLessThanOrEqual(Math.PI)
      expect(Math.abs(state.theta1_dot)).toBeLessThanOrEqual(4 * Math.PI)
      expect(Math.abs(state.theta2_dot)).toBeLessThanOrEqual(9 * Math.PI)
    }
  })

  test('first states are float32', () => {
    const state = acrobotTwin.reset(makeRng(1, 0, STREAM.ENV_RESET, 0))
    for (const value of Object.values(state)) expect(value).toBe(Math.fround(value))
  })
})

describe('Pendulum-v1', () => {
  test('the cost is that of the state before the step, whatever the number of turns', () => {
    for (const turns of [-3, 0, 5]) {
      const state = { theta: 1 + 2 * Math.PI * turns, theta_dot: 2 }
      const { reward, terminated } = pendulumTwin.step(state, [1], noRng)
      expect(reward).toBeCloseTo(-(1 + 0.4 + 0.001), 8)
      expect(terminated).toBe(false)
    }
  })

  test('the torque is clipped, and the speed before the angle moves', () => {
    const [clipped, given] = [2, 50].map((torque) => {
      const state = { theta: 0.5, theta_dot: 7.99 }
      return { ...pendulumTwin.step(state, [torque], noRng), ...state }
    })
    expect(given).toEqual(clipped)
    expect(given.theta_dot).toBe(8)
    expect(given.theta).toBeCloseTo(0.5 + 8 * 0.05, 14)
  })
})
