/** An exported policy, run by onnxruntime, acts as the policy does. */
import * as ort from 'onnxruntime-web'
import { describe, expect, test } from 'vitest'
import { findEnv } from '../../envs/registry'
import { OPSET, writeModel } from '../../harness/onnx/model'
import { policyModel } from '../../harness/onnx/policy'
import { makeRng, normal, uniform } from '../../src/env/rng'
import { readSafetensors } from '../../src/files/safetensors'
import { type ActionScale, scaled } from '../../src/model/actions'
import { distributionOf } from '../../src/model/distributions/table'
import { forEachParam, layoutNetwork, type NetworkShape, networkShape } from '../../src/model/network'
import { type NormaliserStats, normalised } from '../../src/model/normaliser'
import type { Activation } from '../../src/options/options'
import { loadPolicy, policyFile, readPolicy } from '../../src/policy/policyfile'

ort.env.wasm.numThreads = 1

const COUNT = 1000

interface Case {
  env: string
  hidden: number[]
  activation: Activation
  normaliser: NormaliserStats | null
  sharedTrunk?: boolean
  scale?: ActionScale
}

/** Statistics under which observations of deviation 3 are moved, scaled and now and then clipped. */
function makeNormaliser(size: number): NormaliserStats {
  const mean = Array.from({ length: size }, (_, i) => 0.5 * (i - 1))
  const variance = Array.from({ length: size }, (_, i) => 0.04 * 4 ** i)
  return { obs: { mean, variance, count: 100 }, returns: { mean: [7], variance: [9], count: 100 } }
}

function makePolicy({ env, hidden, activation, normaliser, sharedTrunk = false, scale }: Case) {
  const spec = findEnv(env)
  const shape = networkShape(spec, {
    ...{ hidden, actorHidden: null, criticHidden: sharedTrunk ? hidden : [7], activation, sharedTrunk },
  })
  const layout = layoutNetwork(shape)
  const params = new Float32Array(layout.paramStride)
  let k = 0
  forEachParam(layout, (_name, _shape, _flat, padded) => {
    params[padded] = Math.sin(1 + (k++) ** 2) // no period, biases and log_std included
  })
  const bytes = policyFile(spec, shape, params, normaliser, scale)
  const policy = loadPolicy(bytes)
  const { tensors } = readSafetensors(bytes)
  const model = policyModel(readPolicy(bytes), spec, '1.2.3')
  return { spec, policy, tensors, model, onnx: writeModel(model) }
}

function makeObservations(obsDim: number): Float32Array {
  return Float32Array.from({ length: COUNT * obsDim }, (_, i) => 3 * normal(makeRng(1, i, 0, 0)))
}

async function run(onnx: Uint8Array, obs: Float32Array, obsDim: number) {
  const session = await ort.InferenceSession.create(onnx)
  return session.run({ obs: new ort.Tensor('float32', obs, [obs.length / obsDim, obsDim]) })
}

/** float32 sums of up to 64 numbers of size 1, three times over: rounding of 1e-7 each, grown by weights of up to 1. */
const LIMIT = 1e-4
const expectClose = (got: Float32Array, wanted: number[]) => {
  expect(got.length).toBe(wanted.length)
  let worst = 0
  for (const [i, w] of wanted.entries()) worst = Math.max(worst, Math.abs(got[i] - w) / (1 + Math.abs(w)))
  expect(worst).toBeLessThan(LIMIT)
}

describe.each<Case>([
  { env: 'CartPole-v1', hidden: [64, 64], activation: 'tanh', normaliser: makeNormaliser(4) },
  { env: 'Acrobot-v1', hidden: [5], activation: 'relu', normaliser: null },
  { env: 'Pendulum-v1', hidden: [64, 64], activation: 'relu', normaliser: makeNormaliser(3) },
  { env: 'CartPole-v1', hidden: [9, 6], activation: 'silu', normaliser: null },
  { env: 'Acrobot-v1', hidden: [9, 6], activation: 'tanh', normaliser: null, sharedTrunk: true },
  { env: 'MountainCarContinuous-v0', hidden: [], activation: 'tanh', normaliser: null },
  // A scale of its own, so that it differs from the bounds that actions are clipped to.
  { env: 'Pendulum-v1', hidden: [8], activation: 'tanh', normaliser: null, scale: { low: [-1], high: [4] } },
])('$env, $hidden $activation', (given) => {
  const { spec, policy, tensors, model, onnx } = makePolicy(given)
  const { obsDim, actionDim } = policy.shape
  const obs = makeObservations(obsDim)
  const rows = Array.from({ length: COUNT }, (_, i) => obs.subarray(i * obsDim, (i + 1) * obsDim))

  test('onnxruntime takes it: same actions, outputs and values for any number of observations', async () => {
    const outputs = await run(onnx, obs, obsDim)
    expect(Object.keys(outputs)).toEqual(model.outputs.map(({ name }) => name))
    const action = outputs.action.data
    const space = spec.actionSpace
    if (space.kind === 'discrete') {
      expect(outputs.action).toMatchObject({ type: 'int64', dims: [COUNT] })
      expect(Array.from(action as BigInt64Array, Number)).toEqual(rows.map((row) => policy.act(row)[0]))
      expect(new Set(action as BigInt64Array).size).toBeGreaterThan(1)
      expectClose(outputs.logits.data as Float32Array, rows.flatMap(policy.outputs))
    } else if (space.kind === 'box') {
      const clip = (a: number, i: number) => Math.min(space.high[i], Math.max(space.low[i], a))
      expect(outputs.action).toMatchObject({ type: 'float32', dims: [COUNT, actionDim] })
      const wanted = rows.map((row) => policy.act(row))
      expectClose(action as Float32Array, wanted.flat())
      for (const bound of [space.low[0], space.high[0]]) expect(wanted.some(([a]) => a === bound)).toBe(true)
      expect(wanted.some(([a]) => a !== space.low[0] && a !== space.high[0])).toBe(true)
      const { scale } = given
      const inUnits = (x: number) => (scale ? scaled(x, 0, scale) : x)
      const means = rows.map((row) => policy.outputs(row).map(inUnits))
      expectClose(outputs.mean.data as Float32Array, means.flat())
      expect(wanted).toEqual(means.map((row) => row.map(clip)))
      const width = scale ? Math.log((scale.high[0] - scale.low[0]) / 2) : 0
      const logStd = Array.from(tensors.get('log_std')!.data as Float32Array, (x) => Math.fround(x + width))
      expect([...(outputs.log_std.data as Float32Array)]).toEqual(logStd)
    }
    expect(outputs.value.dims).toEqual([COUNT, 1])
    expectClose(outputs.value.data as Float32Array, rows.map(policy.value))

    const one = await run(onnx, rows[1], obsDim)
    expect(one.action.data[0]).toEqual(action[action.length / COUNT])
  })

  test('says what it is', () => {
    const text = new TextDecoder('latin1').decode(onnx)
    for (const part of ['ppo-webgpu', '1.2.3', spec.id, 'batch', ...(spec.observations ?? [])])
      expect(text).toContain(part)
    expect(text).toContain(`B\x04\n\0\x10${String.fromCharCode(OPSET)}`) // opset_import: domain "", version
  })
})

test('the normaliser matters, and clips: with other statistics the same network acts otherwise', async () => {
  const shared = { env: 'CartPole-v1', hidden: [64, 64], activation: 'tanh' } as const
  const normaliser = makeNormaliser(4)
  const obs = makeObservations(4)
  expect(
    Array.from(obs, (x, i) => Math.abs(normalised(x, normaliser.obs!, i % 4))).filter((x) => x === 10),
  ).not.toEqual([])
  const [a, b] = await Promise.all(
    [normaliser, null].map((n) => run(makePolicy({ ...shared, hidden: [64, 64], normaliser: n }).onnx, obs, 4)),
  )
  expect(a.action.data).not.toEqual(b.action.data)
})

describe.each([
  ['parts of 3, 1 and 4 choices', { dist: 'multi_discrete', actionDim: 8, nvec: [3, 1, 4] }],
  ['the same with masks', { dist: 'multi_discrete', actionDim: 8, nvec: [3, 1, 4], masked: true }],
  ['one choice with masks', { dist: 'categorical', actionDim: 8, masked: true }],
] as const)('%s', (_, actions) => {
  const shape = { obsDim: 3, actorHidden: [9], criticHidden: [4], activation: 'tanh', ...actions } as NetworkShape
  const layout = layoutNetwork(shape)
  const params = new Float32Array(layout.paramStride)
  let k = 0
  forEachParam(layout, (_name, _shape, _flat, padded) => {
    params[padded] = Math.sin(1 + (k++) ** 2)
  })
  const bytes = policyFile('Choice-v0', shape, params)
  const policy = loadPolicy(bytes)
  const { parts } = distributionOf(shape)
  const obs = makeObservations(3)
  // Half of the choices are forbidden; the last of each part never is.
  const ends = parts.map((_n, part) => parts.slice(0, part + 1).reduce((a, b) => a + b, 0))
  const mask = Float32Array.from({ length: COUNT * 8 }, (_x, i) => {
    return ends.includes((i % 8) + 1) ? 1 : Number(uniform(makeRng(2, i, 0, 0)) > 0.5)
  })

  test('onnxruntime takes the same actions, and with masks only allowed ones', async () => {
    const model = policyModel(readPolicy(bytes), undefined, '1.2.3')
    const masked = shape.masked ?? false
    expect(model.inputs.map(({ name }) => name)).toEqual(masked ? ['obs', 'mask'] : ['obs'])
    const session = await ort.InferenceSession.create(writeModel(model))
    const feeds = { obs: new ort.Tensor('float32', obs, [COUNT, 3]) }
    const masks = { mask: new ort.Tensor('float32', mask, [COUNT, 8]) }
    const { action, logits } = await session.run(masked ? { ...feeds, ...masks } : feeds)
    const wanted = Array.from({ length: COUNT }, (_x, i) => {
      const own = masked ? mask.subarray(8 * i, 8 * i + 8) : undefined
      return policy.act(obs.subarray(3 * i, 3 * i + 3), own)
    })
    expect(action.dims).toEqual(parts.length > 1 ? [COUNT, parts.length] : [COUNT])
    expect(Array.from(action.data as BigInt64Array, Number)).toEqual(wanted.flat())
    expect(new Set(wanted.map(String)).size).toBeGreaterThan(parts.length)
    expectClose(
      logits.data as Float32Array,
      Array.from({ length: COUNT }, (_x, i) => policy.outputs(obs.subarray(3 * i, 3 * i + 3))).flat(),
    )
  })
})
