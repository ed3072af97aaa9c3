/** MinAtar's Space Invaders: a block of aliens comes down, shoots, and comes back faster when all are shot. */
import { ACTION, type Game, type Remembers, SIZE } from './game'
import {
  type Board,
  boardOf,
  cell,
  count,
  emptyBoard,
  rolledDown,
  rolledUp,
  rowOf,
  rowsOf,
  setCell,
  shifted,
} from './rows'

export interface SpaceInvadersState extends Remembers {
  friendly: Board
  enemy: Board
  aliens: Board
  /** Column of the cannon, which is in the last row. */
  pos: number
  /** -1 left, 1 right. */
  alien_dir: number
  /** Most steps between two moves of the aliens; few aliens are faster. */
  move_interval: number
  alien_move_timer: number
  alien_shot_timer: number
  ramp_index: number
  shot_timer: number
}

const LAST = SIZE - 1
const SHOT_COOLDOWN = 5
const FIRST_INTERVAL = 12
const LEAST_INTERVAL = 6
const ENEMY_SHOT_INTERVAL = 10
/** Rows 0 to 3, columns 2 to 7. */
const BLOCK = boardOf([252, 252, 252, 252])

/** Of all columns with an alien the nearest to `pos`, of two the left one; null without aliens. */
function nearestColumn(aliens: Board, pos: number): number | null {
  const columns = rowsOf(aliens).reduce((a, b) => a | b)
  for (let distance = 0; distance < SIZE; distance++) {
    for (const x of [pos - distance, pos + distance]) if (x >= 0 && x < SIZE && (columns >> x) & 1) return x
  }
  return null
}

/** The row of the lowest alien in column `x`, which has one. */
function lowest(aliens: Board, x: number): number {
  let y = LAST
  while (!cell(aliens, x, y)) y--
  return y
}

const without = (a: Board, b: Board): Board => a.map((word, i) => word & ~b[i]) as Board
const both = (a: Board, b: Board): Board => a.map((word, i) => word & b[i]) as Board

/** One move of the aliens: sideways, or down and around at a wall. Returns whether one was in the last row before that. */
function moveAliens(state: SpaceInvadersState): boolean {
  state.alien_move_timer = Math.min(count(state.aliens), state.move_interval)
  const wall = state.alien_dir < 0 ? 0 : LAST
  const atWall = rowsOf(state.aliens).some((row) => (row >> wall) & 1)
  if (!atWall) {
    state.aliens = shifted(state.aliens, state.alien_dir < 0)
    return false
  }
  const arrived = rowOf(state.aliens, LAST) !== 0
  state.alien_dir = -state.alien_dir
  state.aliens = rolledDown(state.aliens)
  return arrived
}

export const spaceInvaders: Game<SpaceInvadersState> = {
  name: 'space_invaders',
  channels: ['cannon', 'alien', 'alien_left', 'alien_right', 'friendly_bullet', 'enemy_bullet'],
  minimal: [ACTION.none, ACTION.left, ACTION.right, ACTION.fire],

  reset: () => ({
    ...{ friendly: emptyBoard(), enemy: emptyBoard(), aliens: [...BLOCK] as Board, pos: 5, alien_dir: -1 },
    ...{ move_interval: FIRST_INTERVAL, alien_move_timer: FIRST_INTERVAL, alien_shot_timer: ENEMY_SHOT_INTERVAL },
    ...{ ramp_index: 0, shot_timer: 0 },
  }),

  step(state, action, _draws, ramping) {
    let terminated = false
    if (action === ACTION.fire && state.shot_timer === 0) {
      setCell(state.friendly, state.pos, LAST)
      state.shot_timer = SHOT_COOLDOWN
    }
    if (action === ACTION.left) state.pos = Math.max(0, state.pos - 1)
    if (action === ACTION.right) state.pos = Math.min(LAST, state.pos + 1)
    const lastRow = boardOf([0, 0, 0, 0, 0, 0, 0, 0, 0, 1023])
    const firstRow = boardOf([1023])
    state.friendly = without(rolledUp(state.friendly), lastRow)
    state.enemy = without(rolledDown(state.enemy), firstRow)
    const hit = (board: Board): boolean => cell(board, state.pos, LAST)
    if (hit(state.enemy) || hit(state.aliens)) terminated = true
    if (state.alien_move_timer === 0) {
      if (moveAliens(state) || hit(state.aliens)) terminated = true
    }
    if (state.alien_shot_timer === 0) {
      state.alien_shot_timer = ENEMY_SHOT_INTERVAL
      const x = nearestColumn(state.aliens, state.pos)
      if (x !== null) setCell(state.enemy, x, lowest(state.aliens, x))
    }
    const killed = both(state.aliens, state.friendly)
    state.aliens = without(state.aliens, killed)
    state.friendly = without(state.friendly, killed)
    if (state.shot_timer > 0) state.shot_timer--
    state.alien_move_timer--
    state.alien_shot_timer--
    if (count(state.aliens) === 0) {
      if (state.move_interval > LEAST_INTERVAL && ramping) {
        state.move_interval--
        state.ramp_index++
      }
      state.aliens = [...BLOCK] as Board
    }
    return { reward: count(killed), terminated }
  },

  observe(state, put) {
    put(0, state.pos, LAST)
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        if (cell(state.aliens, x, y)) {
          put(1, x, y)
          put(state.alien_dir < 0 ? 2 : 3, x, y)
        }
        if (cell(state.friendly, x, y)) put(4, x, y)
        if (cell(state.enemy, x, y)) put(5, x, y)
      }
    }
  },
}
