/** Invalid files of recorded steps of MinAtar: the message says where and what. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isMinAtar, readMinAtar, replayed } from '../../harness/verify/minatarfile'

const file = JSON.parse(readFileSync(new URL('../golden/MinAtar-seaquest.json', import.meta.url), 'utf8'))

test('they are known by game', () => {
  expect(isMinAtar(file)).toBe(true)
  expect(isMinAtar({ env: 'CartPole-v1' })).toBe(false)
  expect(isMinAtar(null)).toBe(false)
})

// biome-ignore lint/suspicious/noExplicitAny: a file that is made wrong.
type Change = (file: any) => void
test.each<[string, Change, string]>([
  ['an unknown game', (f) => (f.game = 'pong'), 'game: "pong" is not known; known are breakout, asterix, freeway,'],
  ['no rules', (f) => delete f.meta.ramping, 'meta.ramping: undefined is not true or false'],
  ['no probability', (f) => (f.meta.sticky_action_prob = 2), 'meta.sticky_action_prob: 2 is not a number from 0 to 1'],
  ['no steps', (f) => (f.steps = f.wide = []), 'steps, wide: there are no steps'],
  ['no list', (f) => delete f.wide, 'wide: is not a list'],
  ['a state without a field', (f) => delete f.steps[0].s.oxygen, 'steps[0].s.oxygen: is missing'],
  ['half a fish', (f) => (f.wide[1].s2.e_fish = [[0.5, 1, 0, 1]]), 'wide[1].s2.e_fish: is not made of whole numbers'],
  [
    'more than there are places for',
    (f) => (f.wide[1].s.divers = Array(5).fill([1, 1, 1, 1])),
    'wide[1].s: 5 divers, and the environment has places for 4',
  ],
  ['an action that is none', (f) => (f.steps[1].a = 6), 'steps[1].a: 6 is not one of the actions 0 to 5'],
  ['a draw of another kind', (f) => (f.steps[1].draws = [['normal', 1]]), 'steps[1].draws[0]: ["normal",1] is not'],
  ['a number that is not below 1', (f) => (f.steps[1].draws = [['rand', 1]]), 'steps[1].draws[0]: ["rand",1] is not'],
  ['a cell outside', (f) => (f.resets[0].obs[3] = [100]), 'resets[0].obs: is not 10 lists of cells, 0 to 99'],
  ['an end that is none', (f) => (f.steps[0].t = 2), 'steps[0].t: 2 is not 0 or 1'],
  ['a reward that is none', (f) => (f.steps[0].r = null), 'steps[0].r: null is not a whole number'],
])('%s', (_, change, message) => {
  const changed = structuredClone(file)
  change(changed)
  expect(() => readMinAtar(JSON.stringify(changed))).toThrow(message)
})

test('draws are replayed in their order and kind, and as what the kernel makes of them', () => {
  const draws = replayed([
    ['rand', 1 / 3],
    ['randint', 4],
  ])
  expect(draws.uniform()).toBe(1 / 3)
  expect(() => replayed([['randint', 4]]).uniform()).toThrow('draw 1: a rand is drawn, recorded is a randint')
  expect(() => replayed([['randint', 4]]).integer(4)).toThrow('draw 1: 4 is not below 4')
  expect(draws.integer(7)).toBe(4)
  expect(draws.units.map((u) => Math.floor(7 * u))).toEqual([2, 4])
  expect(() => draws.uniform()).toThrow('draw 3: a rand is drawn, recorded is none')
})
