import { describe, expect, test } from 'vitest'
import { ENVS, findEnv } from '../../envs/registry'
import { type Checkpoint, CheckpointError, checkpointFile, readCheckpoint } from '../../src/checkpoint/checkpoint'
import { emptyBuffers, putWords, stateLayout, wordsOf } from '../../src/checkpoint/tensors'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import { isPacked } from '../../src/env/contract'
import { readSafetensors, type TensorToWrite, writeSafetensors } from '../../src/files/safetensors'
import { loadPolicy } from '../../src/policy/policyfile'
import { continued } from '../../src/run/load'
import { narrowed } from '../support/narrow'

const SIZES: PpoOptions = {
  numAgents: 2,
  numEnvs: 3,
  numSteps: 4,
  numMinibatches: 1,
  hidden: [5, 6],
  totalTimesteps: 48,
}

const origin = {
  ...{ library: '1.2.3', adapter: 'a b', software: true, plan: 'fused', seconds: 1.5 },
  tuning: { source: 'table' as const, threads: {}, reason: 'a software adapter', measured: {}, tookMs: 0 },
}

/** A checkpoint in which all floats differ and are finite; progress is at iteration 2 of 4. */
function made(env = 'CartPole-v1', options: PpoOptions = {}): Checkpoint {
  const spec = findEnv(env)
  const config = resolveConfig({}, { ...SIZES, ...options }, spec)
  const layout = stateLayout(spec, config)
  const buffers = emptyBuffers(layout)
  let next = 1
  for (const tensor of layout.tensors) {
    const words = wordsOf(tensor, buffers[tensor.buffer]!)
    const floats = new Float32Array(words.buffer)
    for (let i = 0; i < words.length; i++) {
      if (tensor.dtype === 'F32') floats[i] = next++ / 7
      else words[i] = tensor.name === 'progress.status' ? 0 : 2
    }
    putWords(tensor, words, buffers[tensor.buffer]!)
  }
  return { spec, config, origin, snapshot: { iterations: 2, buffers } }
}

/** All that may be normalised; packed observations may not. */
const normalised = (id: string): PpoOptions => ({ normObs: !isPacked(findEnv(id)), normReward: true })

describe.each(ENVS.map(({ id }) => id))('%s', (id) => {
  test.each([{}, normalised(id)])('a checkpoint comes back as it was written: %j', (options) => {
    const checkpoint = made(id, options)
    expect(readCheckpoint(checkpointFile(checkpoint))).toEqual(checkpoint)
  })

  test('no number has two names, and every number of a struct has one', () => {
    // With normReward alone the normaliser has places for observations that have no names.
    const { spec, config } = made(id, isPacked(findEnv(id)) ? {} : normalised(id))
    const layout = stateLayout(spec, config)
    const buffers = emptyBuffers(layout)
    let named = 0
    for (const tensor of layout.tensors) {
      const words = wordsOf(tensor, buffers[tensor.buffer]!)
      expect(
        words.every((word) => word === 0),
        tensor.name,
      ).toBe(true)
      putWords(tensor, words.fill(1), buffers[tensor.buffer]!)
      named += words.length
    }
    const unnamed = Object.entries(buffers).filter(([, bytes]) => new Uint32Array(bytes!).includes(0))
    // Only these are padded: networks to whole vec4s, and small buffers to 16 bytes.
    for (const [name] of unnamed) expect(['parameters', 'moments', 'stop']).toContain(name)
    expect(new Set(layout.tensors.map(({ name }) => name)).size).toBe(layout.tensors.length)
    expect(named).toBeGreaterThan(0)
  })
})

test('numbers that are not finite come back too in the state of an agent that stopped for them, and of no other', () => {
  const checkpoint = made()
  const { tensors } = stateLayout(checkpoint.spec, checkpoint.config)
  const put = (name: string, at: number, word: number) => {
    const tensor = tensors.find((t) => t.name === name)!
    const words = wordsOf(tensor, checkpoint.snapshot.buffers[tensor.buffer]!)
    words[at] = word
    putWords(tensor, words, checkpoint.snapshot.buffers[tensor.buffer]!)
  }
  put('progress.status', 1, 3)
  put('env.theta', 4, 0x7fc00001)
  expect(readCheckpoint(checkpointFile(checkpoint)).snapshot).toEqual(checkpoint.snapshot)
  put('env.theta', 0, 0x7f800000)
  expect(() => readCheckpoint(checkpointFile(checkpoint))).toThrow(
    'checkpoint: tensor "env.theta": element 0 is Infinity.',
  )
})

/** The file of `made()` with a change in its metadata or its tensors. */
function changed(
  metadata: Record<string, string | undefined>,
  edit = (tensors: TensorToWrite[]) => tensors,
): Uint8Array {
  const { metadata: own, tensors } = readSafetensors(checkpointFile(made()))
  const all = Object.entries({ ...own, ...metadata }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  const list = [...tensors].map(([name, { shape, data }]) => ({ name, shape, data }))
  return writeSafetensors(edit(list), Object.fromEntries(all))
}
const withTensor = (name: string, tensor: Partial<TensorToWrite>) => (tensors: TensorToWrite[]) =>
  tensors.map((t) => (t.name === name ? { ...t, ...tensor } : t))
const config = (options: object) => ({ config: JSON.stringify({ ...made().config, ...options }) })

test.each([
  ['another format', changed({ format: 'ppo-webgpu-policy' }), 'metadata.format: "ppo-webgpu-policy" is not'],
  ['a later version', changed({ version: '2' }), 'metadata.version: "2" is not "1"'],
  ['an unknown environment', changed({ env: 'Cartpole' }), 'metadata.env: '],
  ['no configuration', changed({ config: undefined }), 'metadata.config: is missing'],
  ['a configuration that is no JSON', changed({ config: '{' }), 'metadata.config: is not a JSON object'],
  ['an unknown option', changed(config({ colour: 1 })), 'metadata.config: config.colour: there is no option "colour"'],
  ['a wrong option', changed(config({ gamma: 2 })), 'metadata.config: config.gamma: 2 is out of range'],
  ['other sizes', changed(config({ numEnvs: 4 })), 'tensor "env.x": F32 [2,3], expected F32 [2,4]'],
  ['another network', changed(config({ hidden: [5] })), 'tensor "actor.1.weight": F32 [2,6,5], expected F32 [2,2,5]'],
  [
    'a tensor too many',
    changed({}, (tensors) => [...tensors, { ...tensors[0], name: 'x' }]),
    'tensor "x": this run has no such tensor',
  ],
  ['no origin', changed({ origin: '[]' }), 'metadata.origin: is not a JSON object'],
  [
    'threads that cannot be',
    changed({ origin: JSON.stringify({ ...origin, tuning: { source: 'measured', threads: { fused_rollout: 1e9 } } }) }),
    'metadata.origin.tuning: ',
  ],
  ['a missing tensor', changed({}, (tensors) => tensors.filter(({ name }) => name !== 'log_std').slice(1)), 'missing'],
  [
    'another type',
    changed({}, withTensor('progress.iteration', { data: new Int32Array(2) })),
    'tensor "progress.iteration": I32 [2], expected U32 [2]; a checkpoint must have the types that it was',
  ],
  [
    'narrower weights',
    narrowed(checkpointFile(made()), 'BF16', (name) => name === 'adam.m.actor.0.bias'),
    'tensor "adam.m.actor.0.bias": BF16 [2,5], expected F32 [2,5]; a checkpoint must have the types',
  ],
  [
    'an impossible status',
    changed({}, withTensor('progress.status', { data: new Uint32Array([0, 9]) })),
    'tensor "progress.status": element 1 is 9, above 3',
  ],
  [
    'more iterations than the run has',
    changed({}, withTensor('progress.iteration', { data: new Uint32Array([5, 0]) })),
    'tensor "progress.iteration": element 0 is 5, of 4 iterations',
  ],
])('%s is refused', (_, bytes, message) => {
  expect(() => readCheckpoint(bytes)).toThrow(CheckpointError)
  expect(() => readCheckpoint(bytes)).toThrow(message)
})

test('nor is the policy of a checkpoint read from narrower weights', () => {
  const bytes = narrowed(checkpointFile(made()), 'BF16', (name) => name.startsWith('actor.'))
  expect(() => loadPolicy(bytes, 1)).toThrow('policy: tensor "actor.0.weight": BF16 [5,4], expected F32 [5,4].')
  expect(() => loadPolicy(checkpointFile(made()), 1)).not.toThrow()
})

describe('going on with other options', () => {
  test('the same ones change nothing', () => {
    const checkpoint = made()
    expect(continued(checkpoint, { gamma: 0.99, numEnvs: 3 })).toBe(checkpoint)
  })

  test.each([
    [{ gamma: 0.9 }, 'config.gamma: 0.9, but the checkpoint was trained with 0.99.'],
    [{ seed: [1, 2] }, 'config.seed: [1,2], but the checkpoint was trained with 1.'],
    [{ totalTimesteps: 12 }, 'config.totalTimesteps: 12, but the checkpoint has trained 24 already.'],
  ])('%j is refused', (options, message) => {
    expect(() => continued(made(), options)).toThrow(message)
  })

  test('more timesteps: the agents go on, and schedules run to the new end', () => {
    const before = made()
    const after = continued(before, { totalTimesteps: 96 })
    const { tensors } = stateLayout(after.spec, after.config)
    const read = (name: string) => {
      const tensor = tensors.find((t) => t.name === name)!
      const words = wordsOf(tensor, after.snapshot.buffers[tensor.buffer]!)
      return [...(tensor.dtype === 'F32' ? new Float32Array(words.buffer) : words)]
    }
    expect(read('progress.remaining')).toEqual([0.75, 0.75])
    expect(read('progress.learning_rate')).toEqual([0, 0].map(() => Math.fround(2.5e-4 * 0.75)))
    expect(read('progress.status')).toEqual([0, 0])
    expect(read('stop').filter((_, i) => i % 6 === 0)[0]).toBe(0)
    expect(after.snapshot.buffers.parameters).toEqual(before.snapshot.buffers.parameters)
    expect(before.config.totalTimesteps).toBe(48)
  })

  /** Statuses and iterations of the agents, of `progress`. */
  const placed = (status: number[], iteration: number[], options: PpoOptions = {}) => {
    const checkpoint = made('CartPole-v1', { numAgents: status.length, stopWhenSolved: true, ...options })
    const { tensors } = stateLayout(checkpoint.spec, checkpoint.config)
    for (const [name, words] of [
      ['progress.status', status],
      ['progress.iteration', iteration],
    ] as const) {
      const tensor = tensors.find((t) => t.name === name)!
      putWords(tensor, Uint32Array.from(words), checkpoint.snapshot.buffers[tensor.buffer]!)
    }
    return readCheckpoint(checkpointFile(checkpoint))
  }
  const words = ({ spec, config, snapshot }: Checkpoint, name: string) => {
    const tensor = stateLayout(spec, config).tensors.find((t) => t.name === name)!
    return [...wordsOf(tensor, snapshot.buffers[tensor.buffer]!)]
  }
  const [RUNNING, FINISHED, SOLVED, NOT_FINITE] = [0, 1, 2, 3]

  test('an agent that had solved goes on with more timesteps, as if it had never been told to stop', () => {
    const solved = placed([SOLVED], [2])
    const unstopped = placed([RUNNING], [2], { stopWhenSolved: false })
    const [a, b] = [solved, unstopped].map((checkpoint) => continued(checkpoint, { totalTimesteps: 96 }))
    expect(a.config).toEqual(b.config)
    expect(a.config.stopWhenSolved).toBe(false)
    const gates = (checkpoint: Checkpoint) => words(checkpoint, 'stop').slice(0, 2)
    expect([gates(a), gates(b), gates(solved)]).toEqual([
      [0, 0],
      [0, 0],
      [2, 2],
    ])
    expect(a.snapshot).toEqual(b.snapshot)
    // The file of the continued run has the same options.
    expect(continued(readCheckpoint(checkpointFile(a)), { totalTimesteps: 96, stopWhenSolved: false })).toEqual(
      readCheckpoint(checkpointFile(a)),
    )
  })

  test('stays stopped without more timesteps', () => {
    const solved = placed([SOLVED], [2])
    expect(continued(solved, {})).toBe(solved)
    expect(continued(solved, { totalTimesteps: 48 })).toBe(solved)
    // If another agent still runs, fewer timesteps shorten its remaining work.
    const shorter = continued(placed([SOLVED, RUNNING], [2, 2]), { totalTimesteps: 36 })
    expect([shorter.config.stopWhenSolved, words(shorter, 'progress.status')]).toEqual([true, [SOLVED, RUNNING]])
    expect(() => continued(solved, { stopWhenSolved: false })).toThrow('config.stopWhenSolved: false, but')
    expect(continued(solved, { stopWhenSolved: false, totalTimesteps: 96 }).config.stopWhenSolved).toBe(false)
  })

  test('goes on with fewer than its total, too, where they are more than it has trained', () => {
    const solved = placed([SOLVED], [2])
    const fewer = continued(solved, { totalTimesteps: 36 })
    expect([fewer.config.stopWhenSolved, words(fewer, 'progress.status')]).toEqual([false, [RUNNING]])
    expect(() => continued(solved, { totalTimesteps: 12 })).toThrow('the checkpoint has trained 24 already')
  })

  test('a run that has not solved still stops when it does', () => {
    for (const status of [RUNNING, FINISHED, NOT_FINITE]) {
      expect(continued(placed([status], [2]), { totalTimesteps: 96 }).config.stopWhenSolved).toBe(true)
    }
  })

  test('of several agents each goes on from its own iteration; one that met a number that is not finite does not', () => {
    const before = placed([SOLVED, RUNNING, NOT_FINITE, FINISHED, SOLVED], [1, 3, 2, 4, 2])
    expect(before.snapshot.iterations).toBe(3)
    const after = continued(before, { totalTimesteps: 96 })
    expect(words(after, 'progress.status')).toEqual([RUNNING, RUNNING, NOT_FINITE, RUNNING, RUNNING])
    expect(words(after, 'progress.iteration')).toEqual([1, 3, 2, 4, 2])
    const remaining = new Float32Array(Uint32Array.from(words(after, 'progress.remaining')).buffer)
    expect([0, 1, 3, 4].map((k) => remaining[k])).toEqual([1 - 1 / 8, 1 - 3 / 8, 1 - 4 / 8, 1 - 2 / 8])
    // The remaining work is that of the slowest agent.
    expect(after.snapshot.iterations).toBe(1)
    expect(readCheckpoint(checkpointFile(after)).snapshot).toEqual(after.snapshot)
    expect(() => continued(after, { totalTimesteps: 36 })).toThrow('has trained 48 already')
  })
})
