/** Invalid files of recorded episodes of LunarLander: the message says where and what. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Episode, isLander, readLander } from '../../harness/verify/landerfile'
import { GOLDEN_FILE, readEpisodes } from '../envs/lunar_lander_golden'

const META = { meta: { box2d: 'pybox2d 2.3.10' } }
const [first] = readEpisodes()

const read = (change: (e: Record<string, unknown>) => void): Episode[] => {
  const episode = structuredClone(first) as unknown as Record<string, unknown>
  change(episode)
  return readLander(JSON.stringify({ ...META, episodes: [episode] }), false)
}

test('one JSON value and one a line hold the same', () => {
  // JSON has no -0.
  expect(JSON.stringify(read(() => {}))).toBe(JSON.stringify([first]))
  expect(readLander(readFileSync(GOLDEN_FILE, 'utf8'), true)).toHaveLength(5)
})

test('they are known by meta.box2d', () => {
  expect(isLander({ meta: { gymnasium_version: '1.4.0' } })).toBe(false)
  expect(isLander(null)).toBe(false)
  expect(() => readLander('{"episodes": []}', false)).toThrow(
    'meta.box2d: missing; recorded episodes of LunarLander name',
  )
  expect(() => readLander(JSON.stringify({ ...META, episodes: [] }), false)).toThrow('episodes: there are none')
  expect(() => readLander('{"meta": 1}\n{', true)).toThrow('line 2: ')
})

test.each<[string, (e: Record<string, unknown>) => void, string]>([
  ['a length that is none', (e) => (e.len = 0), 'episodes[0].len: 0 is not a number of steps'],
  ['a missing draw', (e) => (e.heights = [1, 2]), 'episodes[0].heights: is not 12 finite numbers'],
  ['a step too few', (e) => (e.disp as unknown[]).pop(), `episodes[0].disp: is not a list of ${first.len} steps`],
  [
    'an action that is none',
    (e) => ((e.actions as number[])[3] = 4),
    'episodes[0].actions[3]: 4 is not one of the actions 0, 1, 2, 3',
  ],
  [
    'two throttles where there is one',
    (e) => (e.kwargs = { continuous: true }),
    'episodes[0].actions[0]: is not 2 finite numbers',
  ],
  [
    'an unknown argument',
    (e) => (e.kwargs = { moon: 1 }),
    'episodes[0].kwargs.moon: is not known; known are continuous, gravity',
  ],
  [
    'wind that was not drawn',
    (e) => (e.kwargs = { enable_wind: true }),
    'episodes[0].wind_idx: is not 2 finite numbers',
  ],
  [
    'wind that there is not',
    (e) => (e.wind_idx = [1, 2]),
    'episodes[0].wind_idx: there is no wind, so none is drawn; it must be null',
  ],
  [
    'a state without legs',
    (e) => ((e.snap as object[])[7] = { b: [[]] }),
    'episodes[0].snap[7]: is not a state of three bodies',
  ],
])('%s is refused', (_, change, message) => {
  expect(() => read(change)).toThrow(message)
})
