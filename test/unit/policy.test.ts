import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSafetensors, type TensorToWrite, writeSafetensors } from '../../src/files/safetensors'
import { forEachParam, layoutNetwork, type NetworkShape, unpackParams } from '../../src/model/network'
import type { Policy } from '../../src/policy/policy'
import { loadPolicy, policyFile, readPolicy } from '../../src/policy/policyfile'
import { file } from '../corpus/file.js'
import { narrowed } from '../support/narrow'

const CATEGORICAL: NetworkShape = {
  obsDim: 3,
  actionDim: 5,
  actorHidden: [7, 6],
  criticHidden: [5],
  activation: 'tanh',
  dist: 'categorical',
}
const GAUSSIAN: NetworkShape = { ...CATEGORICAL, actionDim: 2, actorHidden: [], activation: 'relu', dist: 'gaussian' }
const TRUNK: NetworkShape = { ...CATEGORICAL, criticHidden: [7, 6], sharedTrunk: true }
const OBS = [0.5, -1, 2]

/** Padded parameters: 0.3 sin(k) for the k-th trainable scalar, 0 in the padding. */
function makeParams(shape: NetworkShape): Float32Array {
  const layout = layoutNetwork(shape)
  const params = new Float32Array(layout.paramStride)
  let k = 0
  forEachParam(layout, (_name, _shape, _flat, padded) => {
    params[padded] = 0.3 * Math.sin(k++)
  })
  return params
}

const make = (shape: NetworkShape): Policy => loadPolicy(policyFile('CartPole-v1', shape, makeParams(shape)))

/** The network from the tensors of a file, written as simply as possible; after the trunk, if there is one. */
function forward(bytes: Uint8Array, net: string, x: number[], act: (v: number) => number): number[] {
  const { tensors } = readSafetensors(bytes)
  if (net !== 'trunk' && tensors.has('trunk.0.weight')) x = forward(bytes, 'trunk', x, act).map(act)
  for (let l = 0; ; l++) {
    const weight = tensors.get(`${net}.${l}.weight`)
    if (!weight) return x
    const [outDim, inDim] = weight.shape
    const bias = tensors.get(`${net}.${l}.bias`)!
    const last = !tensors.has(`${net}.${l + 1}.weight`)
    x = Array.from({ length: outDim }, (_, o) => {
      let y = Number(bias.data[o])
      for (let i = 0; i < inDim; i++) y += Number(weight.data[o * inDim + i]) * x[i]
      return last ? y : act(y)
    })
  }
}

test.each(['F16', 'BF16'] as const)('weights that another program made %s are read as numbers', (dtype) => {
  // Numbers that both types represent: of 8 bits.
  const params = makeParams(GAUSSIAN).map((x) => Math.round(64 * x) / 64)
  const normaliser = { obs: { mean: [0.5, -0.25, 1], variance: [4, 0.25, 1], count: 8 }, returns: null }
  const whole = policyFile('CartPole-v1', GAUSSIAN, params, normaliser)
  for (const which of [() => true, (name: string) => name.startsWith('actor')]) {
    const bytes = narrowed(whole, dtype, which)
    expect(bytes.length).toBeLessThan(whole.length)
    const policy = loadPolicy(bytes)
    expect(policy.outputs(OBS)).toEqual(loadPolicy(whole).outputs(OBS))
    expect(policyFile(policy.env, policy.shape, readPolicy(bytes).params, policy.normaliser)).toEqual(whole)
  }
})

test('a weight that is none in F16 is refused', () => {
  const { metadata } = readSafetensors(policyFile('CartPole-v1', CATEGORICAL, makeParams(CATEGORICAL)))
  const tensor = '{"dtype":"F16","shape":[7],"data_offsets":[0,14]}'
  const bytes = (bits: number) => {
    const data = new Uint8Array(new Uint16Array(7).fill(bits).buffer)
    return file(`{"__metadata__":${JSON.stringify(metadata)},"actor.0.bias":${tensor}}`, data)
  }
  expect(() => loadPolicy(bytes(0x7e00))).toThrow('policy: tensor "actor.0.bias": element 0 is NaN.')
  expect(() => loadPolicy(bytes(0xfc00))).toThrow('policy: tensor "actor.0.bias": element 0 is -Infinity.')
})

describe('a policy with statistics to normalise by', () => {
  const running = { mean: [0.5, -0.25, 1], variance: [4, 0.25, 1], count: 8 }
  const normaliser = { obs: running, returns: { mean: [3], variance: [16], count: 8 } }
  const params = makeParams(CATEGORICAL)
  const bytes = policyFile('CartPole-v1', CATEGORICAL, params, normaliser)

  test('brings them back, and writes the same file again', () => {
    const policy = loadPolicy(bytes)
    expect(policy.normaliser).toEqual(normaliser)
    expect(policyFile(policy.env, policy.shape, params, policy.normaliser)).toEqual(bytes)
    expect(make(CATEGORICAL).normaliser).toBeNull()
    const some = loadPolicy(policyFile('x', CATEGORICAL, params, { obs: null, returns: normaliser.returns }))
    expect(some.normaliser).toEqual({ obs: null, returns: normaliser.returns })
    expect(some.outputs(OBS)).toEqual(make(CATEGORICAL).outputs(OBS)) // reward statistics do not change observations
  })

  test('sees normalised observations, clipped to +-10', () => {
    const policy = loadPolicy(bytes)
    const plain = make(CATEGORICAL)
    const seen = OBS.map((x, i) => (x - running.mean[i]) / Math.sqrt(running.variance[i] + 1e-8))
    expect(policy.outputs(OBS)).toEqual(plain.outputs(seen))
    expect(policy.outputs(OBS)).not.toEqual(plain.outputs(OBS))
    expect(policy.value(OBS)).toBe(plain.value(seen))
    expect(policy.act(OBS)).toEqual(plain.act(seen))
    expect(policy.outputs([1e6, 0, 1])).toEqual(plain.outputs([10, 0.25 / Math.sqrt(0.25 + 1e-8), 0]))
  })

  test.each([
    ['obs.variance', [1, -1, 1], 'policy: tensor "normaliser.obs.variance": element 1 is -1, below 0.'],
    ['obs.count', [-1], 'policy: tensor "normaliser.obs.count": element 0 is -1, below 0.'],
    ['obs.mean', [0], 'policy: tensor "normaliser.obs.mean": F32 [1], expected F32 [3].'],
    ['obs.mean', null, 'policy: tensor "normaliser.obs.variance": this network has no such tensor.'],
    ['returns.count', null, 'policy: tensor "normaliser.returns.count": missing.'],
  ])('%s %o is refused', (name, values, message) => {
    const { metadata, tensors } = readSafetensors(bytes)
    const changed = [...tensors].flatMap(([key, { shape, data }]) => {
      if (key !== `normaliser.${name}`) return [{ name: key, shape, data }]
      return values ? [{ name: key, shape: [values.length], data: Float32Array.from(values) }] : []
    })
    expect(() => loadPolicy(writeSafetensors(changed, metadata))).toThrow(message)
  })
})

describe.each([
  ['categorical, tanh', CATEGORICAL, Math.tanh],
  ['gaussian, relu', GAUSSIAN, (v: number) => Math.max(v, 0)],
  ['shared trunk', TRUNK, Math.tanh],
  ['categorical, silu', { ...CATEGORICAL, activation: 'silu' as const }, (v: number) => v / (1 + Math.exp(-v))],
  ['categorical, elu', { ...CATEGORICAL, activation: 'elu' as const }, (v: number) => (v > 0 ? v : Math.expm1(v))],
])('a policy: %s', (_, shape, act) => {
  const bytes = policyFile({ id: 'CartPole-v1' }, shape, makeParams(shape))
  const policy = loadPolicy(bytes)

  test('knows its environment and shape', () => {
    expect(policy.env).toBe('CartPole-v1')
    expect(policy.shape).toEqual(shape)
  })

  test('outputs and value are those of the network in the file', () => {
    const close = (got: number[], wanted: number[]) => {
      expect(got).toHaveLength(wanted.length)
      for (const [i, v] of got.entries()) expect(v).toBeCloseTo(wanted[i], 14)
    }
    close(policy.outputs(OBS), forward(bytes, 'actor', OBS, act))
    close([policy.value(Float32Array.from(OBS))], forward(bytes, 'critic', OBS, act))
  })

  test.each([
    [[1, 2], 'obs: 2 numbers, but this policy takes 3.'],
    [[1, 2, Number.NaN], 'obs[2]: NaN is not a finite number.'],
    [[-Infinity, 2, 3], 'obs[0]: -Infinity is not a finite number.'],
    [[1, undefined as unknown as number, 3], 'obs[1]: undefined is not a finite number.'],
  ])('obs %o', (obs, message) => {
    for (const method of ['act', 'value', 'outputs'] as const) expect(() => policy[method](obs)).toThrow(message)
    expect(() => policy.sample(obs, Math.random)).toThrow(message)
  })
})

/** Uniform numbers that repeat: multiples of the golden ratio modulo 1. */
function* golden(): Generator<number, never> {
  for (let i = 1; ; i++) yield (i * 0.6180339887498949) % 1
}

describe('actions', () => {
  test('categorical: the most probable one, the first of equals', () => {
    const policy = make(CATEGORICAL)
    const logits = policy.outputs(OBS)
    expect(policy.act(OBS)).toEqual([logits.indexOf(Math.max(...logits))])
    const zero = loadPolicy(policyFile('x', CATEGORICAL, new Float32Array(layoutNetwork(CATEGORICAL).paramStride)))
    expect(zero.act(OBS)).toEqual([0])
    expect(zero.value(OBS)).toBe(0)
  })

  test('categorical: samples have the frequencies of the softmax', () => {
    const policy = make(CATEGORICAL)
    const exp = policy.outputs(OBS).map(Math.exp)
    const sum = exp.reduce((a, b) => a + b)
    const random = golden()
    const counts = exp.map(() => 0)
    for (let i = 0; i < 10_000; i++) counts[policy.sample(OBS, () => random.next().value)[0]]++
    for (const [j, count] of counts.entries()) expect(count / 10_000).toBeCloseTo(exp[j] / sum, 2)
    expect(policy.sample(OBS, () => 0)).toEqual([0])
    expect(policy.sample(OBS, () => 1 - 2 ** -53)).toEqual([4])
  })

  test('gaussian: the means; samples have its mean and standard deviation', () => {
    const policy = make(GAUSSIAN)
    const means = policy.outputs(OBS)
    expect(policy.act(OBS)).toEqual(means)
    const layout = layoutNetwork(GAUSSIAN)
    const logStd = unpackParams(layout, makeParams(GAUSSIAN)).find((t) => t.name === 'log_std')!.data
    let state = 1
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647
    const samples = Array.from({ length: 40_000 }, () => policy.sample(OBS, random))
    for (const j of [0, 1]) {
      const mean = samples.reduce((sum, s) => sum + s[j], 0) / samples.length
      const std = Math.sqrt(samples.reduce((sum, s) => sum + (s[j] - mean) ** 2, 0) / samples.length)
      // Five standard errors: std / sqrt(n), about 0.005, of the mean; std / sqrt(2 n) of the standard deviation.
      expect(Math.abs(mean - means[j])).toBeLessThan(0.03)
      expect(Math.abs(std / Math.exp(logStd[j]) - 1)).toBeLessThan(0.02)
    }
    expect(policy.sample(OBS, () => 0).every(Number.isFinite)).toBe(true)
  })
})

describe('files', () => {
  test('hold every weight, without padding', () => {
    fc.assert(
      fc.property(
        fc.record({
          obsDim: fc.integer({ min: 1, max: 9 }),
          actionDim: fc.integer({ min: 1, max: 6 }),
          actorHidden: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
          criticHidden: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
          activation: fc.constantFrom('tanh' as const, 'relu' as const, 'silu' as const, 'elu' as const),
          dist: fc.constantFrom('categorical' as const, 'gaussian' as const),
        }),
        (shape) => {
          const params = makeParams(shape)
          const bytes = policyFile('My-Env', shape, params)
          const { tensors } = readSafetensors(bytes)
          const total = [...tensors.values()].reduce((sum, t) => sum + t.data.length, 0)
          expect(total).toBe(layoutNetwork(shape).numParams)
          const policy = loadPolicy(bytes)
          expect(policyFile(policy.env, policy.shape, params)).toEqual(bytes)
        },
      ),
    )
  })

  test('hold a shared trunk once', () => {
    const bytes = policyFile('x', TRUNK, makeParams(TRUNK))
    const layers = ['trunk.0', 'trunk.1', 'actor.0', 'critic.0']
    const names = layers.flatMap((name) => [`${name}.weight`, `${name}.bias`])
    expect([...readSafetensors(bytes).tensors.keys()].toSorted()).toEqual(names.toSorted())
    // 3 -> 7 -> 6, then 5 logits and 1 value.
    expect(layoutNetwork(TRUNK).numParams).toBe(3 * 7 + 7 + 7 * 6 + 6 + 6 * 5 + 5 + 6 + 1)
    const policy = loadPolicy(bytes)
    expect(policy.shape).toEqual(TRUNK)
    expect(policyFile(policy.env, policy.shape, makeParams(TRUNK))).toEqual(bytes)
  })

  test('of the wrong number of parameters are not written', () => {
    expect(() => policyFile('x', CATEGORICAL, new Float32Array(3))).toThrow('params: 3 floats, but this network takes ')
  })

  /** The file of `shape` with other metadata or other tensors. */
  function changed(
    metadata: Record<string, string>,
    change: (tensors: TensorToWrite[]) => TensorToWrite[] = (t) => t,
    shape = CATEGORICAL,
  ): Uint8Array {
    const read = readSafetensors(policyFile('CartPole-v1', shape, makeParams(shape)))
    const tensors = [...read.tensors].map(([name, { shape, data }]) => ({ name, shape, data }))
    return writeSafetensors(change(tensors), { ...read.metadata, ...metadata })
  }
  const shapeWith = (fields: object) => ({ shape: JSON.stringify({ ...CATEGORICAL, ...fields }) })
  const first = (t: Partial<TensorToWrite>) => (all: TensorToWrite[]) => [{ ...all[0], ...t }, ...all.slice(1)]
  const nan = new Float32Array(21)
  nan[4] = Number.NaN

  test.each<[string, Uint8Array, string]>([
    ['not safetensors', new Uint8Array(3), 'policy: file: 3 bytes are too few'],
    [
      'another format',
      changed({ format: 'pt' }),
      'policy: metadata.format: "pt" is not "ppo-webgpu-policy" or "ppo-webgpu-checkpoint".',
    ],
    [
      'no metadata',
      writeSafetensors([]),
      'policy: metadata.format: nothing is not "ppo-webgpu-policy" or "ppo-webgpu-checkpoint".',
    ],
    ['a later version', changed({ version: '2' }), 'policy: metadata.version: "2" is not "1".'],
    ['no environment', changed({ env: '' }), 'policy: metadata.env: "" is not the id of an environment.'],
    ['shape not JSON', changed({ shape: '{' }), 'policy: metadata.shape: "{" is not JSON ('],
    ['shape null', changed({ shape: 'null' }), 'policy: metadata.shape: null is not an object.'],
    [
      'obsDim',
      changed(shapeWith({ obsDim: 0 })),
      'policy: metadata.shape.obsDim: 0 is not a whole number from 1 to 65536.',
    ],
    [
      'actionDim',
      changed(shapeWith({ actionDim: 1.5 })),
      'policy: metadata.shape.actionDim: 1.5 is not a whole number',
    ],
    [
      'hidden',
      changed(shapeWith({ actorHidden: [1, -1] })),
      'policy: metadata.shape.actorHidden: [1,-1] is not a list of',
    ],
    [
      'no hidden',
      changed(shapeWith({ criticHidden: undefined })),
      'policy: metadata.shape.criticHidden: nothing is not a',
    ],
    [
      'activation',
      changed(shapeWith({ activation: 'gelu' })),
      'policy: metadata.shape.activation: "gelu" is not "tanh", "relu", "silu" or "elu".',
    ],
    [
      'sharedTrunk',
      changed(shapeWith({ sharedTrunk: 1 })),
      'policy: metadata.shape.sharedTrunk: 1 is not true or false.',
    ],
    [
      'a trunk of two widths',
      changed(shapeWith({ sharedTrunk: true })),
      'policy: metadata.shape.sharedTrunk: true, but [7,6] and [5] are not the same hidden layers.',
    ],
    [
      'a trunk of no layers',
      changed(shapeWith({ sharedTrunk: true, actorHidden: [], criticHidden: [] })),
      'policy: metadata.shape.sharedTrunk: true, but [] and [] are not the same hidden layers.',
    ],
    [
      'two networks instead of a trunk',
      changed(shapeWith({ sharedTrunk: true, criticHidden: [7, 6] })),
      'policy: tensor "actor.0.weight": F32 [7,3], expected F32 [5,6].',
    ],
    [
      'dist',
      changed(shapeWith({ dist: 'beta' })),
      'policy: metadata.shape.dist: "beta" is not "categorical" or "gaussian" or "multi_discrete".',
    ],
    ['unknown field', changed(shapeWith({ extra: 1 })), 'policy: metadata.shape.extra: the field is not known.'],
    [
      'tensors of another shape',
      changed(shapeWith({ obsDim: 65536, actorHidden: [65536, 65536, 65536] })),
      'policy: tensor "actor.0.weight": F32 [7,3], expected F32 [65536,65536].',
    ],
    ['missing', changed({}, (t) => t.slice(1)), 'policy: tensor "actor.0.weight": missing.'],
    ['missing log_std', changed(shapeWith({ dist: 'gaussian' })), 'policy: tensor "log_std": missing.'],
    [
      'extra',
      changed({}, first({ name: 'actor.9.bias' })),
      'policy: tensor "actor.9.bias": this network has no such tensor.',
    ],
    [
      'transposed',
      changed({}, first({ shape: [3, 7] })),
      'policy: tensor "actor.0.weight": F32 [3,7], expected F32 [7,3].',
    ],
    [
      'dtype',
      changed({}, first({ data: new Float64Array(21) })),
      'policy: tensor "actor.0.weight": F64 [7,3], expected F32 [7,3].',
    ],
    ['NaN', changed({}, first({ data: nan })), 'policy: tensor "actor.0.weight": element 4 is NaN.'],
  ])('%s', (_, bytes, message) => {
    expect(() => loadPolicy(bytes)).toThrow(message)
  })
})

describe('a policy of several choices, with masks', () => {
  const shape: NetworkShape = { ...CATEGORICAL, dist: 'multi_discrete', actionDim: 5, nvec: [2, 3], masked: true }
  const bytes = policyFile('Choice-v0', shape, makeParams(shape))
  const policy = loadPolicy(bytes)

  test('brings its shape back, and acts part by part', () => {
    expect(policy.shape).toEqual(shape)
    const outputs = policy.outputs(OBS)
    const best = (values: number[]) => values.indexOf(Math.max(...values))
    expect(policy.act(OBS)).toEqual([best(outputs.slice(0, 2)), best(outputs.slice(2))])
    expect(policy.act(OBS, [0, 1, 0, 0, 1])).toEqual([1, 2])
    expect(policy.act(OBS, Uint8Array.of(1, 0, 0, 1, 0))).toEqual([0, 1])
    const counts = new Map<string, number>()
    for (let i = 0; i < 400; i++) {
      const drawn = String(policy.sample(OBS, Math.random, [1, 1, 1, 0, 1]))
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1)
    }
    expect([...counts.keys()].every((drawn) => !drawn.endsWith(',1'))).toBe(true)
    expect(counts.size).toBeGreaterThan(1)
  })

  test.each([
    [[1, 1, 1], 'mask: 3 numbers, but this policy has 5 choices.'],
    [[1, 1, 0, 0, 0], 'mask: forbids all choices 2 to 4, of part 1. At least one entry must not be 0.'],
  ])('the mask %o is refused', (mask, message) => {
    expect(() => policy.act(OBS, mask)).toThrow(message)
    expect(() => policy.sample(OBS, Math.random, mask)).toThrow(message)
  })

  test('a box has no choices to forbid', () => {
    expect(() => make(GAUSSIAN).act(OBS, [1, 1])).toThrow('mask: a mask cannot forbid actions of a gaussian policy.')
    expect(() => make({ ...GAUSSIAN, masked: true })).toThrow(
      'policy: metadata.shape.masked: true, but a mask cannot forbid actions of a gaussian policy.',
    )
  })

  test.each([
    [{ nvec: [2, 2] }, 'policy: metadata.shape.nvec: [2,2] are not the parts of 5 outputs of a multi_discrete policy.'],
    [{ nvec: undefined }, 'policy: metadata.shape.nvec: nothing are not the parts'],
    [{ nvec: [2, 0.5] }, 'policy: metadata.shape.nvec: [2,0.5] is not a list of whole numbers'],
    [{ masked: 1 }, 'policy: metadata.shape.masked: 1 is not true or false.'],
  ])('%o in a file is refused', (change, message) => {
    const { metadata, tensors } = readSafetensors(bytes)
    const changed = { ...metadata, shape: JSON.stringify({ ...shape, ...change }) }
    const kept = [...tensors].map(([name, { shape, data }]) => ({ name, shape, data }))
    expect(() => loadPolicy(writeSafetensors(kept, changed))).toThrow(message)
  })
})
