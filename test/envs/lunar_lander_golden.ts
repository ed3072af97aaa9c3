/** Episodes of LunarLander-v3 that were recorded with every random draw and Box2D's state after every step. */
import { readFileSync } from 'node:fs'
import { bodyOf, edgeOf } from '../../envs/lunar_lander/box2d/state'
import type { Draws } from '../../envs/lunar_lander/draws'
import { LUNAR_LANDER_PARAMS, type LunarLanderState, makeLunarLanderTwin } from '../../envs/lunar_lander/lunar_lander'

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
  kwargs: { continuous?: boolean; enable_wind?: boolean }
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

export function readEpisodes(): Episode[] {
  const text = readFileSync(new URL('../golden/LunarLander-v3.ndjson', import.meta.url), 'utf8')
  const [, ...episodes] = text.trim().split('\n')
  return episodes.map((line) => JSON.parse(line))
}

export interface Draw {
  low: number
  high: number
  whole: boolean
  value: number
}

const real = (low: number, high: number, values: number[]): Draw[] =>
  values.map((value) => ({ low, high, whole: false, value }))

/** What a reset draws, in order. */
export const resetDraws = (e: Episode): Draw[] => [
  ...real(0, 400 / 30 / 2, e.heights),
  ...real(-1000, 1000, e.init_force),
  ...(e.wind_idx ?? []).map((value): Draw => ({ low: -9999, high: 9999, whole: true, value })),
  ...real(-1, 1, e.reset_dispersion),
]

/** What step `t` draws. */
export const stepDraws = (e: Episode, t: number): Draw[] => real(-1, 1, e.disp[t])

/** Recorded numbers in their order; a draw of another kind or range, or one too many, is an error. */
export function recorded(draws: Draw[]): Draws & { left(): number } {
  let used = 0
  const take = (low: number, high: number, whole: boolean): number => {
    const draw = draws[used++]
    if (!draw || draw.low !== low || draw.high !== high || draw.whole !== whole) {
      throw new Error(`draw ${used}: ${whole ? 'integer' : 'uniform'} in [${low}, ${high}) was not recorded`)
    }
    return draw.value
  }
  return {
    uniform: (low, high) => take(low, high, false),
    integer: (low, high) => take(low, high, true),
    left: () => draws.length - used,
  }
}

export const twinFor = ({ kwargs }: Episode) =>
  makeLunarLanderTwin(kwargs.continuous === true, { ...LUNAR_LANDER_PARAMS, enableWind: kwargs.enable_wind === true })

/** The twin's state as it was recorded: without features of contacts, boxes and timers. */
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
