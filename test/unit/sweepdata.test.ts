import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { resolveConfig } from '../../src/config/config'
import { MOST_BATCH, MOST_RESULT, readBatch, readResult, readStatus, SweepDataError } from '../../src/sweep/check'
import { oneLine } from '../../src/sweep/errors'
import type { TrialResult, WorkerStatus } from '../../src/sweep/types'
import { batchOf, HERE, member } from '../support/batches'

const file = { name: 'a.b_c-1', bytes: 100, sha256: '0'.repeat(64) }
const BATCH = batchOf({
  env: { id: 'CartPole-v1', hash: 'f'.repeat(64) },
  config: resolveConfig(cartPole.preset, {}, cartPole),
  until: 4096,
  members: [
    member(0, { sweep: { learningRate: 1e-3 } }),
    member(1, { envParams: { gravity: { uniform: [8, 12] }, length: 1 }, from: file }),
  ],
})
const RESULT: TrialResult = {
  ...{ version: 1, sweep: '0123456789abcdef', batch: '0-0', ticket: 'a'.repeat(32), trial: 3, rung: 1 },
  ...{ timesteps: 4096, score: 12.5, status: 'running', seconds: 1.5, weightsHash: 'e'.repeat(64) },
  curve: [
    [2048, 10],
    [4096, 12.5],
  ],
  ...{ fingerprint: HERE, mixed: false, checkpoint: file, policy: null, error: null },
}
const STATUS: WorkerStatus = {
  ...{ id: 'worker-1', kind: 'tab', fingerprint: HERE, software: true },
  ...{ sweep: null, trials: 0, rung: 0, sps: 0, given: 12 },
}

type Reader = [name: string, value: object, read: (json: string) => unknown]
const READERS: Reader[] = [
  ['batch', BATCH, readBatch],
  ['result', RESULT, readResult],
  ['status', STATUS, readStatus],
]

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Paths of everything in `value`, itself first. */
function pathsIn(value: unknown, path: string[] = []): string[][] {
  const inside = isObject(value) ? Object.keys(value).flatMap((key) => pathsIn(value[key], [...path, key])) : []
  return [path, ...inside]
}

/** A copy of `value` with `put` at `path`; undefined removes it. */
function changed(value: object, path: string[], put: unknown): unknown {
  if (path.length === 0) return put
  const copy = structuredClone(value) as Record<string, unknown>
  const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, copy)
  const key = path.at(-1)!
  if (put === undefined && !Array.isArray(parent)) delete parent[key]
  else parent[key] = put
  return copy
}

/** What `read` says of it; null if it takes it. Any other error goes on. */
function refusal(read: Reader[2], json: string): string | null {
  try {
    expect(read(json)).toEqual(JSON.parse(json))
    return null
  } catch (error) {
    if (!(error instanceof SweepDataError)) throw error
    expect(error.message).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
    return error.message
  }
}

/** Of the same fields and types, null and lists of other lengths aside. */
function hasShape(value: unknown, like: unknown): boolean {
  if (value === null || like === null || Array.isArray(like)) return true
  if (!isObject(like)) return typeof value === typeof like
  return isObject(value) && Object.keys(like).every((key) => key in value && hasShape(value[key], like[key]))
}

describe.each(READERS)('a %s from elsewhere', (name, value, read) => {
  it('is taken as it was written', () => {
    expect(refusal(read, JSON.stringify(value))).toBeNull()
  })

  it('is refused with a field more or less, anywhere', () => {
    for (const path of pathsIn(value)) {
      const at = path.reduce<unknown>((inside, key) => (inside as Record<string, unknown>)[key], value)
      const free = /^(config|members\.\d+\.(sweep|envParams))/.test(path.join('.'))
      if (path.length > 0 && !free)
        expect(refusal(read, JSON.stringify(changed(value, path, undefined)))).not.toBeNull()
      if (!isObject(at) || Array.isArray(at) || free) continue
      const more = JSON.stringify(changed(value, path, { ...at, 'new\u001b[31m': 1 }))
      expect(refusal(read, more)).toMatch(/has no field "\(hidden characters\)"$/)
    }
  })

  it('is refused, or of the same shape, with anything anywhere', () => {
    const paths = pathsIn(value).filter((path) => !/^config|sweep\.|envParams\./.test(path.join('.')))
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, put) => {
        const json = JSON.stringify(changed(value, path, put))
        if (refusal(read, json) === null) expect(hasShape(JSON.parse(json), value)).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })

  it('gives one kind of error for any text, and any JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(refusal(read, text)).toMatch(new RegExp(`^${name}`))
      }),
      { numRuns: 500 },
    )
  })
})

describe('limits', () => {
  const cases: [string, Reader, string[], unknown, RegExp][] = [
    [
      'a name with a line end',
      READERS[2],
      ['fingerprint', 'adapter'],
      'a\nb',
      /^status\.fingerprint\.adapter: has control/,
    ],
    ['text that turns its direction', READERS[2], ['fingerprint', 'browser'], 'a\u202eb', /has control characters$/],
    ['a path', READERS[1], ['checkpoint', 'name'], '../x/y', /^result\.checkpoint\.name: is not 1 to 200 letters/],
    ['a large file', READERS[1], ['checkpoint', 'bytes'], 2 ** 28 + 1, /^result\.checkpoint\.bytes: 268435457 is not/],
    ['a long curve', READERS[1], ['curve'], Array(51).fill([1, 1]), /^result\.curve: has 51 entries, not 0 to 50/],
    ['half a step', READERS[1], ['timesteps'], 0.5, /^result\.timesteps: 0.5 is not a whole number/],
    ['an error of a trial that runs', READERS[1], ['error'], 'x', /^result\.error: is given with status running/],
    ['a trial twice', READERS[0], ['members'], [member(1), member(1)], /^batch\.members: a trial is in it twice/],
    ['no member', READERS[0], ['members'], [], /^batch\.members: has 0 entries/],
    ['a population', READERS[0], ['config', 'numAgents'], 4, /^batch\.config\.numAgents: is not 1/],
    [
      'code',
      READERS[0],
      ['config', 'hidden'],
      { js: 'alert' },
      /^batch\.config\.hidden: is not the value of an option/,
    ],
    ['__proto__', READERS[0], ['members', '0', 'sweep'], JSON.parse('{"__proto__":1}'), /has no field "__proto__"/],
  ]
  it.each(cases)('%s', (_, [, value, read], path, put, message) => {
    expect(refusal(read, JSON.stringify(changed(value, path, put)))).toMatch(message)
  })

  it('the size of the text', () => {
    expect(refusal(readResult, JSON.stringify(RESULT) + ' '.repeat(MOST_RESULT))).toMatch(
      /^result: has more than 16384/,
    )
    expect(refusal(readBatch, JSON.stringify('é'.repeat(MOST_BATCH / 2)))).toMatch(/^batch: has more than 1048576/)
  })

  it('any error becomes a line that a result may have', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2000 }), (text) => {
        const result = { ...RESULT, status: 'failed', error: oneLine(new Error(text)) }
        expect(refusal(readResult, JSON.stringify(result))).toBeNull()
      }),
    )
    const cut = oneLine(new Error(`${'x'.repeat(499)}😀`))
    expect(refusal(readResult, JSON.stringify({ ...RESULT, status: 'failed', error: cut }))).toBeNull()
  })
})
