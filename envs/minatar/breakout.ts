/** MinAtar's Breakout: a ball, a paddle, three rows of bricks that come back when all are gone. */
import { ACTION, type Game, type Remembers, SIZE } from './game'

export interface BreakoutState extends Remembers {
  ball_x: number
  ball_y: number
  /** 0 up and left, 1 up and right, 2 down and right, 3 down and left. */
  ball_dir: number
  /** Column of the paddle, which is in the last row. */
  pos: number
  /** Bit 10 (y - 1) + x: the brick of column x in row y, 1 to 3. */
  bricks: number
  /** 1 while the ball passes through bricks after it took one. */
  strike: number
  /** Where the ball was before the step. */
  last_x: number
  last_y: number
}

const ALL_BRICKS = 2 ** 30 - 1
const LAST = SIZE - 1
/** The direction after a bounce off a wall at the side, off a ceiling or a floor, and off the edge of the paddle. */
const OFF_SIDE = [1, 0, 3, 2]
const OFF_TOP = [3, 2, 1, 0]
const OFF_EDGE = [2, 3, 0, 1]
const DX = [-1, 1, 1, -1]
const DY = [-1, -1, 1, 1]

const brickBit = (x: number, y: number): number => (y >= 1 && y <= 3 ? 1 << (SIZE * (y - 1) + x) : 0)

export const breakout: Game<BreakoutState> = {
  name: 'breakout',
  channels: ['paddle', 'ball', 'trail', 'brick'],
  minimal: [ACTION.none, ACTION.left, ACTION.right],

  reset(draws) {
    const fromRight = draws.integer(2) === 1
    const x = fromRight ? LAST : 0
    return {
      ball_x: x,
      ball_y: 3,
      ball_dir: fromRight ? 3 : 2,
      pos: 4,
      bricks: ALL_BRICKS,
      strike: 0,
      last_x: x,
      last_y: 3,
    }
  },

  step(state, action) {
    if (action === ACTION.left) state.pos = Math.max(0, state.pos - 1)
    if (action === ACTION.right) state.pos = Math.min(LAST, state.pos + 1)
    const { ball_x, ball_y, pos } = state
    let x = ball_x + DX[state.ball_dir]
    let y = ball_y + DY[state.ball_dir]
    state.last_x = ball_x
    state.last_y = ball_y
    if (x < 0 || x > LAST) {
      x = Math.min(LAST, Math.max(0, x))
      state.ball_dir = OFF_SIDE[state.ball_dir]
    }
    let reward = 0
    let terminated = false
    let inBrick = false
    if (y < 0) {
      y = 0
      state.ball_dir = OFF_TOP[state.ball_dir]
    } else if (state.bricks & brickBit(x, y)) {
      inBrick = true
      if (state.strike === 0) {
        reward = 1
        state.strike = 1
        state.bricks -= brickBit(x, y)
        y = ball_y
        state.ball_dir = OFF_TOP[state.ball_dir]
      }
    } else if (y === LAST) {
      if (state.bricks === 0) state.bricks = ALL_BRICKS
      if (ball_x === pos) {
        y = ball_y
        state.ball_dir = OFF_TOP[state.ball_dir]
      } else if (x === pos) {
        y = ball_y
        state.ball_dir = OFF_EDGE[state.ball_dir]
      } else terminated = true
    }
    if (!inBrick) state.strike = 0
    state.ball_x = x
    state.ball_y = y
    return { reward, terminated }
  },

  observe(state, put) {
    put(0, state.pos, LAST)
    put(1, state.ball_x, state.ball_y)
    put(2, state.last_x, state.last_y)
    for (let y = 1; y <= 3; y++) for (let x = 0; x < SIZE; x++) if (state.bricks & brickBit(x, y)) put(3, x, y)
  },
}
