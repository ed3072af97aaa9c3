/** Names and messages from outside: in a terminal, a spreadsheet, a path. */
import { basename, dirname } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { makeOutput, plain } from '../../harness/cli/output'
import { csvCell, csvLine } from '../../harness/figures/csv'
import { defaultRunPath } from '../../harness/rundir/place'

/** Clears the screen, renames the window, rings, overwrites the line; one-byte CSI; turns text around; breaks lines. */
const HOSTILE = ['\x1b[2J', '\x1b]0;title\x07', 'a\rb', 'a\x9b31m', 'a\x7f\b', 'a\u202eb', '\u200bx', 'a\u2028b', '\0']
const CONTROL = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

afterEach(() => void vi.restoreAllMocks())

/** The text that a call writes to both streams. */
function written(call: () => void): string {
  let all = ''
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      all += text
      return true
    })
  }
  call()
  return all
}

test.each(HOSTILE.map((text) => [text]))('%j reaches no terminal', (text) => {
  expect(text).toMatch(CONTROL) // control: it would
  expect(plain(text)).not.toMatch(CONTROL)
  for (const json of [false, true]) {
    const output = makeOutput(json)
    const all = written(() => {
      output.say(text)
      output.warn(text)
      output.result({ [text]: [text] }, text)
    })
    expect(all).not.toMatch(CONTROL)
    if (json) expect(JSON.parse(all.trimEnd().split('\n').at(-1)!)).toEqual({ [text]: [text] })
  }
})

test('text that is meant stays: letters of all kinds, line ends, tabs', () => {
  for (const text of ['Zürich 学习 😀', 'two\nlines\tand a tab', '±1.5 °']) expect(plain(text)).toBe(text)
  expect(plain('\x1b[2J\u{e0001}')).toBe('\\u001b[2J\\udb40\\udc01')
})

test.each([
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '|calc',
  "=cmd|' /C calc'!A0",
  '=HYPERLINK("http://x","y")',
  ' =1',
  '\t=1',
  '\r=1',
  '\n=1',
  '＝1+1',
  '＠x',
])('%j is no formula in a CSV', (text) => {
  const cell = csvCell(text)
  const inner = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell
  // Quoted or not, a spreadsheet sees an apostrophe first, or an escape.
  expect(inner).toMatch(/^['\\]/)
  expect(cell).not.toMatch(CONTROL)
})

test('a CSV line has as many cells as it was given, whatever is in them', () => {
  const cells = [...HOSTILE, 'a,b', '"', '";="', "'", 'a\nb', '\\']
  const [, parsed] = parseCsv(csvLine(cells))
  expect(parsed).toHaveLength(cells.length)
  expect(csvLine(cells)).not.toMatch(CONTROL)
})

/** RFC 4180, one record: the rest of the text, and the cells. */
function parseCsv(text: string): [rest: string, cells: string[]] {
  const cells: string[] = []
  let rest = text
  for (;;) {
    const found = /^(?:"((?:[^"]|"")*)"|([^",\n]*))([,\n])/.exec(rest)
    if (!found) throw new Error(`no cell: ${JSON.stringify(rest)}`)
    cells.push(found[1] === undefined ? found[2] : found[1].replaceAll('""', '"'))
    rest = rest.slice(found[0].length)
    if (found[3] === '\n') return [rest, cells]
  }
}

test.each([
  ['CartPole-v1', 'CartPole-v1'],
  ['../../etc/passwd', '_.._etc_passwd'],
  ['/etc', '_etc'],
  ['..', 'run'],
  ['', 'run'],
  ['-rf', 'rf'],
  ['a/b\\c', 'a_b_c'],
  ['C:\\x', 'C_x'],
  ['\x1b[2J\0', '_2J_'],
  ['$(reboot) `x`;&', '_reboot_x_'],
  ['学', '_'],
  ['x'.repeat(300), 'x'.repeat(80)],
])('the folder of a run of %j', (env, name) => {
  const path = defaultRunPath(env, 7, new Date('2026-01-31T23:59:59Z'))
  expect(dirname(path)).toBe('runs')
  expect(basename(path)).toBe(`${name}-s7-20260131-235959`)
  expect(basename(path)).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/)
})
