/** The twin of LunarLander-v3 against recordings of Box2D and Gymnasium: every step must be bit-identical. */
import { describe, expect, test } from 'vitest'
import { cosf, sinf } from '../../envs/lunar_lander/box2d/sincosf'
import { LUNAR_LANDER_PARAMS, type LunarLanderState, makeLunarLanderTwin } from '../../envs/lunar_lander/lunar_lander'
import { type Episode, recorded, recordedSnap, resetDraws, snapOf, stepDraws } from '../../harness/verify/landerfile'
import { defaultParams } from '../../src/env/params'
import { makeRng, STREAM } from '../../src/env/rng'
import { actionOf } from './golden'
import { readEpisodes, twinFor } from './lunar_lander_golden'

const episodes = readEpisodes()
/** -0 and 0 count as equal. */
const text = (value: unknown): string => JSON.stringify(value)

const observe = (twin: ReturnType<typeof twinFor>, state: LunarLanderState): number[] => {
  const obs = new Float64Array(8)
  twin.observe(state, obs, 0)
  return Array.from(obs)
}

/** Steps that differ from the recording. */
function replay(episode: Episode, change = (action: number[]): number[] => action): number[] {
  const twin = twinFor(episode)
  const draws = recorded(resetDraws(episode))
  const state = twin.resetWith(draws)
  expect(draws.left()).toBe(0)
  expect(text(snapOf(state))).toBe(text(recordedSnap(episode.reset_snap)))
  expect(observe(twin, state)).toEqual(episode.reset_obs)
  const different: number[] = []
  for (let t = 0; t < episode.len; t++) {
    const dispersion = recorded(stepDraws(episode, t))
    const { reward, terminated } = twin.stepWith(state, change(actionOf(episode.actions[t])), dispersion)
    expect(dispersion.left()).toBe(0)
    const got = [snapOf(state), observe(twin, state), reward, terminated]
    const wanted = [recordedSnap(episode.snap[t]), episode.obs[t], episode.rew[t], episode.term[t] === 1]
    if (text(got) !== text(wanted)) different.push(t)
  }
  return different
}

describe('LunarLander-v3 against Gymnasium and Box2D', () => {
  test.each(episodes.map((e) => [`${e.kind}, seed ${e.seed}, ${e.len} steps`, e] as const))('%s', (_, episode) => {
    expect(replay(episode)).toEqual([])
  })

  test('the recordings hold landings, crashes, sleep, two points at once and both kinds of faces', () => {
    const snaps = episodes.flatMap(({ snap }) => snap)
    const contacts = snaps.flatMap(({ c }) => c)
    expect(new Set(snaps.map(({ aw }) => aw))).toEqual(new Set([0, 1]))
    expect(new Set(contacts.map((c) => c[0]))).toEqual(new Set([1, 2, 3]))
    expect(new Set(contacts.map((c) => c[2]))).toEqual(new Set([1, 2]))
    expect(new Set(contacts.map((c) => c[5].length))).toEqual(new Set([1, 2]))
    expect(new Set(episodes.map(({ rew }) => rew[rew.length - 1]))).toEqual(new Set([-100, 100]))
  })

  test('the comparison fails from the first action that differs on', () => {
    const [episode] = episodes
    const first = episode.actions.indexOf(2)
    const different = replay(episode, ([a]) => [a === 2 ? 0 : a])
    expect(different[0]).toBe(first)
    expect(different.length).toBeGreaterThan(episode.len - first - 5)
  })
})

test.each(episodes.map((e) => [`${e.kind}, seed ${e.seed}`, e] as const))(
  'with the fast solver %s ends at the same step, from other bits',
  (_, episode) => {
    const twin = twinFor(episode, { fast: true })
    const state = twin.resetWith(recorded(resetDraws(episode)))
    const different: number[] = []
    for (let t = 0; t < episode.len; t++) {
      const action = actionOf(episode.actions[t])
      const { terminated } = twin.stepWith(state, action, recorded(stepDraws(episode, t)))
      expect(terminated).toBe(episode.term[t] === 1)
      // In flight only the last bits differ.
      if (t < 40) {
        observe(twin, state).forEach((x, k) => {
          expect(Math.abs(x - episode.obs[t][k])).toBeLessThan(1e-4)
        })
      }
      if (text(snapOf(state)) !== text(recordedSnap(episode.snap[t]))) different.push(t)
    }
    expect(different.length).toBeGreaterThan(0)
  },
)

describe("the twin's own random numbers", () => {
  test.each([
    [false, 16],
    [true, 18],
  ])('a reset with wind %s draws %i, a step 2', (enableWind, count) => {
    const twin = makeLunarLanderTwin(false)
    const params = { ...defaultParams({ params: LUNAR_LANDER_PARAMS }), enableWind }
    const rng = makeRng(3, 0, STREAM.ENV_RESET, 1)
    const state = twin.reset(rng, params)
    expect(rng.draw).toBe(count)
    const again = makeRng(3, 1, STREAM.ENV_STEP, 1)
    twin.step(state, [0], again, params)
    expect(again.draw).toBe(2)
    if (enableWind) {
      for (const index of [state.wind_index, state.torque_index]) {
        expect(Number.isInteger(index)).toBe(true)
        // One gust is used by the reset, one by the step.
        expect(index - 2).toBeGreaterThanOrEqual(-9999)
        expect(index - 2).toBeLessThan(9999)
      }
      expect(state.wind_index).not.toBe(state.torque_index)
    } else expect([state.wind_index, state.torque_index]).toEqual([0, 0])
  })
})

test('sine and cosine are those of a C library, which are not always the nearest float32', () => {
  // x, sinf(x), cosf(x) of glibc 2.36, for x where they are not the nearest float32.
  const known = [
    [2.128222942352295, 0.8486192226409912, -0.5290040969848633],
    [3.3944623470306396, -0.25018343329429626, -0.9681984782218933],
    [3.7103073596954346, -0.5385494828224182, -0.8425938487052917],
    [-57.33753204345703, -0.7095534205436707, 0.7046515941619873],
    [91.45996856689453, -0.3464477062225342, -0.9380692839622498],
    [-268.9317321777344, 0.9474716782569885, 0.3198397159576416],
    [983.89599609375, -0.5459272861480713, -0.837832510471344],
    [-1187.00048828125, 0.49821144342422485, 0.8670555353164673],
  ]
  for (const [x, s, c] of known) {
    expect([sinf(x), cosf(x)]).toEqual([s, c])
    expect([Math.fround(Math.sin(x)), Math.fround(Math.cos(x))]).not.toEqual([s, c])
  }
  for (let i = -2000; i <= 2000; i++) {
    const x = Math.fround(i * 0.7)
    // 0.5607 ulp of numbers up to 1.
    expect(Math.abs(sinf(x) - Math.sin(x))).toBeLessThanOrEqual(0.5607 * 2 ** -24)
    expect(Math.abs(cosf(x) - Math.cos(x))).toBeLessThanOrEqual(0.5607 * 2 ** -24)
  }
})
