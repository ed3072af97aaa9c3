/** Recordings of MuJoCo's steps: what is wrong in a file is said with its place, the value and what to do. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { forward } from '../../envs/planar/forward'
import { Spread } from '../../harness/verify/planarerrors'
import { isPlanar, readPlanar } from '../../harness/verify/planarfile'
import { alikeRows, ownNumbers, recordedNumbers } from '../../harness/verify/planarforward'
import { sitesBefore } from '../../harness/verify/planarstale'

const textOf = (name: string): string => readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')
const hopper = textOf('Hopper-v5')

// biome-ignore lint/suspicious/noExplicitAny: files with any mistake
const changed = (change: (file: any) => void): string => {
  const file = JSON.parse(hopper)
  change(file)
  return JSON.stringify(file)
}

test('a recording is known by its model, with its transitions and evaluations', () => {
  expect(isPlanar(JSON.parse(hopper))).toBe(true)
  expect(isPlanar({ meta: { box2d: '2.3' } })).toBe(false)
  const golden = readPlanar(hopper)
  expect(golden).toMatchObject({ id: 'Hopper-v5', rewards: 'r', other: 'Hopper-v4', xml: 'hopper.xml' })
  expect(golden.transitions[0].r4).toBeTypeOf('number')
  expect(golden.forward[0].M).toHaveLength(36)
})

describe('MuJoCo adds margins since 3.5.0', () => {
  test('a file of a later version contradicts, unless its contacts act where ours do', () => {
    const later = changed((file) => {
      file.meta.source = 'MuJoCo 3.14.0 via npm @mujoco/mujoco'
      for (const { contacts } of file.forward) for (const contact of contacts) contact.im = 0.002
    })
    expect(() => readPlanar(later)).toThrow(
      'meta.source: "MuJoCo 3.14.0 via npm @mujoco/mujoco", and hopper.xml has geoms with margins: since MuJoCo 3.5.0 the margins of ' +
        'two geoms are summed, so contacts act at 0.002 m instead of 0.001 m, and the file contradicts those of earlier versions, such ' +
        'as Hopper-v5.json.',
    )
    expect(() => readPlanar(changed((file) => (file.meta.source = 'MuJoCo 3.5.0')))).not.toThrow()
    expect(() => readPlanar(changed((file) => (file.meta.source = 'MuJoCo 3.4.9')))).not.toThrow()
  })

  test('one of a model without margins does not', () => {
    const walker = textOf('Walker2d-v5').replace('MuJoCo 3.3.8', 'MuJoCo 3.14.0')
    expect(() => readPlanar(walker)).not.toThrow()
  })
})

// biome-ignore lint/suspicious/noExplicitAny: files with any mistake
test.each<[string, (file: any) => void, string]>([
  [
    'an unknown model',
    (f) => (f.meta.xml = 'ant.xml'),
    'meta.xml: "ant.xml" is no model that is known here. Give a recording of',
  ],
  [
    'a model of the prototype',
    (f) => (f.meta.xml = 'toString'),
    'meta.xml: "toString" is no model that is known here.',
  ],
  [
    'the file of another model',
    (f) => (f.meta.xml = 'walker2d_v5.xml'),
    'meta.nq: 6, but walker2d_v5.xml has 9. The file was',
  ],
  ['another time step', (f) => (f.meta.timestep = 0.01), 'meta.timestep: 0.01, but hopper.xml has 0.002. The file was'],
  ['another frame skip', (f) => delete f.meta.frame_skip, 'meta.frame_skip: undefined, but hopper.xml has 4.'],
  [
    'no version',
    (f) => (f.meta.source = 'MuJoCo'),
    'meta.source: "MuJoCo" names no version of MuJoCo. Write for example',
  ],
  ['no transitions', (f) => delete f.transitions, 'transitions: missing is no object.'],
  ['no positions', (f) => (f.transitions.q = []), 'transitions.q: no transitions. Give a list'],
  ['a column too short', (f) => f.transitions.v.pop(), 'transitions.v: has 49 entries, but transitions.q has 50.'],
  ['no rewards', (f) => delete f.transitions.r, 'transitions.r: is no list, but transitions.q has 50.'],
  [
    'an action too short',
    (f) => f.transitions.a[7].pop(),
    'transitions.a[7]: has 2 numbers, not 3. Is it of another model',
  ],
  ['a word', (f) => (f.transitions.q2[3][2] = 'x'), 'transitions.q2[3][2]: "x" is not a finite number.'],
  ['a null', (f) => (f.transitions.r[3] = null), 'transitions.r[3][0]: null is not a finite number.'],
  ['half an end', (f) => (f.transitions.te[1] = 0.5), 'transitions.te[1]: 0.5 is not 0 or 1'],
  ['no evaluations', (f) => (f.forward = []), 'forward: no list of evaluations.'],
  ['a missing quantity', (f) => delete f.forward[2].qacc, 'forward[2].qacc: is missing. Give 6 numbers.'],
  ['half a mass matrix', (f) => f.forward[2].M.splice(18), 'forward[2].M: has 18 numbers, not 36.'],
  ['no count of rows', (f) => delete f.forward[2].nefc, 'forward[2].nefc: undefined is not a count.'],
  ['a contact too many', (f) => (f.forward[0].ncon = 1), 'forward[0].contacts: has 0 entries, but ncon is 1.'],
])('%s', (_, change, message) => {
  expect(() => readPlanar(changed(change))).toThrow(message)
})

test('where the fingertip was in the step before follows from what that step left', () => {
  const { model, transitions } = readPlanar(textOf('Reacher-v5'))
  const some = transitions.slice(0, 20)
  const errors = some.map((t) => {
    const sites = sitesBefore(model, t)!
    const cost = t.a.reduce((sum, a) => sum + a * a, 0)
    return Math.abs(-Math.hypot(sites[0] - sites[2], sites[1] - sites[3]) - cost - t.r4!)
  })
  expect(Math.max(...errors)).toBeLessThan(1e-12)
})

test('median, 99th percentile and maximum each have a limit', () => {
  const limits = { median: 1e-6, p99: 1e-5, max: 1e-4 }
  const spread = (errors: number[]) => {
    const all = new Spread('states', 'gpu', limits)
    for (const [i, error] of errors.entries()) all.take(`transitions[${i}]`, [error, 2], [0, 2])
    return all.check()
  }
  const small = Array<number>(200).fill(5e-7)
  expect(spread(small).ok).toBe(true)
  expect(spread([...small, 5e-5]).ok).toBe(true)
  expect(spread([...small, 5e-5, 5e-5, 5e-5, 5e-5]).ok).toBe(false)
  expect(spread([...small, 2e-4])).toMatchObject({ ok: false, maxAbsError: 2e-4 })
  expect(spread([...small, 2e-4]).worst).toBe(' transitions[200], number 0: gpu 0.0002, recorded 0')
  expect(spread(Array<number>(200).fill(2e-6)).ok).toBe(false)
  expect(spread([...small, Number.NaN])).toMatchObject({ ok: false, maxAbsError: null })
  expect(spread([]).ok).toBe(false)
})

test('which direction along the floor comes first is not compared', () => {
  const { model, forward: entries } = readPlanar(textOf('HalfCheetah-v5'))
  const entry = entries.find(({ efc_type }) => efc_type.includes(6))!
  const wanted = recordedNumbers(model, entry)
  const own = ownNumbers(
    forward(
      model,
      entry.q,
      entry.v,
      entry.ctrl,
      entry.q.map(() => 0),
    ),
  )
  const first = own.efc_type.indexOf(6)
  const swap = (list: number[], width: number) => {
    const [a, b] = [first * width, (first + 1) * width]
    return [...list.slice(0, a), ...list.slice(b, b + width), ...list.slice(a, b), ...list.slice(b + width)]
  }
  const swapped = { ...own, efc_J: swap(own.efc_J, model.joints.length), efc_force: swap(own.efc_force, 1) }
  expect(swapped.efc_J).not.toEqual(own.efc_J)
  expect(alikeRows(swapped, wanted).efc_J).toEqual(own.efc_J)
  expect(alikeRows(own, wanted)).toEqual(own)
})
