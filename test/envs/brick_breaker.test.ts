/** Brick breaker's rules, on its twin. test/gpu compares kernel and twin. */
import { describe, expect, test } from 'vitest'
import { type BrickBreakerState, makeBrickBreakerTwin, SIDE } from '../../envs/brick_breaker/brick_breaker'
import { makeRng, STREAM } from '../../src/env/rng'

const twin = makeBrickBreakerTwin({ left: 0, top: 0, width: SIDE, height: SIDE })
const rng = (step: number) => makeRng(1, step, STREAM.ENV_STEP, 0)
const served = { autoServe: true }
const PIXEL = 64
const [NOTHING, SERVE, RIGHT, LEFT] = [0, 1, 2, 3]
const reset = (): BrickBreakerState => twin.reset(makeRng(1, 0, STREAM.ENV_RESET, 0))
/** A ball in play. */
const ball = (x: number, y: number, vx: number, vy: number, more: Partial<BrickBreakerState> = {}) => ({
  ...reset(),
  ...{ in_play: 1, ball_x: x * PIXEL, ball_y: y * PIXEL, ball_vx: vx, ball_vy: vy, ...more },
})
/** Where the ball will cross the height of the paddle: the game goes on up to the last step, then a straight line. */
function landing(s: BrickBreakerState): number {
  const ahead = structuredClone(s)
  const lands = (): boolean => ahead.ball_vy > 0 && ahead.ball_y + 4 * ahead.ball_vy >= 74 * PIXEL
  for (let k = 0; k < 200 && ahead.in_play && !lands(); k++) twin.step(ahead, [NOTHING], rng(0), served)
  const x = ahead.ball_x + (ahead.ball_vx * (74 * PIXEL - ahead.ball_y)) / ahead.ball_vy
  const [low, high] = [6 * PIXEL, 77 * PIXEL]
  return x < low ? 2 * low - x : x > high ? 2 * high - x : x
}
/** The paddle goes where the ball will land, each time with another place of it. */
const follow = (s: BrickBreakerState): number => {
  const width = (s.narrow ? 4 : 8) * PIXEL
  const place = 0.2 + (0.6 * ((7 * s.hits) % 11)) / 10
  const offset = landing(s) + PIXEL / 2 - s.paddle_x - place * width
  return offset > 1.9 * PIXEL ? RIGHT : offset < -1.9 * PIXEL ? LEFT : NOTHING
}

describe('a step', () => {
  test('serves a ball, by itself or by the action', () => {
    const s = reset()
    expect(twin.step(s, [NOTHING], rng(0), { autoServe: false })).toEqual({ reward: 0, terminated: false })
    expect(s.in_play).toBe(0)
    twin.step(s, [SERVE], rng(0), { autoServe: false })
    expect(s).toMatchObject({ in_play: 1, ball_vy: 40, ball_y: 40 * PIXEL + 4 * 40 })
    expect(Math.abs(s.ball_vx)).toBe(30)
    const other = reset()
    twin.step(other, [NOTHING], rng(0), served)
    expect(other.ball_x).toBe(s.ball_x)
  })

  test('moves the paddle a pixel a frame, between the walls', () => {
    const s = ball(40, 40, 0, 40)
    twin.step(s, [RIGHT], rng(0), served)
    expect(s.paddle_x).toBe(38 * PIXEL + 4 * 64)
    for (let k = 0; k < 20; k++) twin.step(Object.assign(s, { ball_y: 40 * PIXEL }), [RIGHT], rng(0), served)
    expect(s.paddle_x).toBe(70 * PIXEL)
    for (let k = 0; k < 20; k++) twin.step(Object.assign(s, { ball_y: 40 * PIXEL }), [LEFT], rng(0), served)
    expect(s.paddle_x).toBe(6 * PIXEL)
  })

  test.each([
    [0, 7],
    [1, 7],
    [2, 4],
    [3, 4],
    [4, 1],
    [5, 1],
  ])('a brick of row %i is worth %i', (row, points) => {
    const bricks = Array.from({ length: 6 }, (_, r) => (r === row ? 2 ** 18 - 1 : 0))
    const s = ball(40, 23 + 2 * row + 2, 0, -40, { bricks })
    expect(twin.step(s, [NOTHING], rng(0), served).reward).toBe(points)
    expect(s.ball_vy).toBe(40)
    expect(s.fast).toBe(row < 2 ? 1 : 0)
    // x 40 is column 8: (40 - 6) / 4.
    expect(s.bricks[row]).toBe(2 ** 18 - 1 - 2 ** 8)
  })

  test('the ball turns at the side walls, the ceiling and the side of a brick', () => {
    const s = ball(6.5, 50, -48, 1)
    twin.step(s, [NOTHING], rng(0), served)
    expect(s.ball_vx).toBe(48)
    const up = ball(40, 13.5, 0, -40, { bricks: [0, 0, 0, 0, 0, 1] })
    twin.step(up, [NOTHING], rng(0), served)
    expect(up).toMatchObject({ ball_vy: 40, narrow: 1 })
    const beside = ball(11.5, 33, -40, 0, { bricks: [0, 0, 0, 0, 0, 2] })
    const side = { ...beside, ball_x: 14.5 * PIXEL }
    expect(twin.step(side, [NOTHING], rng(0), served).reward).toBe(1)
    expect(side.ball_vx).toBe(40)
  })

  test.each([
    [38 + 3.5, 0, 15],
    [38 + 5.5, 0, 30],
    [38 + 7, 0, 45],
    [38 + 0, 0, -45],
    [38 + 7, 4, 58],
    [38 + 7, 12, 72],
  ])('off the paddle at %f after %i bounces: %i to the side', (x, hits, vx) => {
    const s = ball(x, 73.9, 0, 40, { hits: Math.max(0, hits - 1) })
    twin.step(s, [NOTHING], rng(0), served)
    expect(s.ball_vx).toBe(vx)
    expect(s.ball_vy).toBe(hits >= 12 ? -64 : hits >= 4 ? -52 : -40)
  })

  test('a lost ball costs a life and slows the next; the last one ends the game', () => {
    const s = ball(10, 83, 0, 96, { hits: 9, fast: 1, narrow: 1, paddle_x: 60 * PIXEL })
    expect(twin.step(s, [NOTHING], rng(0), served)).toEqual({ reward: 0, terminated: false, lifeLost: true })
    expect(s).toMatchObject({ lives: 4, in_play: 0, hits: 0, fast: 0, narrow: 0 })
    const last = ball(10, 83, 0, 96, { lives: 1, paddle_x: 60 * PIXEL })
    expect(twin.step(last, [NOTHING], rng(0), served).terminated).toBe(true)
  })

  test('two cleared walls end the game; the second is built at the paddle', () => {
    const one = () => ({ bricks: [0, 0, 0, 0, 0, 2 ** 8] })
    const s = ball(40, 36, 0, -40, one())
    twin.step(s, [NOTHING], rng(0), served)
    expect(s).toMatchObject({ walls: 1, bricks: [0, 0, 0, 0, 0, 0] })
    const again = { ...s, ball_y: 73.9 * PIXEL, ball_vy: 40 }
    twin.step(again, [NOTHING], rng(0), served)
    expect(again.bricks).toEqual(Array(6).fill(2 ** 18 - 1))
    const second = ball(40, 36, 0, -40, { ...one(), walls: 1 })
    expect(twin.step(second, [NOTHING], rng(0), served)).toEqual({ reward: 1, terminated: true })
  })
})

test('a player that goes where the ball will land clears the first wall, 432 points', () => {
  const s = reset()
  let points = 0
  for (let step = 0; step < 5000 && s.walls === 0; step++) points += twin.step(s, [follow(s)], rng(step), served).reward
  expect([s.walls, points]).toEqual([1, 432])
})

test('the picture: walls, bricks, lives, paddle and ball', () => {
  const obs = new Float64Array(SIDE * SIDE)
  twin.observe(ball(40, 50, 0, 0, { lives: 2, bricks: [1, 0, 0, 0, 0, 2 ** 17] }), obs, 0)
  const at = (x: number, y: number): number => obs[y * SIDE + x]
  expect([at(0, 7), at(5, 83), at(78, 40), at(40, 12)]).toEqual([142, 142, 142, 142])
  expect([at(0, 6), at(6, 13), at(77, 83)]).toEqual([0, 0, 0])
  expect([at(6, 23), at(9, 24), at(10, 23), at(77, 34), at(74, 33), at(73, 34)]).toEqual([110, 110, 0, 85, 85, 0])
  expect([at(6, 2), at(8, 2), at(11, 3), at(14, 2)]).toEqual([142, 0, 142, 0])
  expect([at(38, 76), at(45, 77), at(46, 77), at(38, 78)]).toEqual([110, 110, 0, 0])
  expect([at(40, 50), at(40, 51), at(40, 52), at(41, 50)]).toEqual([110, 110, 0, 0])
})
