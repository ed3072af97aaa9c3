/** A twin that throws, or returns what it should not: what is told, with the author's own file and line. */
import { describe, expect, test } from 'vitest'
import type { EnvSpec, EnvTwin } from '../../src/env/contract'
import { type Rng, uniform } from '../../src/env/rng'
import { authorPlace, GuardedTwin, TwinFault } from '../../src/envcheck/guarded'
import { stateWords } from '../../src/envcheck/state'
import { type DriftState, driftEnv } from '../kernels/envs'
import { driftTwin } from '../support/broken'

const words = stateWords(driftEnv.wgsl)
const rng = { seed: 1, step: 0, stream: 0, env: 0, draw: 0 } as unknown as Rng
const at = () => ({ where: 'step 3, env 5', from: 'from x 1, count 2 with action 0, 0, 0' })
const guarded = (parts: Partial<EnvTwin<DriftState>>): GuardedTwin =>
  new GuardedTwin({ ...driftEnv, twin: { ...driftTwin, ...parts } } as unknown as EnvSpec, words)

/** The fault of `call`: its check and its text. */
function faultOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (!(error instanceof TwinFault)) throw error
    return `${error.check}: ${error.tell()}`
  }
  return 'no fault'
}

/** The line of this file that called it. */
const here = (): number => Number(/guarded\.test\.ts:(\d+)/.exec(new Error().stack!.split('\n')[2])![1])

const state = (): DriftState => ({ x: 1, count: 2 })
const step = (twin: GuardedTwin) => twin.step(at, state(), [0, 0, 0], rng, {})

describe('a twin that throws', () => {
  test('in a step is told with its file and line, and from what', () => {
    let line = 0
    const twin = guarded({
      step(own) {
        line = here() + 1
        ;(own as unknown as { grid: number[] }).grid[3] = 1
        return { reward: 0, terminated: false }
      },
    })
    expect(faultOf(() => step(twin))).toBe(
      "twin throws: twin.step threw at step 3, env 5: Cannot set properties of undefined (setting '3'), " +
        `guarded.test.ts:${line}; it was called from x 1, count 2 with action 0, 0, 0.`,
    )
  })

  test('in its reset, its observation and its mask', () => {
    const where = () => ({ where: 'reset 0 (seed 1), env 0' })
    const fail = (): never => {
      throw new RangeError('no')
    }
    const twin = guarded({ reset: fail, observe: fail, mask: fail })
    const told = (name: string) =>
      expect.stringMatching(
        new RegExp(`^twin throws: twin.${name} threw at reset 0 \\(seed 1\\), env 0: no, guarded.test.ts:\\d+\\.$`),
      )
    expect(faultOf(() => twin.reset(where, rng, {}))).toEqual(told('reset'))
    expect(faultOf(() => twin.observe(where, state() as never, {}))).toEqual(told('observe'))
    expect(faultOf(() => twin.mask(where, state() as never, {}))).toEqual(told('mask'))
  })

  test("in a function of the library is told with the author's call of it", () => {
    let line = 0
    const twin = guarded({
      step() {
        line = here() + 1
        return { reward: uniform(undefined as never), terminated: false }
      },
    })
    expect(faultOf(() => step(twin))).toContain(`, guarded.test.ts:${line}; it was called`)
  })

  test('what is no error', () => {
    const twin = guarded({
      step() {
        throw 'stop'
      },
    })
    expect(faultOf(() => step(twin))).toContain('twin.step threw at step 3, env 5: "stop"; it was called from')
  })
})

test.each([
  [
    'Node',
    'TypeError: x\n    at Object.step (file:///a/b/catch.ts:11:16)\n    at run (file:///c.js:1:1)',
    'catch.ts:11',
  ],
  ['no function', 'TypeError: x\n    at /a/b/catch.js:11:16', 'catch.js:11'],
  ['Firefox', 'step@http://127.0.0.1:5173/catch.js?t=17:11:16\nrun@http://127.0.0.1/c.js:1:1', 'catch.js:11'],
  ['Windows', 'Error: x\n    at step (C:\\a\\catch.ts:11:16)', 'catch.ts:11'],
  ['a server that moves lines', 'Error: x\n    at step (http://127.0.0.1:5173/a/catch.ts:9:1)', 'catch.ts'],
  ['the library first', 'E\n at uniform (/p/src/env/rng.ts:3:1)\n at step (/p/catch.ts:11:1)', 'catch.ts:11'],
  ['built-in code first', 'E\n at Array.map (<anonymous>)\n at step (/p/catch.ts:11:1)', 'catch.ts:11'],
  ['no stack', undefined, undefined],
  ['nothing of a stack', 'Error: at 12:30', undefined],
])('the place in a stack of %s', (_, stack, place) => {
  expect(authorPlace({ stack })).toBe(place)
})

describe('a result', () => {
  const seen = 'Seen at step 3, env 5, from x 1, count 2 with action 0, 0, 0.'
  const RETURN = 'Return { reward, terminated }, a number and true or false.'
  const FINITE = 'Look for a division by 0, a root or logarithm of a negative number, or a field that is not there.'
  /** A step that leaves these fields. */
  const leaves =
    (fields: object): EnvTwin<DriftState>['step'] =>
    (own) => {
      Object.assign(own, fields)
      return { reward: 0, terminated: false }
    }
  test.each<[string, Partial<EnvTwin<DriftState>>, string]>([
    [
      'nothing',
      { step: () => undefined as never },
      `twin shape: twin.step: the result is undefined. ${RETURN} ${seen}`,
    ],
    [
      'a reward that is text',
      { step: () => ({ reward: '1', terminated: false }) as never },
      `twin shape: twin.step: reward is "1", not a number. ${RETURN} ${seen}`,
    ],
    [
      'a flag that is a number',
      { step: () => ({ reward: 1, terminated: 0 }) as never },
      `twin shape: twin.step: terminated is 0, not true or false. ${RETURN} ${seen}`,
    ],
    [
      'a reward that is NaN',
      { step: () => ({ reward: Number.NaN, terminated: false }) },
      `twin finite: twin.step: reward is NaN. ${FINITE} ${seen}`,
    ],
    [
      'a state with infinity',
      { step: leaves({ x: 1 / 0 }) },
      `twin finite: twin.step: state.x is Infinity. ${FINITE} ${seen}`,
    ],
    [
      'a state without a field',
      { step: leaves({ count: undefined }) },
      `twin shape: twin.step: state.count is not a number. Keep all fields of EnvState. ${seen}`,
    ],
  ])('of a step that is %s', (_, parts, text) => {
    expect(faultOf(() => step(guarded(parts)))).toBe(text)
  })

  test.each<[string, EnvTwin<DriftState>['observe'], string]>([
    [
      'is not written',
      () => undefined,
      `twin shape: twin.observe: entry 0 is not written, or is NaN. Write obs[offset + 0]. ${seen}`,
    ],
    [
      'is infinite',
      (_, obs, offset) => void obs.fill(Number.NEGATIVE_INFINITY, offset, offset + 3),
      `twin finite: twin.observe: entry 0 is -Infinity. ${FINITE} ${seen}`,
    ],
    [
      'is too long',
      (_, obs, offset) => void obs.fill(1, offset, offset + 4),
      `twin shape: twin.observe: writes outside of obs[offset .. offset + 3). Start at offset. ${seen}`,
    ],
  ])('of an observation that %s', (_, observe, text) => {
    expect(faultOf(() => guarded({ observe }).observe(at, state() as never, {}))).toBe(text)
  })

  test('of a reset that is no state', () => {
    expect(faultOf(() => guarded({ reset: () => 3 as never }).reset(at, rng, {}))).toBe(
      `twin shape: twin.reset: the state is 3. Return an object with the fields of EnvState. ${seen}`,
    )
  })

  test('that is right is no fault', () => {
    const twin = guarded({})
    expect(step(twin)).toMatchObject({ terminated: false })
    expect([...twin.observe(at, state() as never, {})]).toEqual([1, 2, 2])
    expect(twin.mask(at, state() as never, {})).toBe(null)
  })
})
