/** States of MinAtar's games: as MinAtar's attributes in a golden file, and as this project's environments have them. */
import type { AsterixState } from '../../envs/minatar/asterix'
import type { BreakoutState } from '../../envs/minatar/breakout'
import type { FreewayState } from '../../envs/minatar/freeway'
import type { Game, Remembers } from '../../envs/minatar/game'
import { type Item, pack, unpack } from '../../envs/minatar/items'
import { nibble, withNibble } from '../../envs/minatar/packed'
import { type Board, boardOf, rowsOf } from '../../envs/minatar/rows'
import { CAPACITY, type SeaquestState } from '../../envs/minatar/seaquest'
import type { SpaceInvadersState } from '../../envs/minatar/space_invaders'

type Own<S extends Remembers> = Omit<S, 'last_action'>

/** A recorded state: numbers and lists of numbers, by the names of MinAtar's attributes. */
// biome-ignore lint/suspicious/noExplicitAny: what each game's file has; the reader checks that they are numbers.
export type Recorded = Record<string, any>

interface States<S extends Remembers> {
  fromRecorded(recorded: Recorded): Own<S>
  /** All attributes but `terminal`. */
  toRecorded(state: S): Recorded
}

const nibbles = (numbers: number[]): number => numbers.reduce((word, value, i) => withNibble(word, i, value), 0)
const bits = (flags: boolean[]): number => flags.reduce((word, flag, i) => word | (Number(flag) << i), 0)
const eight = Array.from({ length: 8 }, (_, i) => i)

const breakout: States<BreakoutState> = {
  fromRecorded: ({ brick_map, ball_x, ball_y, ball_dir, pos, strike, last_x, last_y }) => ({
    ...{ ball_x, ball_y, ball_dir, pos },
    bricks: brick_map[1] | (brick_map[2] << 10) | (brick_map[3] << 20),
    ...{ strike, last_x, last_y },
  }),
  toRecorded: ({ bricks, last_action: _, ...state }) => {
    const rows = [0, 10, 20].map((shift) => (bricks >> shift) & 1023)
    return { ...state, brick_map: [0, ...rows, 0, 0, 0, 0, 0, 0] }
  },
}

const asterix: States<AsterixState> = {
  fromRecorded: ({ player_x, player_y, entities, shot_timer: _, terminal: __, ...timers }) => ({
    ...{ player_x, player_y },
    xs: nibbles(entities.map((entity: number[] | null) => entity?.[0] ?? 0)),
    taken: bits(entities.map((entity: number[] | null) => entity !== null)),
    rightward: bits(entities.map((entity: number[] | null) => entity?.[2] === 1)),
    gold: bits(entities.map((entity: number[] | null) => entity?.[3] === 1)),
    ...(timers as Omit<Own<AsterixState>, 'player_x' | 'player_y' | 'xs' | 'taken' | 'rightward' | 'gold'>),
  }),
  toRecorded: ({ xs, taken, rightward, gold, last_action: _, ...state }) => {
    const flag = (word: number, i: number) => (word >> i) & 1
    const entity = (i: number) => (flag(taken, i) ? [nibble(xs, i), i + 1, flag(rightward, i), flag(gold, i)] : null)
    return { ...state, shot_timer: 0, entities: eight.map(entity) }
  },
}

const freeway: States<FreewayState> = {
  fromRecorded: ({ cars, pos, move_timer, terminate_timer }) => ({
    xs: nibbles(cars.map(([x]: number[]) => x)),
    timers: nibbles(cars.map(([, , timer]: number[]) => timer)),
    speeds: nibbles(cars.map(([, , , speed]: number[]) => Math.abs(speed))),
    leftward: bits(cars.map(([, , , speed]: number[]) => speed < 0)),
    ...{ pos, move_timer, terminate_timer },
  }),
  toRecorded: ({ xs, timers, speeds, leftward, last_action: _, ...state }) => {
    const speed = (i: number) => nibble(speeds, i) * ((leftward >> i) & 1 ? -1 : 1)
    return { ...state, cars: eight.map((i) => [nibble(xs, i), i + 1, nibble(timers, i), speed(i)]) }
  },
}

const spaceInvaders: States<SpaceInvadersState> = {
  fromRecorded: (recorded) => ({
    friendly: boardOf(recorded.f_bullet_map) as Board,
    enemy: boardOf(recorded.e_bullet_map) as Board,
    aliens: boardOf(recorded.alien_map) as Board,
    pos: recorded.pos,
    alien_dir: recorded.alien_dir,
    move_interval: recorded.enemy_move_interval,
    alien_move_timer: recorded.alien_move_timer,
    alien_shot_timer: recorded.alien_shot_timer,
    ramp_index: recorded.ramp_index,
    shot_timer: recorded.shot_timer,
  }),
  toRecorded: ({ friendly, enemy, aliens, move_interval, last_action: _, ...state }) => ({
    ...state,
    f_bullet_map: rowsOf(friendly),
    e_bullet_map: rowsOf(enemy),
    alien_map: rowsOf(aliens),
    enemy_move_interval: move_interval,
  }),
}

const itemOf =
  (sub: boolean) =>
  (numbers: number[]): Item => {
    const [x, y, right, move = 0, shot = 0] = numbers
    return { x, y, right: right === 1, sub, move, shot }
  }

const seaquest: States<SeaquestState> = {
  fromRecorded: (recorded) => {
    const { oxygen, diver_count, sub_x, sub_y, sub_or, surface, move_speed, ramp_index, shot_timer } = recorded
    const { e_spawn_speed: spawn_speed, e_spawn_timer: spawn_timer, d_spawn_timer: diver_timer } = recorded
    const fish = recorded.e_fish.map(itemOf(false))
    const lists = {
      enemies: [...fish, ...recorded.e_subs.map(itemOf(true))],
      enemy_bullets: recorded.e_bullets.map(itemOf(false)),
      bullets: recorded.f_bullets.map(itemOf(false)),
      divers: recorded.divers.map(itemOf(false)),
    }
    for (const [name, list] of Object.entries(lists) as [keyof typeof lists, Item[]][]) {
      if (list.length > CAPACITY[name]) {
        throw new Error(
          `${list.length} ${name.replace('_', ' ')}, and the environment has places for ${CAPACITY[name]}`,
        )
      }
    }
    return {
      ...{ oxygen, diver_count, sub_x, sub_y, sub_or, surface, spawn_speed, spawn_timer, diver_timer, move_speed },
      ...{ ramp_index, shot_timer, overflow: 0 },
      num_enemies: lists.enemies.length,
      num_enemy_bullets: lists.enemy_bullets.length,
      num_bullets: lists.bullets.length,
      num_divers: lists.divers.length,
      enemies: pack(lists.enemies, CAPACITY.enemies),
      enemy_bullets: pack(lists.enemy_bullets, CAPACITY.enemy_bullets),
      bullets: pack(lists.bullets, CAPACITY.bullets),
      divers: pack(lists.divers, CAPACITY.divers),
    }
  },
  toRecorded: (state) => {
    const { oxygen, diver_count, sub_x, sub_y, sub_or, surface, move_speed, ramp_index, shot_timer } = state
    const enemies = unpack(state.enemies, state.num_enemies)
    const bullet = ({ x, y, right }: Item) => [x, y, Number(right)]
    const mover = (item: Item) => [...bullet(item), item.move]
    return {
      ...{ oxygen, diver_count, sub_x, sub_y, sub_or },
      f_bullets: unpack(state.bullets, state.num_bullets).map(bullet),
      e_bullets: unpack(state.enemy_bullets, state.num_enemy_bullets).map(bullet),
      e_fish: enemies.filter(({ sub }) => !sub).map(mover),
      e_subs: enemies.filter(({ sub }) => sub).map((item) => [...mover(item), item.shot]),
      divers: unpack(state.divers, state.num_divers).map(mover),
      ...{ e_spawn_speed: state.spawn_speed, e_spawn_timer: state.spawn_timer, d_spawn_timer: state.diver_timer },
      ...{ move_speed, ramp_index, shot_timer, surface },
    }
  },
}

/** By the name of the game. */
export const STATES: Record<string, States<never>> = {
  breakout: breakout as unknown as States<never>,
  asterix: asterix as unknown as States<never>,
  freeway: freeway as unknown as States<never>,
  space_invaders: spaceInvaders as unknown as States<never>,
  seaquest: seaquest as unknown as States<never>,
} satisfies Record<Game<Remembers>['name'], unknown>
