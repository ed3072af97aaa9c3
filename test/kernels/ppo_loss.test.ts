import { describe, expect, test } from 'vitest'
import type { PpoOptions } from '../../src/config/config'
import { resolveConfig } from '../../src/config/config'
import { policyRow } from '../../src/model/distributions/distribution'
import { distributionOf } from '../../src/model/distributions/table'
import type { NetworkShape } from '../../src/model/network'
import { policySlots } from '../../src/plan/kernels'
import { type RecordLayout, recordLayout } from '../../src/plan/transition'
import type { LossInputs } from '../../src/reference/losses'
import { makeLossOutputs, ppoLoss } from '../../src/reference/ppo_loss'
import { updateHyper } from '../../src/reference/update'
import {
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  hyperOf,
  makeRecords,
  packedMasks,
  perItem,
  pick,
  progressOf,
  randomNumbers,
  runKernel,
  setColumn,
  shapeOf,
  structsOf,
  unwritten,
  unwrittenWords,
} from '../support/kernel'

const f32 = Math.fround
// Log-probabilities down to -10 round to 1e-6, and ratio, losses and derivatives are smooth functions of them with
// factors up to 10. The derivatives' limit is divided by the rows, as they are.
const LIMIT = { atol: 1e-5, rtol: 3e-6 }
const GATE = 2
const STOP_STRIDE = 5
const OWN_AT = 4
const PARAMETER_STRIDE = 16

/** Hyperparameters that f32 represents exactly, so that both sides decide alike. The second agent has stopped. */
const AGENTS: PpoOptions[] = [
  { clipCoef: 0.25, clipVloss: true, entCoef: 0.125, vfCoef: 0.5 },
  {},
  { algorithm: 'penalty', targetKl: 0.01, klCoef: 0.75, clipVloss: false, entCoef: -0.5, vfCoef: 2 },
  { clipCoef: 0.125, clipVloss: true, vfClipCoef: 0.5, entCoef: 0, vfCoef: 1, dualClip: 1.25 },
  { clipCoef: 0.25, annealClipCoef: true, clipVloss: true, entCoef: 0.5, annealEntCoef: true },
]
const LIVE = [0, 2, 3, 4]
/** The fraction of the run that is left; halves what is annealed. */
const REMAINING = 0.5

function makeInputs(shape: NetworkShape, rows: number, clipCoef: number, random: () => number) {
  const { outStride } = recordLayout(shape)
  const { actionDim, masked } = shape
  const distribution = distributionOf(shape)
  const { parts, actionCount, actionStride } = distribution
  const rowsOf = (scale: number) =>
    Float32Array.from({ length: rows * outStride }, (_, i) => (i % outStride < actionDim ? scale * random() : 0))
  const out = rowsOf(3)
  const own = Float32Array.from({ length: outStride }, () => 0.5 * random())
  const numbers = (scale: number) => Float32Array.from({ length: rows }, () => scale * random())
  const actions =
    parts.length === 0
      ? out.map((mean, i) => mean + 2 * Math.exp(own[i % outStride]) * random())
      : Float32Array.from({ length: rows * actionStride }, (_, i) =>
          Math.floor((parts[i % actionCount] * (random() + 1)) / 2),
        )
  // The action is an allowed one.
  const masks = masked ? Float64Array.from({ length: rows * actionDim }, () => Number(random() > 0)) : null
  for (let i = 0; masks && i < rows; i++) {
    let first = i * actionDim
    parts.forEach((n, part) => {
      masks[first + actions[i * actionCount + part]] = 1
      first += n
    })
  }
  const inputs: LossInputs = {
    rows,
    distribution,
    out,
    outStride,
    newValues: numbers(2),
    valueStride: 1,
    own: distribution.own ? own : null,
    ownOffset: 0,
    masks,
    actions,
    logprobs: new Float32Array(rows),
    values: new Float32Array(rows),
    advantages: numbers(2),
    returns: numbers(2),
    oldOut: out.map((x) => (x === 0 ? 0 : x + 0.3 * random())),
    oldOwn: distribution.own ? own.map((x) => x + 0.2 * random()) : null,
  }
  for (let i = 0; i < rows; i++) {
    // Any ratio except those so near the borders of the range that rounding decides.
    let ratio = 1
    do ratio = Math.exp(0.6 * random())
    while (Math.abs(Math.abs(ratio - 1) - clipCoef) < 1e-3 || Math.abs(ratio - 1.25) < 1e-3)
    inputs.logprobs[i] = f32(distribution.logprob(policyRow(inputs, i), actions, i * actionStride) - Math.log(ratio))
    inputs.values[i] = f32(inputs.newValues[i] + 0.7 * random())
    if (i % 10 === 9) inputs.advantages[i] = 0
  }
  return { inputs, stride: actionStride }
}

async function check(shape: NetworkShape, rows: number) {
  const { dist, actionDim } = shape
  const { outStride, ownStride, actionCount } = recordLayout(shape)
  const slots = policySlots(shape)
  const structs = structsOf('ppo_loss', slots)
  const numAgents = AGENTS.length
  const random = randomNumbers(rows * 10 + actionDim)
  const configs = AGENTS.map((options) => resolveConfig({}, options))
  const hypers = configs.map((config) => updateHyper(config, 0, config.klCoef, REMAINING))
  const agents = hypers.map(({ clipCoef }) => makeInputs(shape, rows, clipCoef, random))
  const values = numAgents * rows * outStride + 1
  const dOwn = values + numAgents * rows * 4
  const heads = unwritten(dOwn)
  const minibatch = makeRecords(shape, numAgents * rows)
  const parameters = unwritten(numAgents * PARAMETER_STRIDE)
  agents.forEach(({ inputs, stride }, agent) => {
    heads.set(inputs.out, agent * rows * outStride)
    inputs.newValues.forEach((v, i) => {
      heads[values + (agent * rows + i) * 4] = v
    })
    if (inputs.own) parameters.set(inputs.own, agent * PARAMETER_STRIDE + OWN_AT)
    const column = (field: keyof RecordLayout, data: ArrayLike<number>) =>
      setColumn(shape, minibatch, field, data, agent * rows)
    const unpadded = (data: ArrayLike<number>, width: number, stride: number) =>
      pick(data, rows * width, (i) => Math.floor(i / width) * stride + (i % width))
    column('oldOut', unpadded(inputs.oldOut!, actionDim, outStride))
    column('action', unpadded(inputs.actions, actionCount, stride))
    if (inputs.masks) column('mask', packedMasks(shape, inputs.masks))
    column('logprob', inputs.logprobs)
    column('value', inputs.values)
    column('advantage', inputs.advantages)
    column('return', inputs.returns)
    if (inputs.oldOwn)
      column(
        'oldOwn',
        pick(inputs.oldOwn, rows * actionDim, (i) => i % actionDim),
      )
  })
  const buffers = {
    hyper: hyperOf(structs, AGENTS),
    progress: progressOf(
      structs,
      configs.map((c) => ({ klCoef: c.algorithm === 'penalty' ? c.klCoef : 0, remaining: REMAINING })),
    ),
    stop: gates(numAgents, STOP_STRIDE, { 1: [GATE], 3: [0, 1, 3] }),
    parameters,
    minibatch,
    heads,
    losses: unwrittenWords(numAgents * rows * structs.words('SampleLoss')),
    d_heads: unwritten(dOwn + numAgents * rows * ownStride),
  }
  const after = await runKernel({
    stem: 'ppo_loss',
    slots,
    args: {
      minibatchSize: rows,
      stopStride: STOP_STRIDE,
      parameterStride: PARAMETER_STRIDE,
      own: OWN_AT,
      outputStride: outStride,
      values,
      valueStride: 4,
      dOwn,
      gate: GATE,
    },
    buffers,
    outputs: ['losses', 'd_heads'],
    workgroups: perItem(rows, numAgents),
  })

  const words = structs.words('SampleLoss')
  const written = new Set<number>()
  const situations = new Set<number>()
  for (const agent of LIVE) {
    const { inputs } = agents[agent]
    const outputs = makeLossOutputs(rows, outStride, 1)
    ppoLoss(inputs, hypers[agent], outputs)
    const got = Array.from({ length: rows }, (_, i) => structs.read('SampleLoss', after.losses, agent * rows + i))
    const name = `ppo_loss(${dist}, agent ${agent})`
    for (const field of [
      'newLogprob',
      'ratio',
      'entropy',
      'pgLoss',
      'vLoss',
      'approxKl',
      'oldApproxKl',
      'kl',
    ] as const) {
      const limits = { ...LIMIT, dims: { row: rows } }
      expectClose(
        `${name}.${field}`,
        got.map((s) => s[field]),
        outputs[field],
        limits,
      )
      expectCaught(
        `${name}.${field}`,
        got.map((s) => s[field]),
        outputs[field],
        limits,
      )
    }
    expect(got.map((s) => s.clipfrac)).toEqual([...outputs.clipped])
    expect(got.map((s) => s.situation)).toEqual([...outputs.situation])
    for (const s of outputs.situation) situations.add(s)

    const perRow = { atol: LIMIT.atol / rows, rtol: LIMIT.rtol }
    const derivative = (
      label: string,
      reference: Float64Array,
      width: number,
      used: number,
      at: (row: number) => number,
    ) => {
      const place = (i: number) => at(agent * rows + Math.floor(i / used)) + (i % used)
      const wanted = pick(reference, rows * used, (i) => Math.floor(i / used) * width + (i % used))
      for (let i = 0; i < wanted.length; i++) written.add(place(i))
      const limits = { ...perRow, dims: { row: rows, column: used } }
      expectClose(`${name}.${label}`, pick(after.d_heads, wanted.length, place), wanted, limits)
      expectCaught(`${name}.${label}`, pick(after.d_heads, wanted.length, place), wanted, limits)
    }
    derivative('dLossDOut', outputs.dLossDOut, outStride, actionDim, (row) => row * outStride)
    derivative('dLossDValue', outputs.dLossDValue, 1, 1, (row) => values + row * 4)
    if (ownStride > 0) derivative('dLossDOwn', outputs.dLossDOwn, outStride, actionDim, (row) => dOwn + row * ownStride)
  }
  expectUntouched('ppo_loss.losses', after.losses, buffers.losses, (i) => LIVE.includes(Math.floor(i / (rows * words))))
  expectUntouched('ppo_loss.d_heads', after.d_heads, buffers.d_heads, (i) => written.has(i))
  return situations
}

const several = (nvec: number[], masked = false): NetworkShape => ({
  ...shapeOf(
    3,
    nvec.reduce((a, b) => a + b),
  ),
  ...{ dist: 'multi_discrete', nvec, masked },
})

describe('ppo_loss', () => {
  test.each([
    ['categorical, 2', shapeOf(3, 2), 1],
    ['categorical, 5', shapeOf(3, 5), 123],
    ['categorical, 33', shapeOf(3, 33), 65],
    ['categorical, 33, masked', { ...shapeOf(3, 33), masked: true }, 65],
    ['3, 2 and 4 choices', several([3, 2, 4]), 123],
    ['parts of 1, 30 and 2 choices, masked', several([1, 30, 2], true), 65],
    ['gaussian, 1', shapeOf(3, 1, 'gaussian'), 65],
    ['gaussian, 3', shapeOf(3, 3, 'gaussian'), 123],
    ['gaussian, 5', shapeOf(3, 5, 'gaussian'), 1],
  ] as const)('%s', async (_, shape, rows) => {
    const situations = await check(shape, rows)
    if (rows === 123) expect([...situations].sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  test('a forbidden choice has no gradient, whatever its logit', async () => {
    const shape = { ...shapeOf(3, 5), masked: true }
    const random = randomNumbers(7)
    const { inputs } = makeInputs(shape, 9, 0.2, random)
    const outputs = makeLossOutputs(9, 8, 1)
    ppoLoss(inputs, updateHyper(resolveConfig({}, {}), 0, 0), outputs)
    const forbidden = [...inputs.masks!].flatMap((entry, i) => (entry === 0 ? [Math.floor(i / 5) * 8 + (i % 5)] : []))
    expect(forbidden.length).toBeGreaterThan(5)
    expect(forbidden.every((at) => outputs.dLossDOut[at] === 0)).toBe(true)
  })
})
