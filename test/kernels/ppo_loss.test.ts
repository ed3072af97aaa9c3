import { describe, expect, test } from 'vitest'
import type { PpoOptions } from '../../src/config/config'
import { resolveConfig } from '../../src/config/config'
import { policySlots } from '../../src/plan/kernels'
import { type RecordLayout, recordLayout } from '../../src/plan/record'
import type { LossInputs } from '../../src/reference/losses'
import { policyTerms } from '../../src/reference/policy'
import { makeLossOutputs, ppoLoss } from '../../src/reference/ppo_loss'
import { updateHyper } from '../../src/reference/update'
import {
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  hyperOf,
  makeRecords,
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
const LOG_STD_AT = 4
const PARAMETER_STRIDE = 16

/** Hyperparameters that f32 holds exactly, so that both sides decide alike. The second agent has stopped. */
const AGENTS: PpoOptions[] = [
  { clipCoef: 0.25, clipVloss: true, entCoef: 0.125, vfCoef: 0.5 },
  {},
  { algorithm: 'penalty', targetKl: 0.01, klCoef: 0.75, clipVloss: false, entCoef: -0.5, vfCoef: 2 },
  { clipCoef: 0.125, clipVloss: true, vfClipCoef: 0.5, entCoef: 0, vfCoef: 1, dualClip: 1.25 },
  { clipCoef: 0.25, annealClipCoef: true, clipVloss: true, entCoef: 0.5, annealEntCoef: true },
]
const LIVE = [0, 2, 3, 4]
/** Of the run lies ahead; halves what is annealed. */
const REMAINING = 0.5

function makeInputs(
  dist: 'categorical' | 'gaussian',
  actionDim: number,
  rows: number,
  clipCoef: number,
  random: () => number,
) {
  const record = recordLayout(shapeOf(3, actionDim, dist))
  const { outStride } = record
  const stride = dist === 'gaussian' ? outStride : 1
  const gaussian = dist === 'gaussian'
  const rowsOf = (scale: number) =>
    Float32Array.from({ length: rows * outStride }, (_, i) => (i % outStride < actionDim ? scale * random() : 0))
  const out = rowsOf(3)
  const logStd = Float32Array.from({ length: outStride }, () => 0.5 * random())
  const numbers = (scale: number) => Float32Array.from({ length: rows }, () => scale * random())
  const actions = gaussian
    ? out.map((mean, i) => mean + 2 * Math.exp(logStd[i % outStride]) * random())
    : Float32Array.from({ length: rows }, () => Math.floor((actionDim * (random() + 1)) / 2))
  const inputs: LossInputs = {
    rows,
    dist,
    actionDim,
    out,
    outStride,
    newValues: numbers(2),
    valueStride: 1,
    logStd: gaussian ? logStd : null,
    logStdOffset: 0,
    actions,
    logprobs: new Float32Array(rows),
    values: new Float32Array(rows),
    advantages: numbers(2),
    returns: numbers(2),
    oldOut: out.map((x) => (x === 0 ? 0 : x + 0.3 * random())),
    oldLogStd: gaussian ? logStd.map((x) => x + 0.2 * random()) : null,
  }
  for (let i = 0; i < rows; i++) {
    // Any ratio but one so near the borders of the range that rounding decides.
    let ratio = 1
    do ratio = Math.exp(0.6 * random())
    while (Math.abs(Math.abs(ratio - 1) - clipCoef) < 1e-3 || Math.abs(ratio - 1.25) < 1e-3)
    inputs.logprobs[i] = f32(policyTerms(inputs, i).newLogprob - Math.log(ratio))
    inputs.values[i] = f32(inputs.newValues[i] + 0.7 * random())
    if (i % 10 === 9) inputs.advantages[i] = 0
  }
  return { inputs, stride }
}

async function check(dist: 'categorical' | 'gaussian', actionDim: number, rows: number) {
  const shape = shapeOf(3, actionDim, dist)
  const { outStride } = recordLayout(shape)
  const slots = policySlots(shape)
  const structs = structsOf('ppo_loss', slots)
  const numAgents = AGENTS.length
  const random = randomNumbers(rows * 10 + actionDim)
  const configs = AGENTS.map((options) => resolveConfig({}, options))
  const hypers = configs.map((config) => updateHyper(config, 0, config.klCoef, REMAINING))
  const agents = hypers.map(({ clipCoef }) => makeInputs(dist, actionDim, rows, clipCoef, random))
  const values = numAgents * rows * outStride + 1
  const dLogStd = values + numAgents * rows * 4
  const heads = unwritten(dLogStd)
  const minibatch = makeRecords(shape, numAgents * rows)
  const parameters = unwritten(numAgents * PARAMETER_STRIDE)
  agents.forEach(({ inputs, stride }, agent) => {
    heads.set(inputs.out, agent * rows * outStride)
    inputs.newValues.forEach((v, i) => {
      heads[values + (agent * rows + i) * 4] = v
    })
    if (inputs.logStd) parameters.set(inputs.logStd, agent * PARAMETER_STRIDE + LOG_STD_AT)
    const column = (field: keyof RecordLayout, data: ArrayLike<number>) =>
      setColumn(shape, minibatch, field, data, agent * rows)
    const unpadded = (data: ArrayLike<number>, width: number) =>
      pick(data, rows * actionDim, (i) => Math.floor(i / actionDim) * width + (i % actionDim))
    column('oldOut', unpadded(inputs.oldOut!, outStride))
    column('action', dist === 'gaussian' ? unpadded(inputs.actions, stride) : inputs.actions)
    column('logprob', inputs.logprobs)
    column('value', inputs.values)
    column('advantage', inputs.advantages)
    column('return', inputs.returns)
    if (inputs.oldLogStd)
      column(
        'oldLogStd',
        pick(inputs.oldLogStd, rows * actionDim, (i) => i % actionDim),
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
    d_heads: unwritten(dLogStd + (dist === 'gaussian' ? numAgents * rows * outStride : 0)),
  }
  const after = await runKernel({
    stem: 'ppo_loss',
    slots,
    args: {
      minibatchSize: rows,
      stopStride: STOP_STRIDE,
      parameterStride: PARAMETER_STRIDE,
      logStd: LOG_STD_AT,
      outputStride: outStride,
      values,
      valueStride: 4,
      dLogStd,
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
    if (dist === 'gaussian') {
      derivative('dLossDLogStd', outputs.dLossDLogStd, outStride, actionDim, (row) => dLogStd + row * outStride)
    }
  }
  expectUntouched('ppo_loss.losses', after.losses, buffers.losses, (i) => LIVE.includes(Math.floor(i / (rows * words))))
  expectUntouched('ppo_loss.d_heads', after.d_heads, buffers.d_heads, (i) => written.has(i))
  return situations
}

describe('ppo_loss', () => {
  test.each([
    ['categorical', 2, 1],
    ['categorical', 5, 123],
    ['categorical', 33, 65],
    ['gaussian', 1, 65],
    ['gaussian', 3, 123],
    ['gaussian', 5, 1],
  ] as const)('%s, %o outputs, %o rows', async (dist, actionDim, rows) => {
    const situations = await check(dist, actionDim, rows)
    if (rows === 123) expect([...situations].sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })
})
