/**
 * Episodes of LunarLander that were recorded in Gymnasium with every random draw, and with Box2D's state after every
 * step: a JSON file with `meta.box2d` and `episodes`, or one value per line (.ndjson), first `meta`, then the episodes.
 */
import { bodyOf, edgeOf } from '../../envs/lunar_lander/box2d/state'
import type { Draws } from '../../envs/lunar_lander/draws'
import {
  LUNAR_LANDER_PARAMS,
  type LunarLanderParams,
  type LunarLanderState,
} from '../../envs/lunar_lander/lunar_lander'
import { resolveParams } from '../../src/config/params'

/** Box2D's state after a step; see `fields` in the file. */
export interface Snap {
  b: number[][]
  j: number[][]
  gc: number[]
  aw: number
  nc: number
  c: [number, number, number, number, number, number[][]][]
}

export interface Episode {
  kind: string
  seed: number
  kwargs: Record<string, number | boolean>
  heights: number[]
  init_force: number[]
  wind_idx: number[] | null
  reset_dispersion: number[]
  reset_obs: number[]
  reset_snap: Snap
  actions: (number | number[])[]
  disp: number[][]
  obs: number[][]
  rew: number[]
  term: number[]
  snap: Snap[]
  len: number
}

/** Whether a parsed file names a Box2D. */
export const isLander = (file: unknown): boolean => {
  const { meta } = (file ?? {}) as { meta?: { box2d?: unknown } }
  return typeof meta?.box2d === 'string'
}

/**
 * The recorded episodes of a file.
 * @throws Error that says where it is invalid.
 */
export function readLander(text: string, lines: boolean): Episode[] {
  const [first, ...rest] = lines ? text.trim().split('\n').map(parseLine) : [parse(text, 'the file')]
  if (!isLander(first))
    throw new Error('meta.box2d: missing; recorded episodes of LunarLander name the Box2D behind them')
  const episodes = lines ? rest : (first as { episodes?: unknown }).episodes
  if (!Array.isArray(episodes) || episodes.length === 0) throw new Error('episodes: there are none')
  episodes.forEach((episode, i) => {
    checkEpisode(episode, `episodes[${i}]`)
  })
  return episodes as Episode[]
}

const parseLine = (line: string, i: number): unknown => parse(line, `line ${i + 1}`)

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`)
  }
}

function checkEpisode(given: unknown, path: string): void {
  if (typeof given !== 'object' || given === null) throw new Error(`${path}: is not an episode`)
  const e = given as Record<string, unknown>
  const { len } = e
  if (!Number.isInteger(len) || Number(len) < 1) throw new Error(`${path}.len: ${len} is not a number of steps`)
  const continuous = (e.kwargs as Record<string, unknown> | undefined)?.continuous === true
  const numbers = (where: string, value: unknown, count: number) => {
    if (Array.isArray(value) && value.length === count && value.every(Number.isFinite)) return
    throw new Error(`${path}.${where}: is not ${count} finite numbers`)
  }
  const rows = (name: string, check: (where: string, value: unknown) => void) => {
    const value = e[name]
    if (!Array.isArray(value) || value.length !== len) throw new Error(`${path}.${name}: is not a list of ${len} steps`)
    value.forEach((row, t) => {
      check(`${name}[${t}]`, row)
    })
  }
  checkKwargs(e.kwargs, path)
  numbers('heights', e.heights, 12)
  numbers('init_force', e.init_force, 2)
  numbers('reset_dispersion', e.reset_dispersion, 2)
  numbers('reset_obs', e.reset_obs, 8)
  const wind = (e.kwargs as Record<string, unknown>).enable_wind === true
  if (wind) numbers('wind_idx', e.wind_idx, 2)
  else if (e.wind_idx !== null) throw new Error(`${path}.wind_idx: there is no wind, so none is drawn; it must be null`)
  rows('actions', (where, action) => {
    if (continuous) numbers(where, action, 2)
    else if (![0, 1, 2, 3].includes(action as number))
      throw new Error(`${path}.${where}: ${JSON.stringify(action)} is not one of the actions 0, 1, 2, 3`)
  })
  rows('disp', (where, row) => numbers(where, row, 2))
  rows('obs', (where, row) => numbers(where, row, 8))
  rows('rew', (where, x) => numbers(where, [x], 1))
  rows('term', (where, x) => numbers(where, [Number(x)], 1))
  const snap = (where: string, value: unknown) => {
    const { b, j, gc, c } = (value ?? {}) as Partial<Snap>
    if (b?.length === 3 && j?.length === 2 && gc?.length === 2 && Array.isArray(c)) return
    throw new Error(`${path}.${where}: is not a state of three bodies, two joints, two legs and the contacts`)
  }
  snap('reset_snap', e.reset_snap)
  rows('snap', snap)
}

/** Gymnasium's names of the parameters. */
const KWARGS: Record<string, keyof LunarLanderParams> = {
  gravity: 'gravity',
  enable_wind: 'enableWind',
  wind_power: 'windPower',
  turbulence_power: 'turbulencePower',
}

function checkKwargs(kwargs: unknown, path: string): void {
  if (typeof kwargs !== 'object' || kwargs === null) throw new Error(`${path}.kwargs: is not an object`)
  const unknown = Object.keys(kwargs).find((name) => name !== 'continuous' && !Object.hasOwn(KWARGS, name))
  if (unknown === undefined) return
  throw new Error(`${path}.kwargs.${unknown}: is not known; known are continuous, ${Object.keys(KWARGS).join(', ')}`)
}

/** The parameters that an episode was played with. */
export function paramsOf({ kwargs }: Pick<Episode, 'kwargs'>): LunarLanderParams {
  const given = Object.entries(KWARGS).flatMap(([theirs, ours]) =>
    kwargs[theirs] === undefined ? [] : [[ours, kwargs[theirs]]],
  )
  const spec = { id: 'LunarLander', params: LUNAR_LANDER_PARAMS }
  return resolveParams(Object.fromEntries(given), 1, spec) as unknown as LunarLanderParams
}

export const actionOf = (action: number | number[]): number[] => [action].flat()

/** One number that was drawn. */
export interface Draw {
  low: number
  high: number
  whole: boolean
  value: number
}

const real = (low: number, high: number, values: number[]): Draw[] =>
  values.map((value) => ({ low, high, whole: false, value }))

/** The draws of a reset, in order. */
export const resetDraws = (e: Episode): Draw[] => [
  ...real(0, 400 / 30 / 2, e.heights),
  ...real(-1000, 1000, e.init_force),
  ...(e.wind_idx ?? []).map((value): Draw => ({ low: -9999, high: 9999, whole: true, value })),
  ...real(-1, 1, e.reset_dispersion),
]

/** The draws of step `t`. */
export const stepDraws = (e: Episode, t: number): Draw[] => real(-1, 1, e.disp[t])

/** Recorded numbers in their order; a draw of another kind or range, or one too many, is an error. */
export function recorded(draws: Draw[]): Draws & { left(): number } {
  let used = 0
  const take = (low: number, high: number, whole: boolean): number => {
    const draw = draws[used++]
    if (!draw || draw.low !== low || draw.high !== high || draw.whole !== whole) {
      const was = draw ? `${draw.whole ? 'integer' : 'uniform'} in [${draw.low}, ${draw.high})` : 'none'
      throw new Error(`draw ${used}: ${whole ? 'integer' : 'uniform'} in [${low}, ${high}), recorded was ${was}`)
    }
    return draw.value
  }
  return {
    uniform: (low, high) => take(low, high, false),
    integer: (low, high) => take(low, high, true),
    left: () => draws.length - used,
  }
}

/** The twin's state in the form of the recording: without contact features, boxes and timers. */
export const snapOf = (state: LunarLanderState) => ({
  b: state.bodies.map((b) => [...b.position, b.angle, ...b.velocity, b.angular_velocity]),
  j: state.joints.map((j) => [...j.impulse, j.limit_impulse, j.motor_impulse]),
  gc: state.legs,
  aw: state.bodies[0].awake,
  nc: state.contact_count,
  c: state.contacts
    .filter(({ points }) => points > 0)
    .reverse()
    .map((c) => [
      bodyOf(c) + 1,
      edgeOf(c),
      Array.from({ length: c.points }, (_, i) => [c.normal_impulse[i], c.tangent_impulse[i]]),
    ]),
})

export const recordedSnap = ({ b, j, gc, aw, nc, c }: Snap) => ({
  b,
  j,
  gc,
  aw,
  nc,
  c: c.map((contact) => [contact[0], contact[1], contact[5].map((point) => point.slice(0, 2))]),
})

/** Joint and contact impulses as one list; for each touching contact also its bodies, and its number of points. */
export const impulsesOf = ({ j, c }: ReturnType<typeof recordedSnap> | ReturnType<typeof snapOf>): number[] =>
  [j, c.map((contact) => [contact[0], contact[1], (contact[2] as number[][]).length, contact[2]])].flat(
    Number.POSITIVE_INFINITY,
  ) as number[]
