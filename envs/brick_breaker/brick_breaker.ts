import type { EnvTwin } from '../../src/env/contract'
import { type Rng, uniform } from '../../src/env/rng'

/** Places and speeds are whole numbers: 1/64 of a pixel, and that in a frame. y points down. */
export type BrickBreakerState = {
  ball_x: number
  ball_y: number
  ball_vx: number
  ball_vy: number
  /** Left end of the paddle. */
  paddle_x: number
  lives: number
  /** 1 while a ball is in play. */
  in_play: number
  /** Bounces off the paddle since the ball was served. */
  hits: number
  /** 1 after a brick of the two upper rows, until the ball is lost. */
  fast: number
  /** 1 after the ceiling, until the ball is lost: the paddle is half as wide. */
  narrow: number
  /** Walls that were cleared. */
  walls: number
  /** Row by row from the top, bit c for column c. */
  bricks: number[]
}

/** The part of the 84 x 84 pixels that is observed. */
export interface Frame {
  left: number
  top: number
  width: number
  height: number
}

const PIXEL = 64
export const SIDE = 84
const LEFT = 6 * PIXEL
const RIGHT = 78 * PIXEL
const CEILING = 13 * PIXEL
const BRICK_TOP = 23
const ROWS = 6
const COLUMNS = 18
const FULL = 2 ** COLUMNS - 1
const POINTS = [7, 7, 4, 4, 1, 1]
const BALL_WIDTH = PIXEL
const BALL_HEIGHT = 2 * PIXEL
const PADDLE_TOP = 76 * PIXEL
const PADDLE_STEP = 64
/** A power of 2, so that f32 has the same product. */
const SERVE_WIDTH = 4096
const SERVE_X = (LEFT + RIGHT - BALL_WIDTH - SERVE_WIDTH) / 2
const SERVE_Y = 40 * PIXEL
const SERVE_VX = 30
const SPEEDS = [40, 52, 64, 80]
const FRAMES = 4
const LIVES = 5
const WALLS = 2
const FIRE = 1
const MOVES = [0, 0, PADDLE_STEP, -PADDLE_STEP]
const GRAYS = { wall: 142, rows: [110, 129, 131, 148, 124, 85], ball: 110 }

const paddleWidth = ({ narrow }: BrickBreakerState): number => (narrow ? 4 : 8) * PIXEL
const isCleared = ({ bricks }: BrickBreakerState): boolean => !bricks.some((row) => row !== 0)
const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x))

/** The speed of the ball after a bounce off the paddle: 4 and 12 bounces, and the upper rows, make it faster. */
const speedOf = ({ fast, hits }: BrickBreakerState): number => SPEEDS[fast ? 3 : hits >= 12 ? 2 : hits >= 4 ? 1 : 0]

function serve(s: BrickBreakerState, rng: Rng): void {
  s.ball_x = SERVE_X + Math.floor(uniform(rng) * SERVE_WIDTH)
  s.ball_vx = uniform(rng) < 0.5 ? -SERVE_VX : SERVE_VX
  s.ball_y = SERVE_Y
  s.ball_vy = SPEEDS[0]
  s.in_play = 1
}

/** Takes the brick at a place away. Returns its points, 0 where there is none. */
function hitBrick(s: BrickBreakerState, x: number, y: number): number {
  const row = Math.floor((Math.floor(y / PIXEL) - BRICK_TOP) / 2)
  const column = Math.floor((x - LEFT) / (4 * PIXEL))
  if (row < 0 || row >= ROWS || ((s.bricks[row] >> column) & 1) === 0) return 0
  s.bricks[row] -= 2 ** column
  if (row < 2) s.fast = 1
  return POINTS[row]
}

/** To the side, then up or down: the ball turns at walls and bricks. Returns the points. */
function moveBall(s: BrickBreakerState): number {
  let x = s.ball_x + s.ball_vx
  if (x < LEFT) {
    x = 2 * LEFT - x
    s.ball_vx = -s.ball_vx
  } else if (x > RIGHT - BALL_WIDTH) {
    x = 2 * (RIGHT - BALL_WIDTH) - x
    s.ball_vx = -s.ball_vx
  }
  const side = s.ball_vx > 0 ? x + BALL_WIDTH - 1 : x
  const points = hitBrick(s, side, s.ball_y) || hitBrick(s, side, s.ball_y + BALL_HEIGHT - 1)
  if (points > 0) {
    x = s.ball_x
    s.ball_vx = -s.ball_vx
  }
  s.ball_x = x
  let y = s.ball_y + s.ball_vy
  if (y < CEILING) {
    y = 2 * CEILING - y
    s.ball_vy = -s.ball_vy
    s.narrow = 1
  }
  const end = s.ball_vy > 0 ? y + BALL_HEIGHT - 1 : y
  const more = hitBrick(s, x, end) || hitBrick(s, x + BALL_WIDTH - 1, end)
  if (more > 0) {
    y = s.ball_y
    s.ball_vy = -s.ball_vy
  }
  const crosses = s.ball_y + BALL_HEIGHT <= PADDLE_TOP && y + BALL_HEIGHT > PADDLE_TOP
  if (crosses && x + BALL_WIDTH > s.paddle_x && x < s.paddle_x + paddleWidth(s)) {
    y = PADDLE_TOP - BALL_HEIGHT
    bounce(s)
  }
  s.ball_y = y
  return points + more
}

/** Off the paddle: the further from its middle, the flatter. An empty wall is built again. */
function bounce(s: BrickBreakerState): void {
  s.hits++
  const width = paddleWidth(s)
  const offset = 2 * s.ball_x + BALL_WIDTH - (2 * s.paddle_x + width)
  const third = Math.floor((3 * Math.abs(offset)) / width)
  const speed = speedOf(s)
  s.ball_vy = -speed
  s.ball_vx = Math.floor((speed * (third === 0 ? 3 : third === 1 ? 6 : 9)) / 8) * (offset < 0 ? -1 : 1)
  if (isCleared(s)) s.bricks.fill(FULL)
}

/** One frame. Returns its points. */
function frame(s: BrickBreakerState, action: number, autoServe: boolean, rng: Rng): number {
  s.paddle_x = clamp(s.paddle_x + MOVES[action], LEFT, RIGHT - paddleWidth(s))
  if (!s.in_play && (action === FIRE || autoServe)) serve(s, rng)
  if (!s.in_play) return 0
  const points = moveBall(s)
  if (points > 0 && isCleared(s)) s.walls++
  return points
}

const inside = (x: number, left: number, width: number): boolean => x >= left && x < left + width

/** Gray of a pixel, 0 to 255. */
function gray(s: BrickBreakerState, x: number, y: number): number {
  if (s.in_play && inside(x, s.ball_x >> 6, 1) && inside(y, s.ball_y >> 6, 2)) return GRAYS.ball
  if (inside(y, 76, 2) && inside(x, s.paddle_x >> 6, paddleWidth(s) / PIXEL)) return GRAYS.ball
  if (inside(y, BRICK_TOP, 2 * ROWS) && inside(x, 6, 72)) {
    const row = (y - BRICK_TOP) >> 1
    return (s.bricks[row] >> ((x - 6) >> 2)) & 1 ? GRAYS.rows[row] : 0
  }
  if (inside(y, 2, 2) && inside(x, 6, 4 * s.lives) && (x - 6) % 4 < 2) return GRAYS.wall
  return (y >= 7 && !inside(x, 6, 72)) || inside(y, 7, 6) ? GRAYS.wall : 0
}

/** The game in whole numbers, so that the kernel computes exactly the same. */
export const makeBrickBreakerTwin = ({ left, top, width, height }: Frame): EnvTwin<BrickBreakerState> => ({
  reset(): BrickBreakerState {
    const ball = { ball_x: 0, ball_y: 0, ball_vx: 0, ball_vy: 0 }
    const counts = { in_play: 0, hits: 0, fast: 0, narrow: 0, walls: 0 }
    return { ...ball, paddle_x: 38 * PIXEL, lives: LIVES, ...counts, bricks: Array<number>(ROWS).fill(FULL) }
  },

  step(s, { 0: action }, rng, params) {
    let reward = 0
    for (let k = 0; k < FRAMES; k++) {
      reward += frame(s, action, params!.autoServe === true, rng)
      if (s.walls === WALLS) return { reward, terminated: true }
      if (s.ball_y < SIDE * PIXEL || !s.in_play) continue
      s.lives--
      Object.assign(s, { in_play: 0, hits: 0, fast: 0, narrow: 0 })
      return { reward, terminated: s.lives === 0, lifeLost: true }
    }
    return { reward, terminated: false }
  },

  observe(s, obs, offset) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) obs[offset + y * width + x] = gray(s, left + x, top + y)
    }
  },
})
