import { describe, expect, test } from 'vitest'
import { csvCell, csvLine } from '../../harness/figures/csv'
import { escapeXml, lineChart, thin, ticks } from '../../harness/figures/plot'
import { meanOrNull } from '../../harness/figures/summary'
import { barLine, makeProgress, preparingText } from '../../harness/training/progress'
import { check } from '../../harness/verify/check'

const state = { timesteps: 50_000, episodicReturn: 187.25, sps: 11_200.4, secondsLeft: 83 }

function fakeStream(isTTY: boolean) {
  const written: string[] = []
  const stream = { isTTY, columns: 100, write: (text: string) => written.push(text) }
  return { written, stream: stream as unknown as NodeJS.WriteStream }
}

describe('progress', () => {
  test('piped: one plain line per interval, and the last state', () => {
    let time = 0
    const { written, stream } = fakeStream(false)
    const progress = makeProgress(stream, 100_000, () => time)
    for (time = 0; time <= 5000; time += 500) progress.update({ ...state, timesteps: time })
    progress.end()
    expect(written.map((line) => line.split(' ')[0])).toEqual(['2,000', '4,000', '5,000'])
    expect(written[0]).toBe('2,000 / 100,000 steps  return 187.3  11,200 steps/s  1:23 left\n')
    expect(written.join('')).not.toContain('\r')
  })

  test('on a terminal: one line that redraws itself and fits', () => {
    const { written, stream } = fakeStream(true)
    const progress = makeProgress(stream, 100_000)
    progress.update(state)
    progress.end()
    expect(written).toHaveLength(2)
    expect(written[0]).toContain('\r\x1b[2K 50 % ███')
    expect(written[1]).toBe('\n')
    for (const columns of [20, 60, 80, 200]) expect(barLine(state, 100_000, columns).length).toBeLessThan(columns)
  })
})

describe('before the first row', () => {
  const weights = { stage: 'firstWeights', seconds: 12.2, done: 0.415, secondsLeft: 17 } as const
  const compiling = { stage: 'compiling', seconds: 61, done: null, secondsLeft: null } as const

  test('progress says what is under way, how far, and an estimate where there is one', () => {
    expect(preparingText(weights)).toBe('first weights: 41 %, 0:12 so far, 0:17 left')
    expect(preparingText(compiling)).toBe('compiling, and computing the first iteration: 1:01 so far')
  })

  test('piped: a line per interval, nothing where it is quick; on a terminal one line that fits', () => {
    let time = 0
    const { written, stream } = fakeStream(false)
    const progress = makeProgress(stream, 100_000, () => time)
    for (time = 0; time <= 5000; time += 1000) progress.prepare(weights)
    progress.end()
    expect(written).toEqual(Array(2).fill(`${preparingText(weights)}\n`))
    const terminal = fakeStream(true)
    makeProgress(terminal.stream, 100_000).prepare(compiling)
    expect(terminal.written).toEqual([`\r\x1b[2K${preparingText(compiling)}`])
  })
})

describe('csv', () => {
  test.each([
    ['=1+1', '"\'=1+1"'],
    ['@SUM(A1)', '"\'@SUM(A1)"'],
    ['+cmd', '"\'+cmd"'],
    ['\t=1', '"\'\t=1"'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['plain', 'plain'],
  ])('%j', (text, cell) => {
    expect(csvCell(text)).toBe(cell)
  })

  test('numbers stay numbers, null is empty', () => {
    expect(csvLine([-1.5, null, 0, true])).toBe('-1.5,,0,true\n')
  })
})

describe('chart', () => {
  test('ticks are round and cover the range', () => {
    expect(ticks(0, 500, 5)).toEqual([0, 100, 200, 300, 400, 500])
    expect(ticks(0, 131_072, 6)).toEqual([0, 25_000, 50_000, 75_000, 100_000, 125_000, 150_000])
    expect(ticks(-200, 0, 5)[0]).toBe(-200)
    expect(ticks(3, 3, 5).length).toBeGreaterThan(1)
  })

  test('is well-formed for no points, one point and hostile text', () => {
    const text = { title: '<script>&"', subtitle: '\u0000', xLabel: 'x', yLabel: 'y' }
    const line = { color: '#000', width: 1, label: 'l' }
    for (const points of [[], [{ x: 1, y: 2 }]]) {
      const svg = lineChart({ ...text, series: [{ ...line, points }], threshold: { y: 5, label: 't' } })
      expect(svg).not.toMatch(/<script|NaN|Infinity|undefined/)
      expect(svg).not.toContain('\u0000')
    }
    expect(escapeXml('a<b')).toBe('a&#60;b')
  })

  test('thinning keeps means', () => {
    const points = Array.from({ length: 1000 }, (_, i) => ({ x: i, y: 2 * i }))
    expect(thin(points, 100)).toHaveLength(100)
    expect(thin(points, 100)[0]).toEqual({ x: 4.5, y: 9 })
  })
})

describe('check', () => {
  const abs = (limit: number) => ({ limit, measure: 'abs' as const })

  test('control: numbers out of limit, NaN, infinity and another length fail', () => {
    expect(check('x', 'gpu', [1, 2], [1, 2], abs(0)).ok).toBe(true)
    expect(check('x', 'gpu', [1, 2.1], [1, 2], abs(0.01))).toMatchObject({ ok: false, worst: '[1]: gpu 2.1, golden 2' })
    for (const actual of [[1, Number.NaN], [1, Number.POSITIVE_INFINITY], [1], [1, 2, 3], []]) {
      expect(check('x', 'gpu', actual, [1, 2], abs(1e9))).toMatchObject({ ok: false, maxAbsError: null })
    }
    expect(check('x', 'gpu', [Number.NaN, 5], [1, 2], abs(1e9)).ok).toBe(false)
    expect(check('x', 'gpu', [1], [Number.NaN], abs(1e9)).ok).toBe(false)
  })

  test('relative errors are relative to the largest entry', () => {
    const rel = { limit: 1e-3, measure: 'rel' as const }
    expect(check('x', 'reference', [100.05, 0.05], [100, 0], rel)).toMatchObject({
      ok: true,
      maxRelError: expect.closeTo(5e-4, 6),
    })
    expect(check('x', 'reference', [1e-9], [0], rel).ok).toBe(false)
  })
})

test('the mean over agents is null while one has no value', () => {
  expect(meanOrNull([1, 3])).toBe(2)
  expect(meanOrNull([1, null])).toBeNull()
  expect(meanOrNull([])).toBeNull()
})
