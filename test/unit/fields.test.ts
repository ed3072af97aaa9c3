/** The tables of the fields that `--json` prints. */
import { expect, test } from 'vitest'
import { type AnyFields, type Fields, inOrder } from '../../harness/cli/fields'
import { COMMANDS } from '../../harness/commands/commands'

interface Result {
  a: number
  list: { x: string; y?: number | null }[]
  inner: { z: boolean } | null
}

const FIELDS: Fields<Result> = {
  a: { type: 'number', help: 'A number.' },
  list: {
    each: { x: { type: 'text', help: 'X.' }, y: { type: 'number or null', when: 'there is one', help: 'Y.' } },
    help: 'A list.',
  },
  inner: { of: { z: { type: 'true or false', help: 'Z.' } }, help: 'An object.' },
}

test('a result has its fields in the order of the table, inside of lists and objects too', () => {
  const value = { inner: { z: true }, list: [{ y: null, x: 'p' }, { x: 'q' }], a: 1 }
  expect(JSON.stringify(inOrder(FIELDS, value))).toBe(
    '{"a":1,"list":[{"x":"p","y":null},{"x":"q"}],"inner":{"z":true}}',
  )
  expect(JSON.stringify(inOrder(FIELDS, { inner: null, list: [], a: 2 }))).toBe('{"a":2,"list":[],"inner":null}')
})

test('a table that says something else than the type does not compile', () => {
  // @ts-expect-error: `a` is missing
  const missing: Fields<{ a: number }> = {}
  // @ts-expect-error: `a` is a number
  const other: Fields<{ a: number }> = { a: { type: 'text', help: '' } }
  // @ts-expect-error: there is no `b`
  const more: Fields<{ a: number }> = { a: { type: 'number', help: '' }, b: { type: 'number', help: '' } }
  // @ts-expect-error: `a` may be missing, and nothing says when
  const always: Fields<{ a?: number }> = { a: { type: 'number', help: '' } }
  // @ts-expect-error: the objects of the list have another field
  const inside: Fields<{ a: { b: number }[] }> = { a: { each: { c: { type: 'number', help: '' } }, help: '' } }
  expect([missing, other, more, always, inside]).toHaveLength(5)
})

test('every command with --json has such a table, and every field a meaning', () => {
  const withJson = COMMANDS.filter(({ flags }) => flags.json).map(({ name }) => name)
  expect(COMMANDS.filter(({ results }) => results).map(({ name }) => name)).toEqual(withJson)
  const walk = (fields: AnyFields): string[] =>
    Object.entries(fields).flatMap(([name, { help, of, each }]) => [
      ...(/^[A-Z`].*\.$/.test(help) || /^gpuSps/.test(help) ? [] : [name]),
      ...walk(of ?? each ?? {}),
    ])
  expect(COMMANDS.flatMap(({ results = {} }) => Object.values(results).flatMap(walk))).toEqual([])
})
