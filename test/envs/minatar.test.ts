/** The twins of MinAtar's games: every recorded step exactly, random policies, and what the parameters do. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ACTION, drawsOf, makeTwin, type Remembers } from '../../envs/minatar/game'
import { CAPACITY, type SeaquestState, seaquest } from '../../envs/minatar/seaquest'
import { GAMES, MINATAR } from '../../envs/minatar/spec'
import { verifyMinAtarReference } from '../../harness/verify/minatar'
import { readMinAtar } from '../../harness/verify/minatarfile'
import type { EnvSpec } from '../../src/env/contract'
import { makeRng, STREAM, uniform } from '../../src/env/rng'

const textOf = (name: string): string =>
  readFileSync(new URL(`../golden/MinAtar-${name}.json`, import.meta.url), 'utf8')
// biome-ignore lint/suspicious/noExplicitAny: a recorded step that is made wrong.
type Row = any
const PARAMS = { stickyActionProb: 0.1, difficultyRamping: true }

describe.each(GAMES.map(({ game, spec }) => [game.name, game, spec] as const))('%s', (name, game, spec) => {
  const file = JSON.parse(textOf(name))

  test('every recorded step and reset', () => {
    const checks = verifyMinAtarReference(readMinAtar(textOf(name)))
    expect(checks).toHaveLength(7)
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
  })

  test('one other number of each kind is found', () => {
    const step = file.wide.findIndex((row: { draws: unknown[] }) => row.draws.length > 0)
    const failed = (change: (row: Row) => void): string[] => {
      const changed = structuredClone(file)
      change(changed.wide[step])
      const checks = verifyMinAtarReference(readMinAtar(JSON.stringify(changed)))
      return checks.flatMap(({ ok, name: quantity }) => (ok ? [] : [quantity]))
    }
    const number = Object.keys(file.wide[step].s2).find((field) => typeof file.wide[step].s2[field] === 'number')!
    expect(failed((row: Row) => row.s2[number]++)).toEqual(['states'])
    expect(failed((row: Row) => row.r++)).toEqual(['rewards'])
    expect(failed((row: Row) => (row.t = 1 - row.t))).toEqual(['terminated'])
    expect(failed((row: Row) => row.o[0].reverse().push(0))).toEqual(['observations'])
    expect(failed((row: Row) => row.draws.push(['rand', 0.5]))).toEqual(['draws'])
    expect(failed((row: Row) => (row.draws = []))).toEqual(['draws'])
    expect(failed((row: Row) => (row.ex = (row.ex + 1) % 6))).toEqual(['actions'])
  })

  test('random actions give the recorded mean return', () => {
    const { n, mean, std, mean_len } = file.random_policy
    const episodes = name === 'freeway' ? 24 : 1000
    const played = Array.from({ length: episodes }, (_, env) => randomEpisode(spec, env))
    const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
    const own = average(played.map((episode) => episode.return))
    const error = std * Math.sqrt(1 / n + 1 / episodes)
    expect(Math.abs(own - mean), `mean return ${own}`).toBeLessThan(4 * error)
    const length = average(played.map((episode) => episode.length))
    expect(Math.abs(length - mean_len) / mean_len, `mean length ${length}`).toBeLessThan(
      name === 'freeway' ? 1e-9 : 0.1,
    )
  }, 60_000)

  test('the chosen action is repeated as often as the parameter says', () => {
    const twin = makeTwin(game, [0, 1, 2, 3, 4, 5])
    const state = twin.reset(makeRng(3, 0, STREAM.ENV_RESET, 0), PARAMS)
    expect(state.last_action).toBe(ACTION.none)
    for (const [prob, carriedOut] of [
      [0, ACTION.left],
      [1, ACTION.fire],
    ]) {
      const copy = { ...structuredClone(state), last_action: ACTION.fire }
      twin.step(copy, [ACTION.left], makeRng(3, 0, STREAM.ENV_STEP, 0), { ...PARAMS, stickyActionProb: prob })
      expect(copy.last_action).toBe(carriedOut)
    }
    const next = twin.reset(makeRng(3, 9, STREAM.ENV_RESET, 0), PARAMS, { ...state, last_action: ACTION.down })
    expect(next.last_action).toBe(ACTION.down)
  })
})

/** Return and length of an episode with actions of equal chances. */
function randomEpisode(spec: EnvSpec<Remembers>, env: number): { return: number; length: number } {
  const twin = spec.twin!
  const state = twin.reset(makeRng(7, 0, STREAM.ENV_RESET, env), PARAMS)
  const episode = { return: 0, length: 0 }
  for (let terminated = false; !terminated; episode.length++) {
    const action = Math.floor(6 * uniform(makeRng(7, episode.length, STREAM.ACTION, env)))
    const result = twin.step(state, [action], makeRng(7, episode.length, STREAM.ENV_STEP, env), PARAMS)
    episode.return += result.reward
    terminated = result.terminated
  }
  return episode
}

test('ten environments: all six actions, and those that have an effect', () => {
  expect(MINATAR.map(({ id, actions }) => [id, actions.length])).toEqual([
    ...[
      ['MinAtar/Breakout-v0', 6],
      ['MinAtar/Breakout-v1', 3],
      ['MinAtar/Asterix-v0', 6],
      ['MinAtar/Asterix-v1', 5],
    ],
    ...[
      ['MinAtar/Freeway-v0', 6],
      ['MinAtar/Freeway-v1', 3],
      ['MinAtar/SpaceInvaders-v0', 6],
    ],
    ...[
      ['MinAtar/SpaceInvaders-v1', 4],
      ['MinAtar/Seaquest-v0', 6],
      ['MinAtar/Seaquest-v1', 6],
    ],
  ])
  const minimal = Object.fromEntries(MINATAR.map(({ id, actions }) => [id, actions]))
  expect(minimal['MinAtar/Breakout-v1']).toEqual(['none', 'left', 'right'])
  expect(minimal['MinAtar/SpaceInvaders-v1']).toEqual(['none', 'left', 'right', 'fire'])
  expect(minimal['MinAtar/Freeway-v1']).toEqual(['none', 'up', 'down'])
  for (const { game } of GAMES) {
    expect(game.minimal).toEqual(JSON.parse(textOf(game.name)).minimal_action_set)
  }
  // Action 2 of three is `right`.
  const spec = MINATAR[1]
  const state = spec.twin!.reset(makeRng(1, 0, STREAM.ENV_RESET, 0), PARAMS)
  spec.twin!.step(state, [2], makeRng(1, 0, STREAM.ENV_STEP, 0), { ...PARAMS, stickyActionProb: 0 })
  expect(state).toMatchObject({ last_action: ACTION.right, pos: 5 })
})

test('without ramping the speeds stay', () => {
  const twin = makeTwin(seaquest, [0, 1, 2, 3, 4, 5])
  const first = { ...twin.reset(makeRng(1, 0, STREAM.ENV_RESET, 0), PARAMS), diver_count: 6, surface: 0 }
  const surfaced = (difficultyRamping: boolean): SeaquestState => {
    const state = structuredClone(first)
    const { reward } = twin.stepWith(state, ACTION.none, drawsOf(makeRng(1, 0, STREAM.ENV_STEP, 0)), {
      ...{ ...PARAMS, stickyActionProb: 0 },
      difficultyRamping,
    })
    expect(reward).toBe(10)
    return state
  }
  expect(surfaced(true)).toMatchObject({ spawn_speed: 19, ramp_index: 1, diver_count: -1, oxygen: 200 })
  expect(surfaced(false)).toMatchObject({ spawn_speed: 20, ramp_index: 0, diver_count: -1, oxygen: 200 })
})

test('what has no place in a list of Seaquest is counted, and left out', () => {
  const twin = makeTwin(seaquest, [0, 1, 2, 3, 4, 5])
  const state = { ...twin.reset(makeRng(1, 0, STREAM.ENV_RESET, 0), PARAMS), spawn_timer: 0 }
  // Fish in the last column, going right, that wait: those of row 8 do not meet the player.
  state.enemies = state.enemies.map(() => 9 | (8 << 4) | (1 << 8) | (5 << 10))
  state.num_enemies = CAPACITY.enemies
  const draws = { uniform: () => 0.4, integer: () => 2 }
  twin.stepWith(state, ACTION.none, draws, PARAMS)
  expect(state).toMatchObject({ overflow: 1, num_enemies: CAPACITY.enemies })
})
