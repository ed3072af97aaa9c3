/** The parts of the lab that need no browser: links, charts' data, layouts. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { ENVS } from '../../envs/registry'
import { OPTIONS, parseOption } from '../../src/config/config'
import { formatOption, resolveChoice } from '../../src/lab/choice'
import { short, tickLabels } from '../../src/lab/format'
import { COUNTS, LAYOUTS, PANELS, readLink, SOURCES, writeLink } from '../../src/lab/link'
import { svg } from '../../src/lab/picture'
import { SERIES } from '../../src/lab/protocol'
import { History, resample } from '../../src/lab/series'
import { spread } from '../../src/lab/worker/summary'
import { cardAt, gridOf } from '../../src/scene/grid'

/** Two large networks on a software adapter may be more than the page does; other errors are errors here. */
function isAffordable(choose: () => unknown): boolean {
  try {
    choose()
    return true
  } catch (error) {
    if (String(error).includes('this page does at most')) return false
    throw error
  }
}

describe('a link', () => {
  const state = fc.record({
    env: fc.constantFrom(...ENVS.map(({ id }) => id)),
    given: fc.record(
      {
        learningRate: fc.oneof(fc.double({ min: 0, max: 10, noNaN: true }), fc.constant({ log: [1e-4, 1e-2] })),
        gamma: fc.double({ min: 0, max: 1, noNaN: true }),
        seed: fc.integer({ min: 0, max: 2 ** 31 }),
        hidden: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 3 }),
        activation: fc.constantFrom('tanh' as const, 'relu' as const, 'silu' as const, 'elu' as const),
        clipVloss: fc.boolean(),
        sharedTrunk: fc.boolean(),
        vfClipCoef: fc.constantFrom(null, 0.5),
      },
      { requiredKeys: [] },
    ),
    view: fc.record(
      { source: fc.constantFrom(...SOURCES), layout: fc.constantFrom(...LAYOUTS), count: fc.constantFrom(...COUNTS) },
      { requiredKeys: [] },
    ),
    hidden: fc.uniqueArray(fc.constantFrom(...PANELS)),
    play: fc.boolean(),
    draw: fc.constantFrom('auto' as const, 'direct' as const, 'copy' as const),
  })

  test('holds the whole state', () => {
    fc.assert(
      fc.property(state, fc.boolean(), (any, software) => {
        // Widths and activations are those of a perceptron.
        const ofMlp = 'hidden' in any.given || 'activation' in any.given ? { network: 'mlp' } : {}
        const given = { ...any, given: { ...ofMlp, ...any.given } }
        const config = (options: object) => resolveChoice(given.env, options, software).config
        fc.pre(isAffordable(() => config(given.given)))
        const back = readLink(writeLink(given as never, software), software)!
        expect(config(back.given)).toEqual(config(given.given))
        expect({ ...back, given: 0 }).toEqual({ ...given, given: 0 })
      }),
    )
  })

  it.each([
    ['#nonsense=1', 'there is no setting "nonsense"'],
    ['#env=CartPole-v1&learningRate=NaN', 'learningRate'],
    ['#learningRate=-1', 'out of range'],
    ['#gamma=0.9&gamma=0.8', 'occurs twice'],
    ['#env=<img src=x onerror=alert(1)>', 'there is no environment'],
    ['#__proto__=1', 'there is no setting'],
    ['#constructor=1', 'there is no setting'],
    ['#hide=charts,everything', 'is not one of'],
    ['#count=1000000', 'is not one of'],
    ['#count=1e3', 'is not one of'],
    ['#draw=elsewhere', 'is not one of'],
    ['#numEnvs=1048576&numSteps=2000&totalTimesteps=4194304000', 'this page does at most'],
    ['#hidden=4096,4096,4096,4096', 'this page does at most'],
    ['#numSteps=65536&numEnvs=1&hidden=1', 'dispatches'],
    [`#hide=${'charts,'.repeat(1000)}`, 'longer than'],
  ])('number %# is refused as a whole', (hash, message) => {
    expect(() => readLink(hash, false)).toThrow(message)
  })

  test('of nothing asks for nothing', () => {
    expect(readLink('', true)).toBeUndefined()
    expect(readLink('#', true)).toBeUndefined()
  })
})

test.each(Object.entries(OPTIONS))('%s: what a field shows is what it reads', (name, option) => {
  const key = name as keyof typeof OPTIONS
  expect(parseOption(key, formatOption(key, option.default))).toEqual(option.default)
})

test('every environment can be run with its own options, on both kinds of adapter', () => {
  for (const { id } of ENVS) for (const software of [true, false]) resolveChoice(id, {}, software)
})

describe('series', () => {
  const standing = { sps: 1000 } as never
  const series = (value: number | null) =>
    Object.fromEntries(SERIES.map((name) => [name, value === null ? null : { mean: value, low: 0, high: 1 }]))
  const iteration = (i: number) => ({ timesteps: i, series: series(i), situations: [] }) as never

  test('a long run keeps its first and latest points, and no more than 2000', () => {
    const history = new History('x', 1)
    for (let i = 1; i <= 9000; i++) history.append([iteration(i)], standing)
    expect(history.timesteps.length).toBeLessThan(2000)
    expect(history.timesteps[0]).toBe(1)
    expect(history.timesteps.at(-1)).toBeGreaterThan(8990)
    expect(history.columns.loss.mean).toEqual(history.timesteps)
  })

  test('as CSV: a header and a row per point', () => {
    const history = new History('x', 1)
    history.append([iteration(1), iteration(2)], standing)
    const [head, ...rows] = history.csv().trim().split('\n')
    expect(head.split(',')).toEqual(['timesteps', ...SERIES, 'sps'])
    expect(rows.map((row) => Number(row.split(',')[1]))).toEqual([1, 2])
  })

  test('a picture of them names no script, whatever the label says', () => {
    const history = new History('<script>alert(1)</script>', 1)
    history.append([iteration(1), iteration(2)], standing)
    const text = svg(history, null, [{ name: 'loss', title: 'Loss', unit: '' }], [])
    expect(text).not.toContain('<script')
    expect(text).toContain('<path d="M')
  })

  test('the mean and the middle half', () => {
    expect(spread([1, 2, 3, 4, null])).toEqual({ mean: 2.5, low: 1.75, high: 3.25 })
    expect(spread([null, Number.NaN])).toBeNull()
  })

  test('another run at these timesteps', () => {
    expect(resample([10, 20, 30], [1, 2, 3], [5, 10, 25, 30, 40])).toEqual([null, 1, 2, 3, null])
  })
})

test.each([
  [0, '0'],
  [null, '–'],
  [Number.NaN, '–'],
  [0.00001234, '1.2e-5'],
  [0.05, '0.05'],
  [12.345, '12.35'],
  [123.45, '123.5'],
  [1234567, '1.23M'],
])('%s reads %s', (x, text) => {
  expect(short(x)).toBe(text)
})

test.each([
  [[4.26, 4.262, 4.264], 0.002, ['4.260', '4.262', '4.264']],
  [[0, 0.5, 1], 0.5, ['0', '0.5', '1.0']],
  [[-0.00025, 0, 0.00025], 0.00025, ['-2.5e-4', '0', '2.5e-4']],
  [[0.0002995, 0.0003], 0.0000005, ['2.995e-4', '3.000e-4']],
  [[0.0022, 0.0024], 0.0002, ['0.0022', '0.0024']],
  [[5000, null, 15_000], 5000, ['5,000', '', '15,000']],
  [[0, 500_000, 1_000_000], 500_000, ['0', '0.5M', '1.0M']],
  [[1_001_000, 1_002_000], 1000, ['1.001M', '1.002M']],
  [[1e-9, 3e-9], 2e-9, ['1e-9', '3e-9']],
])('ticks %j, %s apart, read %j', (ticks, step, labels) => {
  expect(tickLabels(ticks, step)).toEqual(labels)
})

describe('the cards of a grid', () => {
  const frame: [number, number, number, number] = [-2.4, -1, 2.4, 2.2]
  const surface = { width: 700, height: 400 }

  test('the middle of every card is that card', () => {
    for (const count of [1, 4, 16, 36, 250]) {
      const { columns, gap, width, height, pixel } = gridOf(frame, count, 'grid', surface)
      for (let card = 0; card < count; card++) {
        const x = (card % columns) * (4.8 + gap) + 2.4 - width / 2
        const y = Math.floor(card / columns) * (3.2 + gap) + 1.6 - height / 2
        const [px, py] = [surface.width / 2 + x / pixel, surface.height / 2 + y / pixel]
        expect(cardAt(frame, count, surface, px, py)).toBe(card)
      }
    }
  })

  test('beside the cards there is none', () => {
    expect(cardAt(frame, 1, { width: 1000, height: 100 }, 10, 50)).toBeUndefined()
    expect(cardAt(frame, 3, { width: 480, height: 320 }, 400, 280)).toBeUndefined()
  })
})
