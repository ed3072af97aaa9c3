import { describe, expect, test } from 'vitest'
import { type EpisodeRecord, endEpisode, episodeStats, newEpisodeRecord } from '../../src/reference/episode_stats'
import {
  expectClose,
  expectUntouched,
  gates,
  randomNumbers,
  runKernel,
  structsOf,
  unwrittenWords,
  withTail,
} from '../support/kernel'
import { asEpisode } from './envs'

const structs = structsOf('episode_stats')
// Sums of up to 300 returns up to 300 in a different order, and their squared deviations: some 1e-6 of the result.
const LIMIT = { atol: 1e-5, rtol: 3e-6 }
const f32 = Math.fround

/** `ended` episodes and a running one; large returns that differ little, where a plain sum of squares would fail. */
function recordOf(ended: number, random: () => number): EpisodeRecord {
  const record = newEpisodeRecord()
  for (let i = 0; i <= ended; i++) {
    record.episodicReturn = f32(200 + 100 * random())
    record.episodicLength = Math.floor(50 + 49 * random())
    if (i < ended) endEpisode(record)
  }
  for (const field in record) record[field as keyof EpisodeRecord] = f32(record[field as keyof EpisodeRecord])
  return record
}

/** Three agents, the second one halted. */
async function run(numEnvs: number, endedIn: (env: number) => number) {
  const numAgents = 3
  const random = randomNumbers(numEnvs)
  const records = Array.from({ length: numAgents }, () =>
    Array.from({ length: numEnvs }, (_, env) => recordOf(endedIn(env), random)),
  )
  const all = records.flat()
  const buffers = {
    stop: gates(numAgents, 3, { 1: [0] }),
    episodes: withTail(structs.write('Episode', all.map(asEpisode))),
    rollout_stats: unwrittenWords(numAgents * structs.words('RolloutStats')),
  }
  const after = await runKernel({
    stem: 'episode_stats',
    args: { numEnvs, stopStride: 3 },
    buffers,
    outputs: ['episodes', 'rollout_stats'],
    workgroups: [numAgents, 1, 1],
  })
  const episode = structs.words('Episode')
  const stats = structs.words('RolloutStats')
  const first = structs.at('RolloutStats', 'episodes')
  const live = (i: number, words: number) => i < numAgents * words && Math.floor(i / words) !== 1
  expectUntouched('episode_stats.episodes', after.episodes, buffers.episodes, (i) => live(i, numEnvs * episode))
  expectUntouched(
    'episode_stats.rollout_stats',
    after.rollout_stats,
    buffers.rollout_stats,
    (i) => live(i, stats) && i % stats >= first,
  )
  return [0, 2].map((agent) => {
    const expected = episodeStats(records[agent]) // clears the ended episodes
    const cleared = Array.from({ length: numEnvs }, (_, env) =>
      structs.read('Episode', after.episodes, agent * numEnvs + env),
    )
    expect(cleared).toEqual(records[agent].map(asEpisode))
    return { got: structs.read('RolloutStats', after.rollout_stats, agent), expected }
  })
}

describe('episode_stats', () => {
  test.each([1, 7, 65, 123])('%o environments', async (numEnvs) => {
    for (const { got, expected: e } of await run(numEnvs, (env) => (env + 1) % 4)) {
      const n = got.episodes
      expect(n).toBe(e.episodes)
      const mean = [got.returnMean, got.lengthMean]
      expectClose('episode_stats.mean', mean, [e.returnMean!, e.lengthMean!], LIMIT)
      const std = [Math.sqrt(got.returnM2 / n), Math.sqrt(got.lengthM2 / n)]
      expectClose('episode_stats.std', std, [e.returnStd!, e.lengthStd!], LIMIT)
      expectClose('episode_stats.returnSum', [n * got.returnMean], [e.returnSum], LIMIT)
      const extremes = [got.returnMin, got.returnMax, got.lengthMin, got.lengthMax]
      expect(extremes).toEqual([e.returnMin, e.returnMax, e.lengthMin, e.lengthMax])
    }
  })

  test('no episode ended', async () => {
    for (const { got } of await run(7, () => 0)) expect([got.episodes, got.returnMean, got.returnM2]).toEqual([0, 0, 0])
  })
})
