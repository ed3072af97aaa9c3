/** MinAtar's Freeway: a chicken crosses eight lanes of cars, as often as it can in 2501 steps. */
import { ACTION, type Draws, type Game, type Remembers, SIZE } from './game'
import { nibble, withNibble } from './packed'

export interface FreewayState extends Remembers {
  /** Of car i, row i + 1, in bits 4i to 4i + 3: its column, steps until it moves, and steps between its moves, 1 to 5. */
  xs: number
  timers: number
  speeds: number
  /** Bit i: car i moves left. */
  leftward: number
  /** Row of the chicken, which is in column 4. */
  pos: number
  move_timer: number
  terminate_timer: number
}

const CARS = 8
const COLUMN = 4
const LAST = SIZE - 1
const CHICKEN_SPEED = 3
const TIME_LIMIT = 2500

const isLeftward = (state: FreewayState, car: number): boolean => ((state.leftward >> car) & 1) === 1

/** New speeds and directions of all cars; a car's timer starts at its speed. */
function drawCars(draws: Draws): Pick<FreewayState, 'timers' | 'speeds' | 'leftward'> {
  let [speeds, leftward] = [0, 0]
  for (let car = 0; car < CARS; car++) speeds = withNibble(speeds, car, draws.integer(5) + 1)
  for (let car = 0; car < CARS; car++) if (draws.uniform() < 1 / 2) leftward |= 1 << car
  return { timers: speeds, speeds, leftward }
}

export const freeway: Game<FreewayState> = {
  name: 'freeway',
  channels: ['chicken', 'car', 'speed1', 'speed2', 'speed3', 'speed4', 'speed5'],
  minimal: [ACTION.none, ACTION.up, ACTION.down],

  reset: (draws) => ({
    xs: 0,
    ...drawCars(draws),
    ...{ pos: LAST, move_timer: CHICKEN_SPEED, terminate_timer: TIME_LIMIT },
  }),

  step(state, action, draws) {
    let reward = 0
    if (state.move_timer === 0 && (action === ACTION.up || action === ACTION.down)) {
      state.move_timer = CHICKEN_SPEED
      state.pos = action === ACTION.up ? Math.max(0, state.pos - 1) : Math.min(LAST, state.pos + 1)
    }
    if (state.pos === 0) {
      reward = 1
      Object.assign(state, drawCars(draws))
      state.pos = LAST
    }
    for (let car = 0; car < CARS; car++) {
      const hits = () => nibble(state.xs, car) === COLUMN && state.pos === car + 1
      if (hits()) state.pos = LAST
      const timer = nibble(state.timers, car)
      if (timer > 0) {
        state.timers = withNibble(state.timers, car, timer - 1)
        continue
      }
      state.timers = withNibble(state.timers, car, nibble(state.speeds, car))
      const x = nibble(state.xs, car) + (isLeftward(state, car) ? LAST : 1)
      state.xs = withNibble(state.xs, car, x % SIZE)
      if (hits()) state.pos = LAST
    }
    if (state.move_timer > 0) state.move_timer--
    state.terminate_timer--
    return { reward, terminated: state.terminate_timer < 0 }
  },

  observe(state, put) {
    put(0, COLUMN, state.pos)
    for (let car = 0; car < CARS; car++) {
      const x = nibble(state.xs, car)
      put(1, x, car + 1)
      const behind = (x + (isLeftward(state, car) ? 1 : LAST)) % SIZE
      put(1 + nibble(state.speeds, car), behind, car + 1)
    }
  },
}
