/**
 * Steps of MinAtar that were recorded with every random draw, a JSON file with `game`: `steps` of whole games, `wide` from
 * states that were set by hand, and `resets`.
 */
import { type Draws, type Game, type MinAtarParams, type Remembers, SIZE } from '../../envs/minatar/game'
import { GAMES } from '../../envs/minatar/spec'
import type { EnvSpec } from '../../src/env/contract'
import { type Recorded, STATES } from './minatarstates'

/** A number in [0, 1), or a whole one. */
export type Drawn = ['rand' | 'randint', number]

export interface RecordedReset {
  draws: Drawn[]
  state: Recorded
  /** Of each channel the cells that are 1, as y * 10 + x. */
  obs: number[][]
}

export interface RecordedStep {
  /** `steps[3]` or `wide[5]` */
  where: string
  before: Recorded
  /** Observation before the step; only of some in `wide`. */
  seen: number[][] | null
  /** The action of the step before, the chosen one, and the one that was carried out. */
  last: number
  action: number
  executed: number
  draws: Drawn[]
  after: Recorded
  reward: number
  terminated: number
  obs: number[][]
}

export interface MinAtarGolden {
  game: Game<Remembers>
  /** The environment with all six actions. */
  spec: EnvSpec<Remembers>
  params: MinAtarParams
  resets: RecordedReset[]
  steps: RecordedStep[]
}

/** Whether a parsed file names a game. */
export const isMinAtar = (file: unknown): boolean => typeof (file as { game?: unknown } | null)?.game === 'string'

/** MinAtar draws cars' speeds from 1 on, and Seaquest's rows. */
const FIRST: Record<string, number> = { freeway: 1, seaquest: 1 }

/** @throws Error that says where the file is invalid. */
export function readMinAtar(text: string): MinAtarGolden {
  const file = JSON.parse(text)
  const found = GAMES.find(({ game }) => game.name === file.game)
  if (!found) {
    const known = GAMES.map(({ game }) => game.name).join(', ')
    throw new Error(`game: ${JSON.stringify(file.game)} is not known; known are ${known}`)
  }
  const read = new Reader(found.game)
  const { sticky_action_prob: stickyActionProb, ramping: difficultyRamping } = file.meta ?? {}
  if (!(stickyActionProb >= 0 && stickyActionProb <= 1)) {
    throw new Error(`meta.sticky_action_prob: ${stickyActionProb} is not a number from 0 to 1`)
  }
  if (typeof difficultyRamping !== 'boolean') throw new Error(`meta.ramping: ${difficultyRamping} is not true or false`)
  const list = (name: string): unknown[] => {
    if (Array.isArray(file[name])) return file[name]
    throw new Error(`${name}: is not a list`)
  }
  const resets = list('resets').map((value, i) => read.reset(value, `resets[${i}]`))
  const rows = (name: string) => list(name).map((value, i) => read.step(value, `${name}[${i}]`))
  const steps = [...rows('steps'), ...rows('wide')]
  if (steps.length === 0) throw new Error('steps, wide: there are no steps')
  return { ...found, params: { stickyActionProb, difficultyRamping }, resets, steps }
}

const isWhole = (value: unknown): boolean => Number.isInteger(value)
const isTree = (value: unknown): boolean =>
  value === null || isWhole(value) || (Array.isArray(value) && value.every(isTree))

class Reader {
  private readonly fields: string[]

  constructor(private readonly game: Game<Remembers>) {
    const first = { ...game.reset({ uniform: () => 0, integer: () => 0 }), last_action: 0 }
    this.fields = [...Object.keys(STATES[game.name].toRecorded(first as never)), 'terminal']
  }

  reset(value: unknown, where: string): RecordedReset {
    const { draws, state, obs } = object(value, where)
    return {
      draws: this.draws(draws, `${where}.draws`),
      state: this.state(state, `${where}.state`),
      obs: this.obs(obs, `${where}.obs`),
    }
  }

  step(value: unknown, where: string): RecordedStep {
    const { s, o0, last, a, ex, draws, s2, r, t, o } = object(value, where)
    const action = (name: string, given: unknown): number => {
      if (isWhole(given) && Number(given) >= 0 && Number(given) < 6) return Number(given)
      throw new Error(`${where}.${name}: ${JSON.stringify(given)} is not one of the actions 0 to 5`)
    }
    if (!isWhole(r)) throw new Error(`${where}.r: ${JSON.stringify(r)} is not a whole number`)
    if (t !== 0 && t !== 1) throw new Error(`${where}.t: ${JSON.stringify(t)} is not 0 or 1`)
    return {
      where,
      before: this.state(s, `${where}.s`),
      seen: o0 === undefined || o0 === null ? null : this.obs(o0, `${where}.o0`),
      last: action('last', last),
      action: action('a', a),
      executed: action('ex', ex),
      draws: this.draws(draws, `${where}.draws`),
      after: this.state(s2, `${where}.s2`),
      reward: Number(r),
      terminated: t,
      obs: this.obs(o, `${where}.o`),
    }
  }

  private state(value: unknown, where: string): Recorded {
    const state = object(value, where)
    const missing = this.fields.find((field) => !Object.hasOwn(state, field))
    if (missing) throw new Error(`${where}.${missing}: is missing`)
    const bad = Object.keys(state).find((field) => !isTree(state[field]))
    if (bad) throw new Error(`${where}.${bad}: is not made of whole numbers`)
    try {
      STATES[this.game.name].fromRecorded(state)
    } catch (error) {
      throw new Error(`${where}: ${(error as Error).message}`)
    }
    return state
  }

  private draws(value: unknown, where: string): Drawn[] {
    if (!Array.isArray(value)) throw new Error(`${where}: is not a list`)
    return value.flatMap((draw, i) => {
      const [kind, numbers] = Array.isArray(draw) ? draw : []
      const all = [numbers].flat()
      const valid = kind === 'rand' ? all.every((u) => u >= 0 && u < 1) : kind === 'randint' && all.every(isWhole)
      if (!valid) throw new Error(`${where}[${i}]: ${JSON.stringify(draw)} is not ["rand", u] or ["randint", n]`)
      const first = kind === 'randint' ? (FIRST[this.game.name] ?? 0) : 0
      return all.map((number): Drawn => [kind, Number(number) - first])
    })
  }

  private obs(value: unknown, where: string): number[][] {
    const { length } = this.game.channels
    const isCell = (cell: unknown): boolean => isWhole(cell) && Number(cell) >= 0 && Number(cell) < SIZE * SIZE
    if (Array.isArray(value) && value.length === length && value.every((cells) => cells.every?.(isCell))) return value
    throw new Error(`${where}: is not ${length} lists of cells, 0 to ${SIZE * SIZE - 1}`)
  }
}

function object(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new Error(`${where}: is not an object`)
}

/** Recorded draws as a source of random numbers, which throws where another kind is drawn. */
export function replayed(draws: readonly Drawn[]): Draws & { left(): number; units: number[] } {
  let at = 0
  const units: number[] = []
  const take = (kind: Drawn[0]): number => {
    const draw = draws[at++]
    if (draw?.[0] === kind) return draw[1]
    throw new Error(`draw ${at}: a ${kind} is drawn, recorded is ${draw ? `a ${draw[0]}` : 'none'}`)
  }
  return {
    /** What was drawn so far as numbers in [0, 1) of the kernel's generator. */
    units,
    left: () => draws.length - at,
    uniform() {
      const u = take('rand')
      units.push(Math.floor(u * 2 ** 24) * 2 ** -24)
      return u
    },
    integer(n) {
      const value = take('randint')
      if (value < 0 || value >= n) throw new Error(`draw ${at}: ${value} is not below ${n}`)
      // The middle of the interval that the kernel converts to it.
      units.push((value + 0.5) / n)
      return value
    },
  }
}

/** The cells of each channel that are 1, from the entries of an observation. */
export function cellsOf(game: Pick<Game<Remembers>, 'channels'>, entries: ArrayLike<number>): number[][] {
  const cells = game.channels.map((): number[] => [])
  for (let k = 0; k < entries.length; k++)
    if (entries[k] !== 0) cells[k % cells.length].push(Math.floor(k / cells.length))
  return cells
}

/** The environment's state for a recorded one. */
export const stateFrom = (game: Game<Remembers>, recorded: Recorded, last: number): Remembers =>
  ({ ...(STATES[game.name].fromRecorded(recorded) as object), last_action: last }) as Remembers
