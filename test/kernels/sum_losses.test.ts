import { describe, expect, test } from 'vitest'
import { PARTIAL_TAIL } from '../../src/plan/cuts'
import { policySlots } from '../../src/plan/kernels'
import { recordLayout } from '../../src/plan/transition'
import { makeLossOutputs } from '../../src/reference/ppo_loss'
import { sumLosses, sumOwn } from '../../src/reference/sum_losses'
import {
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  randomArray,
  randomNumbers,
  runKernel,
  shapeOf,
  structsOf,
  unwritten,
  withTail,
} from '../support/kernel'

// Sums of up to 123 numbers below 2.
const LIMIT = { atol: 2e-5 }
const STOP_STRIDE = 6
const GATE = 2
const PARAMETER_STRIDE = 24
const OWN_AT = 8
const NUM_AGENTS = 3
/** The second agent is stopped. */
const LIVE = [0, 2]

async function check(dist: 'categorical' | 'gaussian', actionDim: number, rows: number, rowsPerPartial: number) {
  const shape = shapeOf(3, actionDim, dist)
  const { outStride } = recordLayout(shape)
  const slots = policySlots(shape)
  const structs = structsOf('sum_losses', slots)
  const random = randomNumbers(rows)
  const numPartials = Math.ceil(rows / rowsPerPartial)
  const stride = PARAMETER_STRIDE + 4 * PARTIAL_TAIL
  const positive = () => Math.abs(random())
  const samples = Array.from({ length: NUM_AGENTS * rows }, () => ({
    pgLoss: random(),
    vLoss: 2 * positive(),
    entropy: positive(),
    approxKl: 0.1 * positive(),
    oldApproxKl: random(),
    clipfrac: Number(random() > 0),
    kl: positive(),
    situation: Math.floor(3.5 * (random() + 1)), // 6 is none
    newLogprob: Number.NaN, // not read
    ratio: Number.NaN,
  }))
  const dOwn = 7
  const dHeads = unwritten(dOwn + NUM_AGENTS * rows * outStride)
  dHeads.set(
    randomArray(NUM_AGENTS * rows * outStride, random).map((x, i) => (i % outStride < actionDim ? x : 0)),
    dOwn,
  )
  const buffers = {
    stop: gates(NUM_AGENTS, STOP_STRIDE, { 1: [GATE], 2: [0, 1, 3, 4] }),
    losses: withTail(structs.write('SampleLoss', samples)),
    d_heads: dHeads,
    partials: unwritten(NUM_AGENTS * numPartials * stride),
  }
  const { partials } = await runKernel({
    stem: 'sum_losses',
    slots,
    args: {
      minibatchSize: rows,
      rowsPerPartial,
      numPartials,
      stopStride: STOP_STRIDE,
      parameterStride: PARAMETER_STRIDE,
      own: OWN_AT,
      dOwn,
      gate: GATE,
    },
    buffers,
    outputs: ['partials'],
    workgroups: [numPartials, NUM_AGENTS, 1],
  })

  for (const agent of LIVE) {
    const outputs = makeLossOutputs(rows, outStride, 4)
    for (let row = 0; row < rows; row++) {
      const { clipfrac, situation, newLogprob, ratio, ...rest } = structs.read(
        'SampleLoss',
        buffers.losses,
        agent * rows + row,
      )
      for (const [field, value] of Object.entries(rest)) outputs[field as 'kl'][row] = value
      outputs.clipped[row] = clipfrac
      outputs.situation[row] = situation
    }
    const ofAgent = dHeads.subarray(dOwn + agent * rows * outStride, dOwn + (agent + 1) * rows * outStride)
    for (let p = 0; p < numPartials; p++) {
      const [first, end] = [p * rowsPerPartial, Math.min((p + 1) * rowsPerPartial, rows)]
      const { pgLoss, vLoss, entropy, approxKl, oldApproxKl, clipfrac, kl, situations } = sumLosses(outputs, first, end)
      const sums = [pgLoss, vLoss, entropy, approxKl, oldApproxKl, clipfrac, kl, 0, ...situations, 0, 0]
      const at = (agent * numPartials + p) * stride
      const got = partials.subarray(at + PARAMETER_STRIDE, at + stride)
      const name = `sum_losses(agent ${agent}, partial ${p})`
      expectClose(name, got.subarray(0, 16), sums, { ...LIMIT, dims: { sum: 16 } })
      expectCaught(name, got.subarray(0, 7), sums.slice(0, 7), LIMIT)
      expect([...got.subarray(8, 14)]).toEqual(situations)
      expect([...got.subarray(16)]).toEqual(Array(16).fill(0))
      if (dist !== 'gaussian') continue
      const d = sumOwn(Float64Array.from(ofAgent), outStride, first, end)
      const gotOwn = partials.subarray(at + OWN_AT, at + OWN_AT + outStride)
      expectClose(`${name}.own`, gotOwn, d, LIMIT)
      expectCaught(`${name}.own`, gotOwn, d, LIMIT)
    }
  }
  expectUntouched('sum_losses.partials', partials, buffers.partials, (i) => {
    const at = i % stride
    const isOwn = dist === 'gaussian' && at >= OWN_AT && at < OWN_AT + outStride
    return LIVE.includes(Math.floor(i / stride / numPartials)) && (at >= PARAMETER_STRIDE || isOwn)
  })
}

describe('sum_losses', () => {
  test.each([
    ['categorical', 2, 1, 1],
    ['categorical', 2, 123, 123],
    ['categorical', 3, 123, 7],
    ['gaussian', 1, 65, 64],
    ['gaussian', 5, 123, 65],
  ] as const)('%s, %o outputs, %o rows, %o in a partial', check)
})
