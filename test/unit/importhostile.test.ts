/**
 * Hostile files for `import`: pickles that call, nest or lie, ZIPs that lie, and thousands of mutated ones. Each is
 * refused by a message, or read; never run, never endless, and no larger in memory than its limits.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { UsageError } from '../../harness/cli/errors'
import { importPolicy } from '../../harness/import/policy'
import { readStateDict } from '../../harness/import/torch'
import { openZip } from '../../harness/import/zip'
import { bytesOf, dict, global, int, pickle, tensor, text, torchFile, tuple, u32, zipOf } from '../support/pickled'

const read = (bytes: Uint8Array) => readStateDict(bytes, 'f')
const one = (given: Parameters<typeof tensor>[0]) => torchFile(pickle(dict(['w', tensor(given)])))

describe('tensors', () => {
  const numbers = new Uint8Array(Float32Array.from({ length: 8 }, (_, i) => i).buffer)
  const of = (given: Parameters<typeof tensor>[0]) =>
    zipOf([
      ['a/data.pkl', pickle(dict(['w', tensor(given)]))],
      ['a/data/0', numbers],
    ])

  test('are read by their strides and offset', () => {
    expect(read(of({})).get('w')).toEqual({
      dtype: 'F32',
      shape: [2, 4],
      data: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7),
    })
    expect(read(of({ shape: [4, 2], strides: [1, 4] })).get('w')!.data).toEqual(Float32Array.of(0, 4, 1, 5, 2, 6, 3, 7))
    expect(read(of({ shape: [2], strides: [3], offset: 4 })).get('w')!.data).toEqual(Float32Array.of(4, 7))
    expect(read(of({ type: 'DoubleStorage', count: 4, shape: [4], strides: [1] })).get('w')!.dtype).toBe('F64')
    const parameter = bytesOf(
      global('torch._utils', '_rebuild_parameter'),
      tuple(tensor(), bytesOf(0x88), bytesOf('}')),
      'R',
    )
    expect(read(torchFile(pickle(dict(['w', parameter])))).get('w')!.shape).toEqual([2, 4])
  })

  test.each<[string, Parameters<typeof tensor>[0], string]>([
    ['strides that leave the storage', { strides: [4, 2] }, 'leaves its storage of 8'],
    ['an offset that does', { offset: 1 }, 'leaves its storage of 8'],
    ['one number repeated', { shape: [1000, 1000], strides: [0, 0] }, 'leaves its storage'],
    ['a negative size', { shape: [-2, 4] }, 'shape is not a tuple of at most 8 whole numbers from 0'],
    ['a negative stride', { strides: [-4, 1] }, 'strides is not a tuple'],
    ['fewer strides', { strides: [1] }, '2 sizes, 1 strides'],
    ['a storage that is larger than said', { count: 4, shape: [4], strides: [1] }, 'is 32 bytes, more than 16'],
    ['a storage that is smaller', { count: 9, shape: [9], strides: [1] }, 'is 32 bytes, not 9 numbers of F32'],
    ['a storage that is not there', { key: '7' }, 'f/archive/data/7: is missing'],
    ['a storage outside', { key: '../0' }, 'with the name "../0"'],
    ['another type', { type: 'ComplexFloatStorage' }, 'a storage of torch ComplexFloatStorage'],
  ])('refused: %s', (_, given, message) => {
    expect(() => read(one(given))).toThrow(message)
  })
})

describe('pickles', () => {
  const nested = (depth: number): Uint8Array => bytesOf(')', ...Array.from({ length: depth }, () => 0x85))
  /** A list that holds the one before twice: 2^k items if it were written out. */
  const bomb = bytesOf(')', ...Array.from({ length: 30 }, (_, k) => bytesOf('q', k, 'h', k, 0x86)))
  test.each<[string, Uint8Array, string]>([
    [
      'os.system',
      pickle(global('os', 'system'), tuple(text('id')), 'R'),
      'calls os system, which no tensor needs, at byte',
    ],
    [
      'posix through STACK_GLOBAL',
      pickle(text('posix'), text('system'), 0x93, tuple(text('id')), 'R'),
      'calls posix system',
    ],
    ['builtins.eval as a value', pickle(dict(['w', global('builtins', 'eval')])), 'w is builtins eval, not a tensor'],
    ['an object of a class', pickle(global('a', 'B'), ')', 0x81), 'has the opcode 129'],
    ['INST', pickle('(', text('id'), 'ios\nsystem\n'), 'has the opcode 105'],
    ['OBJ', pickle('(', global('os', 'system'), text('id'), 'o'), 'has the opcode 111'],
    ['an extension', pickle(0x82, 1), 'has the opcode 130'],
    ['a call of a text', pickle(text('os'), ')R'), 'calls "os"'],
    ['the state of a tensor', pickle(tensor(), '}', text('a'), int(1), 'sb'), 'sets the state of a tensor'],
    ['another state', pickle(dict(['w', tensor()]), '}', text('__class__'), int(1), 'sb'), 'sets the state of a dict'],
    ['an OrderedDict of values', pickle(global('collections', 'OrderedDict'), tuple(bytesOf(']')), 'R'), 'of values'],
    ['deep nesting', pickle(nested(100_000)), 'is nested more than 32 deep'],
    ['deep marks', pickle('('.repeat(100_000)), 'is nested more than 32 deep'],
    ['a memo that doubles', pickle(bomb), 'holds a tuple of 2'],
    ['a memo entry that is not there', pickle('h', 3), 'takes 3 from its memo'],
    ['a stack that is empty', pickle('R'), 'takes a value that is not there'],
    ['a mark that is not there', pickle('t'), 'takes a mark that is not there'],
    ['a text longer than the file', pickle('X', u32(0xffffffff), 'a'), 'ends in the middle'],
    ['no end', bytesOf(0x80, 2, '}'), 'ends in the middle'],
    ['more after its end', bytesOf(pickle('}'), 0), 'has more bytes after its end'],
    ['a number as key', pickle('}', int(1), int(2), 's'), 'has the key 1, which is not a text'],
    ['a later protocol', bytesOf(0x80, 9, '}.'), 'is of a protocol after 5'],
    ['a long number', pickle(0x8a, 200, new Uint8Array(200)), 'more than 8 bytes'],
    ['no dict', pickle(int(3)), 'holds 3, not a dict of tensors'],
  ])('refused: %s', (_, pickled, message) => {
    expect(() => read(torchFile(pickled))).toThrow(message)
    expect(() => read(torchFile(pickled))).toThrow(UsageError)
  })

  test('more tensors, or numbers, than the limits', () => {
    const many = Array.from({ length: 1001 }, (_, i): [string, Uint8Array] => [`w${i}`, tensor()])
    expect(() => read(torchFile(pickle(dict(...many))))).toThrow('1001 tensors, more than 1000')
    const large = { count: 2 ** 30, shape: [2 ** 30], strides: [1] }
    expect(() => read(one(large))).toThrow('1073741824 numbers, more than')
    expect(() => read(torchFile(new Uint8Array(2 ** 20 + 1)))).toThrow('is 1048577 bytes, more than 1048576')
  })
})

describe('ZIPs', () => {
  const content = bytesOf('content')
  test.each<[string, Uint8Array, string]>([
    [
      'a name twice',
      zipOf([
        ['a', content],
        ['a', content],
      ]),
      'entry "a" occurs twice',
    ],
    ['a name outside', zipOf([['../a', content]]), 'an entry with the name "../a"'],
    ['an absolute name', zipOf([['/a', content]]), 'the name "/a"'],
    ['a name of Windows', zipOf([['c:\\a', content]]), 'the name'],
    ['another name in its header', zipOf([['b', content, { name: 'a' }]]), 'a header that says something else'],
    ['encrypted', zipOf([['a', content, { flags: 1 }]]), 'is encrypted'],
    ['another method', zipOf([['a', content, { method: 12 }]]), 'is packed by method 12'],
    ['longer than it is', zipOf([['a', content, { size: 9, packed: 9 }]]), 'passes the end of the data'],
    ['stored, of two sizes', zipOf([['a', content, { size: 5 }]]), '7 bytes are said to be 5'],
    [
      'deflated, longer than said',
      zipOf([['a', new Uint8Array(1e6), { deflate: true, size: 10 }]]),
      'cannot be unpacked to its 10 bytes',
    ],
    ['deflated, shorter than said', zipOf([['a', content, { deflate: true, size: 10 }]]), 'is 7 bytes, not the 10'],
    [
      '256 MiB and more',
      zipOf([
        ['a', content, { deflate: true, size: 2 ** 28 }],
        ['b', content],
      ]),
      '268435463 bytes unpacked, more than 268435456',
    ],
    ['another checksum', zipOf([['a', content, { crc: 1 }]]), 'has another CRC-32'],
    [
      'entries that overlap',
      zipOf([
        ['a', content],
        ['a', content, { name: 'b', at: 0 }],
      ]),
      'overlaps',
    ],
    ['ZIP64', zipOf([['a', content, { size: 0xffffffff, packed: 0xffffffff }]]), 'is of a ZIP64'],
    ['cut off', zipOf([['a', content]]).slice(0, -1), 'has no directory'],
    ['bytes in front', bytesOf('#!', zipOf([['a', content]])), 'has a directory that does not end where the file says'],
  ])('refused: %s', (_, bytes, message) => {
    const openAll = () => {
      const zip = openZip(bytes, 'f')
      for (const name of zip.names) zip.read(name)
    }
    expect(openAll).toThrow(message)
    expect(openAll).toThrow(UsageError)
  })

  test('a good one is read', () => {
    const zip = openZip(
      zipOf([
        ['a/b', content],
        ['c', content, { deflate: true }],
      ]),
      'f',
    )
    expect(zip.names.map((name) => Buffer.from(zip.read(name)!).toString())).toEqual(['content', 'content'])
    expect(zip.read('d')).toBeNull()
  })
})

describe('what a model says of itself', () => {
  const weights = torchFile(pickle(dict(['w', tensor()])))
  const say = (data: string) => () =>
    importPolicy(
      {
        name: 'f',
        bytes: zipOf([
          ['data', bytesOf(data)],
          ['policy.pth', weights],
        ]),
      },
      cartPole,
      {
        ...{ activation: null, stats: null },
      },
    )
  const CLASS =
    '"policy_class":{"__module__":"stable_baselines3.common.policies","__init__":"<function ActorCriticPolicy.__init__ at 0x1>"}'
  const BOX = `":type:":"<class 'gymnasium.spaces.box.Box'>"`
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  test.each<[string, string, string]>([
    ['no JSON', '{', 'f/data: is not an object of JSON'],
    ['a list', '[]', 'f/data: is not an object of JSON'],
    ['nothing', '{}', 'policy_class: "undefined"'],
    [
      'texts that are objects',
      '{"policy_class":{"__module__":{"toString":1},"__init__":[[]]}}',
      '"an object", "a list of 1"',
    ],
    ['__proto__', '{"__proto__":{"use_sde":true}}', 'policy_class: "undefined"'],
    [
      'another policy',
      '{"policy_class":{"__module__":"stable_baselines3.dqn.policies","__init__":"<function DQNPolicy.__init__ at 0x1>"}}',
      'is another policy',
    ],
    ['squashed actions', `{${CLASS},"policy_kwargs":{"squash_output":true}}`, 'squash_output: true'],
    [
      'a convolution',
      `{${CLASS},"policy_kwargs":{"features_extractor_class":"<class 'stable_baselines3.common.torch_layers.NatureCNN'>"}}`,
      'NatureCNN',
    ],
    ['a deep shape', `{${CLASS},"observation_space":{${BOX},"_shape":${deep}}}`, 'its shape is a list of 1, but'],
    [
      'one number for each value',
      `{${CLASS},"observation_space":{":type:":"<class 'gymnasium.spaces.discrete.Discrete'>"}}`,
      'is not a Box',
    ],
  ])('refused: %s', (_, data, message) => {
    expect(say(data)).toThrow(message)
    expect(say(data)).toThrow(UsageError)
  })
})

/** Runs `use`: it may succeed, or throw a UsageError with a place. Anything else fails the test. */
function isClean(use: () => unknown): boolean {
  const start = performance.now()
  try {
    use()
  } catch (error) {
    if (!(error instanceof UsageError) || !error.message.startsWith('f')) throw error
  }
  expect(performance.now() - start).toBeLessThan(4000)
  return true
}

describe('mutated', () => {
  const SETTINGS = { seed: 20261126, interruptAfterTimeLimit: 3000, markInterruptAsFailure: false, endOnFailure: true }
  const whole = new Uint8Array(readFileSync(join(__dirname, '../golden/imported/ppo_cartpole.zip')))
  const weights = openZip(whole, 'f').read('policy.pth')!
  const pickled = openZip(weights, 'f').read('archive/data.pkl')!
  const changes = (length: number) =>
    fc.array(fc.tuple(fc.nat({ max: length - 1 }), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 })
  const changed = (bytes: Uint8Array, list: [number, number][]) => {
    const copy = bytes.slice()
    for (const [at, value] of list) copy[at] = value
    return copy
  }

  test('bytes of a model', () => {
    const use = (bytes: Uint8Array) => importPolicy({ name: 'f', bytes }, cartPole, { activation: null, stats: null })
    expect(isClean(() => use(whole))).toBe(true)
    const property = fc.property(changes(whole.length), (list) => isClean(() => use(changed(whole, list))))
    fc.assert(property, { ...SETTINGS, numRuns: 300 })
  })

  test('bytes of its pickle', () => {
    const property = fc.property(changes(pickled.length), (list) =>
      isClean(() => read(torchFile(changed(pickled, list)))),
    )
    fc.assert(property, { ...SETTINGS, numRuns: 1000 })
  })

  test('opcodes in any order', () => {
    const part = fc.oneof(
      fc.constantFrom(
        ...'().}]tuseabqhRQJKMNX\x80\x85\x86\x87\x88\x89\x93\x94\x95'.split('').map((c) => bytesOf(c.charCodeAt(0))),
      ),
      fc.constantFrom(int(1), int(-1), text('storage'), text('w'), tensor(), global('torch', 'FloatStorage')),
      fc.constantFrom(
        global('collections', 'OrderedDict'),
        global('torch._utils', '_rebuild_tensor_v2'),
        global('os', 'system'),
      ),
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
    )
    const property = fc.property(fc.array(part, { maxLength: 40 }), (parts) =>
      isClean(() => read(torchFile(pickle(...parts)))),
    )
    fc.assert(property, { ...SETTINGS, numRuns: 2000 })
  })
})
