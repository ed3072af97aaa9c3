import { describe, expect, test } from 'vitest'
import { type CartPoleState, cartPoleTwin } from '../../envs/cartpole/cartpole'
import { cartPole, cartPoleSuttonBarto, cartPoleV0 } from '../../envs/cartpole/spec'
import { makeRng, STREAM, uniform } from '../../src/env/rng'

const LIMIT = (12 * 2 * Math.PI) / 360
const resting: CartPoleState = { x: 0, x_dot: 0, theta: 0, theta_dot: 0 }
const noRng = makeRng(0, 0, STREAM.ENV_STEP, 0)

// Resting at the threshold is not beyond it: the comparison is strict.
const ends: [string, Partial<CartPoleState>, boolean][] = [
  ['right edge', { x: 2.4 }, false],
  ['past the right edge', { x: 2.4, x_dot: 1e-9 }, true],
  ['left edge', { x: -2.4 }, false],
  ['past the left edge', { x: -2.4, x_dot: -1e-9 }, true],
  ['12 degrees', { theta: LIMIT }, false],
  ['over 12 degrees', { theta: LIMIT, theta_dot: 1e-9 }, true],
  ['under -12 degrees', { theta: -LIMIT, theta_dot: -1e-9 }, true],
]

describe('CartPole-v1', () => {
  test('a first state takes four uniforms, in the order of its fields', () => {
    const rng = makeRng(7, 3, STREAM.ENV_RESET, 5)
    const again = { ...rng }
    const state = cartPoleTwin.reset(rng)
    for (const value of Object.values(state)) expect(value).toBeCloseTo(uniform(again) * 0.1 - 0.05, 15)
    expect(rng.draw).toBe(4)
  })

  test.each(ends)('%s', (_, state, terminated) => {
    expect(cartPoleTwin.step({ ...resting, ...state }, [0], noRng)).toEqual({ reward: 1, terminated })
  })
})

describe('the variants of CartPole', () => {
  test('CartPole-v0 ends after 200 steps and is solved at 195', () => {
    expect(cartPoleV0).toMatchObject({ id: 'CartPole-v0', maxEpisodeSteps: 200, rewardThreshold: 195 })
    expect(cartPoleV0.wgsl).toBe(cartPole.wgsl)
    expect(cartPoleV0.wgslFile).toBe(cartPole.wgslFile)
  })

  test.each(ends)('Sutton and Barto: %s', (_, state, terminated) => {
    const reward = terminated ? -1 : 0
    const result = cartPoleSuttonBarto.twin!.step({ ...resting, ...state }, [0], noRng)
    expect(result).toEqual({ reward, terminated })
  })

  test('Sutton and Barto: the same first states and steps', () => {
    const rng = (): ReturnType<typeof makeRng> => makeRng(3, 0, STREAM.ENV_RESET, 2)
    const [ours, theirs] = [cartPoleSuttonBarto.twin!.reset(rng()), cartPoleTwin.reset(rng())]
    expect(ours).toEqual(theirs)
    for (let t = 0; t < 20; t++) {
      cartPoleSuttonBarto.twin!.step(ours, [t % 2], noRng)
      cartPoleTwin.step(theirs, [t % 2], noRng)
    }
    expect(ours).toEqual(theirs)
    expect(cartPoleSuttonBarto).toMatchObject({ maxEpisodeSteps: 500, rewardThreshold: null })
    expect(cartPoleSuttonBarto.preset?.stopWhenSolved).toBe(false)
  })
})
