/** LunarLander's kernel along recorded episodes: as `verify` replays them, and against its twin. */
import { expect, test } from 'vitest'
import { lunarLander, lunarLanderContinuous } from '../../envs/lunar_lander/spec'
import type { Check } from '../../harness/verify/check'
import { verifyLanderGpu, verifyLanderReference } from '../../harness/verify/lander'
import type { Episode } from '../../harness/verify/landerfile'
import { resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { makeRng, STREAM } from '../../src/env/rng'
import { numberOf, readWord, stateWords } from '../../src/envcheck/state'
import { link } from '../../src/gpu/link'
import { SHADERS } from '../../src/gpu/shaders'
import { networkShape } from '../../src/model/network'
import { envSlots, policySlots } from '../../src/plan/kernels'
import { paramRecords } from '../../src/plan/params'
import { readEpisodes } from '../envs/lunar_lander_golden'
import { gpu } from '../support/gpu'
import { progressOf, runKernel, structsOf, unwrittenWords } from '../support/kernel'

const episodes = readEpisodes()
const NAMES = ['states', 'impulses', 'legs', 'obs', 'rewards', 'terminated', 'resets']

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b))
const failed = (checks: Check[]): string[] => checks.filter(({ ok }) => !ok).map(({ name }) => name)

test('recorded episodes, step by step and as a whole: all checks of verify, with their limits', async () => {
  const checks = await verifyLanderGpu(episodes, await gpu())
  if (process.env.KERNEL_ERRORS) console.log(checks.map(({ name, note }) => `${name}: ${note}`).join('\n'))
  expect(checks.map(({ name }) => name)).toEqual([...NAMES, 'ends of episodes', 'draws'])
  expect(failed(checks)).toEqual([])
  const steps = episodes.reduce((sum, { len }) => sum + len, 0)
  expect(checks[0].note).toMatch(
    new RegExp(`^\\d+ of ${steps} steps are farther off than 0.0001 max\\(1, |x|\\), allowed 0.5 %`),
  )
})

/** The first episode, with a part changed. */
function altered(change: (episode: Episode) => void): Episode[] {
  const [episode] = structuredClone(episodes)
  change(episode)
  return [episode]
}

test('numbers that were not recorded are found on both sides, each by its own check', async () => {
  const tenth = (from: number) => (e: Episode, change: (t: number) => void) => {
    for (let t = from; t < e.len; t += 10) change(t)
  }
  const every = tenth(5)
  const cases: [string, (e: Episode) => void][] = [
    ['states', (e) => every(e, (t) => (e.snap[t].b[1][0] += 1e-2))],
    ['impulses', (e) => every(e, (t) => (e.snap[t].j[0][0] += 1e-2))],
    ['legs', (e) => every(e, (t) => (e.snap[t].gc[1] = 1 - e.snap[t].gc[1]))],
    ['obs', (e) => every(e, (t) => (e.obs[t][3] += 1e-3))],
    ['rewards', (e) => every(e, (t) => (e.rew[t] += 0.1))],
    ['terminated', (e) => every(e, (t) => (e.term[t] = 1 - Number(e.term[t])))],
    ['resets', (e) => (e.reset_snap.b[0][0] += 1e-2)],
  ]
  const all = altered((e) => {
    for (const [, change] of cases) change(e)
  })
  expect(failed(await verifyLanderGpu(all, await gpu()))).toEqual(NAMES)
  for (const [name, change] of cases) expect(failed(verifyLanderReference(altered(change))), name).toEqual([name])
})

test('a draw that was not recorded is named', () => {
  const windy = altered((e) => Object.assign(e, { kwargs: { enable_wind: true }, wind_idx: [3] }))
  const draws = verifyLanderReference(windy).find(({ name }) => name === 'draws')!
  expect(draws.ok).toBe(false)
  expect(draws.worst).toContain('reset: draw 16: integer in [-9999, 9999), recorded was uniform in [-1, 1)')
})

test.each([
  ['LunarLander-v3', lunarLander],
  ['LunarLanderContinuous-v3', lunarLanderContinuous],
])('%s: first states are those of the twin', async (_, given) => {
  const spec = given as unknown as EnvSpec
  const numEnvs = 65
  const seed = 0xfffffff0
  const slots = { ...policySlots(networkShape(spec, resolveConfig({}, {}))), ...envSlots(spec) }
  const structs = structsOf('reset_envs', slots)
  const words = stateWords(link('shaders/reset_envs.wgsl', SHADERS, slots).code)
  const size = structs.words('EnvState')
  // No padding: every word has a name.
  expect(words).toHaveLength(size)
  const { env_states } = await runKernel({
    stem: 'reset_envs',
    slots,
    args: { numEnvs, staggerOver: 0 },
    buffers: {
      hyper: paramRecords(link('shaders/reset_envs.wgsl', SHADERS, slots).code, spec, {}),
      progress: progressOf(structs, [{ seed }]),
      env_states: unwrittenWords(numEnvs * size),
      episodes: unwrittenWords(numEnvs * structs.words('Episode')),
    },
    outputs: ['env_states'],
    workgroups: [2, 1, 1],
  })
  for (let env = 0; env < numEnvs; env++) {
    const state = given.twin!.reset(makeRng(seed, 0, STREAM.ENV_RESET, env))
    for (const word of words) {
      const [got, wanted] = [readWord(word, env_states, env * size), numberOf(state, word)!]
      if (word.kind === 'f32') expect(near(got, wanted), `env ${env}: ${word.name} ${got}, twin ${wanted}`).toBe(true)
      else expect(got, `env ${env}: ${word.name}`).toBe(wanted)
    }
  }
})
