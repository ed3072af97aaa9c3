/** MinAtar's Asterix: gold to take and enemies to avoid cross eight rows. */
import type { StepResult } from '../../src/env/contract'
import { ACTION, type Draws, type Game, inside, type Remembers, SIZE } from './game'
import { nibble, withNibble } from './packed'

export interface AsterixState extends Remembers {
  player_x: number
  player_y: number
  /** Column of what is in slot i, row i + 1: bits 4i to 4i + 3. */
  xs: number
  /** Bit i: slot i is taken; what is in it moves right; it is gold. */
  taken: number
  rightward: number
  gold: number
  spawn_speed: number
  spawn_timer: number
  move_speed: number
  move_timer: number
  ramp_timer: number
  ramp_index: number
}

const SLOTS = 8
const RAMP_INTERVAL = 100
const LAST = SIZE - 1

const has = (bits: number, slot: number): boolean => ((bits >> slot) & 1) === 1

/** Something enters a free slot; without one it does not, and the slot is not drawn. */
function spawn(state: AsterixState, draws: Draws): void {
  const isRightward = draws.uniform() < 1 / 2
  const isGold = draws.uniform() < 1 / 3
  const free = Array.from({ length: SLOTS }, (_, slot) => slot).filter((slot) => !has(state.taken, slot))
  if (free.length === 0) return
  const slot = free[draws.integer(free.length)]
  state.taken |= 1 << slot
  if (isRightward) state.rightward |= 1 << slot
  if (isGold) state.gold |= 1 << slot
  state.xs = withNibble(state.xs, slot, isRightward ? 0 : LAST)
}

/** Empties a slot; nothing of it stays in the state. */
function clear(state: AsterixState, slot: number): void {
  state.taken &= ~(1 << slot)
  state.rightward &= ~(1 << slot)
  state.gold &= ~(1 << slot)
  state.xs = withNibble(state.xs, slot, 0)
}

/** What the player meets in `slot`: gold is taken, an enemy ends the episode. */
function meet(state: AsterixState, slot: number, result: StepResult): void {
  if (!has(state.taken, slot) || state.player_y !== slot + 1 || state.player_x !== nibble(state.xs, slot)) return
  if (has(state.gold, slot)) {
    result.reward++
    clear(state, slot)
  } else result.terminated = true
}

function ramp(state: AsterixState): void {
  if (state.spawn_speed <= 1 && state.move_speed <= 1) return
  if (state.ramp_timer >= 0) {
    state.ramp_timer--
    return
  }
  if (state.move_speed > 1 && state.ramp_index % 2 === 1) state.move_speed--
  if (state.spawn_speed > 1) state.spawn_speed--
  state.ramp_index++
  state.ramp_timer = RAMP_INTERVAL
}

export const asterix: Game<AsterixState> = {
  name: 'asterix',
  channels: ['player', 'enemy', 'trail', 'gold'],
  minimal: [ACTION.none, ACTION.left, ACTION.up, ACTION.right, ACTION.down],

  reset: () => ({
    ...{ player_x: 5, player_y: 5, xs: 0, taken: 0, rightward: 0, gold: 0 },
    ...{ spawn_speed: 10, spawn_timer: 10, move_speed: 5, move_timer: 5, ramp_timer: RAMP_INTERVAL, ramp_index: 0 },
  }),

  step(state, action, draws, ramping) {
    const result = { reward: 0, terminated: false }
    if (state.spawn_timer === 0) {
      spawn(state, draws)
      state.spawn_timer = state.spawn_speed
    }
    if (action === ACTION.left) state.player_x = Math.max(0, state.player_x - 1)
    if (action === ACTION.right) state.player_x = Math.min(LAST, state.player_x + 1)
    if (action === ACTION.up) state.player_y = Math.max(1, state.player_y - 1)
    if (action === ACTION.down) state.player_y = Math.min(SLOTS, state.player_y + 1)
    for (let slot = 0; slot < SLOTS; slot++) meet(state, slot, result)
    if (state.move_timer === 0) {
      state.move_timer = state.move_speed
      for (let slot = 0; slot < SLOTS; slot++) {
        if (!has(state.taken, slot)) continue
        const x = nibble(state.xs, slot) + (has(state.rightward, slot) ? 1 : -1)
        if (inside(x)) {
          state.xs = withNibble(state.xs, slot, x)
          meet(state, slot, result)
        } else clear(state, slot)
      }
    }
    state.spawn_timer--
    state.move_timer--
    if (ramping) ramp(state)
    return result
  },

  observe(state, put) {
    put(0, state.player_x, state.player_y)
    for (let slot = 0; slot < SLOTS; slot++) {
      if (!has(state.taken, slot)) continue
      const x = nibble(state.xs, slot)
      put(has(state.gold, slot) ? 3 : 1, x, slot + 1)
      const behind = x + (has(state.rightward, slot) ? -1 : 1)
      if (inside(behind)) put(2, behind, slot + 1)
    }
  },
}
