/** Shared by the tests of environments: Gymnasium's recordings, read into numbers by name. */
import { readFileSync } from 'node:fs'
import type { EnvSpec } from '../../src/env/contract'
import { makeRng, STREAM } from '../../src/env/rng'
import { twinOf } from '../../src/reference/replay_envs'

/** Recorded from Gymnasium; see test/golden/README.md. */
export interface Golden {
  env: string
  max_episode_steps: number
  reward_threshold: number | null
  obs_low: string[]
  obs_high: string[]
  reset_stats: { n: number; min: number[]; max: number[]; mean: number[]; std: number[] }
  /**
   * Columns: kind (`roll`: met by a random policy; `wide`: the state was set), state, action, next state, observation,
   * reward, terminated.
   */
  transitions: {
    k: ('roll' | 'wide')[]
    s: number[][]
    a: (number | number[])[]
    s2: number[][]
    o: number[][]
    r: number[]
    te: number[]
  }
  episodes: {
    init: number[]
    actions: (number | number[])[]
    states: number[][]
    states_stride: number
    len: number
    ret: number
    terminated: boolean
    truncated: boolean
  }[]
}

export const readGolden = (id: string): Golden =>
  JSON.parse(readFileSync(new URL(`../golden/${id}.json`, import.meta.url), 'utf8'))

/** A recorded action in the form that environments take. */
export const actionOf = (a: number | number[]): number[] => [a].flat()

/** The names of the state's fields, in order. */
export const fieldsOf = (spec: EnvSpec): string[] => Object.keys(twinOf(spec).reset(makeRng(0, 0, STREAM.ENV_RESET, 0)))

/** A recorded row as a state. */
export const stateOf = (fields: string[], row: ArrayLike<number>): Record<string, number> =>
  Object.fromEntries(fields.map((field, i) => [field, row[i]]))
