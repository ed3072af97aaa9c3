import { describe, expect, test } from 'vitest'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import { policySlots } from '../../src/plan/kernels'
import { recordLayout } from '../../src/plan/record'
import { lossStats, stopsEarly } from '../../src/reference/loss_stats'
import { makeLossOutputs } from '../../src/reference/ppo_loss'
import { adaptLearningRate, updateHyper } from '../../src/reference/update'
import {
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  hyperOf,
  pick,
  progressOf,
  randomArray,
  randomNumbers,
  runKernel,
  shapeOf,
  structsOf,
  unwritten,
  unwrittenWords,
  withTail,
} from '../support/kernel'

// Means of up to 123 numbers below 2; sums of them for log_std.
const LIMIT = { atol: 5e-7, rtol: 1e-6 }
const SUM = { atol: 2e-5 }
const f32 = Math.fround
const NUM_UPDATES = 4
const UPDATE = 2
const STOP_STRIDE = NUM_UPDATES + 3
const SLOT = 1 + UPDATE // of the update before; the next one is this update's
const PARAMETER_STRIDE = 24
const NUM_PARTIALS = 2
const LOG_STD_AT = 8
const [OPEN, STOP_KL] = [0, 3]

const ADAPTIVE = { adaptiveLr: true, annealLr: false, learningRate: 0.01 }
/** target_kl: below what is measured, none, stopped before, above, penalty (where it stops nothing). */
const AGENTS: PpoOptions[] = [
  { targetKl: 1e-6, entCoef: 0.125, vfCoef: 0.25 },
  { targetKl: null },
  { targetKl: 1e-6 },
  { targetKl: 100 },
  { targetKl: 1e-6, algorithm: 'penalty', klCoef: 0.75 },
  { annealEntCoef: true, ...ADAPTIVE, desiredKl: 1e-3 }, // kl is far above: the rate falls
  { ...ADAPTIVE, desiredKl: 100 }, // far below: it grows
  { ...ADAPTIVE, desiredKl: 900 }, // and ends at its bound
]
const LIVE = [0, 1, 3, 4, 5, 6, 7]
/** Learning rates of the update before. */
const RATES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.003, 0.004, 0.009]
const REMAINING = 0.25

async function check(dist: 'categorical' | 'gaussian', actionDim: number, rows: number) {
  const shape = shapeOf(3, actionDim, dist)
  const { outStride } = recordLayout(shape)
  const slots = policySlots(shape)
  const structs = structsOf('loss_stats', slots)
  const random = randomNumbers(rows)
  const numAgents = AGENTS.length
  const configs = AGENTS.map((options) => resolveConfig({}, options))
  const positive = () => Math.abs(random())
  const samples = Array.from({ length: numAgents * rows }, (_, i) => ({
    pgLoss: random(),
    vLoss: 2 * positive(),
    entropy: positive(),
    approxKl: 0.1 * positive(),
    oldApproxKl: random(),
    clipfrac: Number(random() > 0),
    kl: positive(),
    situation: AGENTS[Math.floor(i / rows)].algorithm === 'penalty' ? 6 : Math.floor(3 * (random() + 1)),
    newLogprob: Number.NaN, // not read
    ratio: Number.NaN,
  }))
  const dLogStd = 7
  const dHeads = unwritten(dLogStd + numAgents * rows * outStride)
  dHeads.set(
    randomArray(numAgents * rows * outStride, random).map((x, i) => (i % outStride < actionDim ? x : 0)),
    dLogStd,
  )
  const buffers = {
    hyper: hyperOf(structs, AGENTS),
    progress: progressOf(
      structs,
      configs.map((c) => ({ klCoef: c.algorithm === 'penalty' ? c.klCoef : 0, remaining: REMAINING })),
    ),
    losses: withTail(structs.write('SampleLoss', samples)),
    d_heads: dHeads,
    stop: gates(numAgents, STOP_STRIDE, { 2: [SLOT] }),
    update_stats: unwrittenWords(numAgents * NUM_UPDATES * structs.words('UpdateStats')),
    partials: unwritten(numAgents * NUM_PARTIALS * PARAMETER_STRIDE),
  }
  const rateAt = (agent: number, update: number) =>
    (agent * NUM_UPDATES + update) * structs.words('UpdateStats') + structs.at('UpdateStats', 'learning_rate')
  RATES.forEach((rate, agent) => {
    new Float32Array(buffers.update_stats.buffer)[rateAt(agent, UPDATE - 1)] = rate
  })
  const after = await runKernel({
    stem: 'loss_stats',
    slots,
    args: {
      minibatchSize: rows,
      numUpdates: NUM_UPDATES,
      numPartials: NUM_PARTIALS,
      stopStride: STOP_STRIDE,
      parameterStride: PARAMETER_STRIDE,
      logStd: LOG_STD_AT,
      dLogStd,
      update: UPDATE,
    },
    buffers,
    outputs: ['stop', 'update_stats', 'partials'],
    workgroups: [numAgents, 1, 1],
  })

  const words = structs.words('UpdateStats')
  for (const agent of LIVE) {
    const outputs = makeLossOutputs(rows, 4, 4)
    for (let i = 0; i < rows; i++) {
      const {
        clipfrac,
        situation,
        newLogprob: _,
        ratio: __,
        ...rest
      } = structs.read('SampleLoss', buffers.losses, agent * rows + i)
      for (const [field, value] of Object.entries(rest)) outputs[field as 'kl'][i] = value
      outputs.clipped[i] = clipfrac
      outputs.situation[i] = situation
    }
    const config = configs[agent]
    const expected = lossStats(outputs, rows, updateHyper(config, 0, config.klCoef, REMAINING))
    const got = structs.read<Record<string, number> & { situations: number[] }>(
      'UpdateStats',
      after.update_stats,
      agent * NUM_UPDATES + UPDATE,
    )
    const { situations, ...means } = expected
    const names = Object.keys(means) as (keyof typeof means)[]
    const gpu = names.map((name) => got[name])
    const ref = names.map((name) => means[name])
    expectClose(`loss_stats(agent ${agent}).${names.join()}`, gpu, ref, { ...LIMIT, dims: { mean: names.length } })
    expectCaught('loss_stats', gpu, ref, LIMIT)
    const rate = f32(RATES[agent])
    const adapted = config.desiredKl === null ? rate : adaptLearningRate(rate, expected.kl, config.desiredKl)
    expectClose('loss_stats.learningRate', [got.learningRate], [adapted], { rtol: 2e-7 })
    if (config.adaptiveLr) expect(adapted === rate).toBe(false)
    expect(got.situations).toEqual(situations)
    expect(got.evaluated).toBe(1)
    const stops = stopsEarly(expected, config.algorithm, config.targetKl)
    expect(after.stop[agent * STOP_STRIDE + SLOT + 1]).toBe(stops ? STOP_KL : OPEN)
    expect(stops).toBe(agent === 0)
    if (dist === 'gaussian') {
      const sums = new Float64Array(outStride)
      for (let i = 0; i < rows * outStride; i++) sums[i % outStride] += dHeads[dLogStd + agent * rows * outStride + i]
      const at = agent * NUM_PARTIALS * PARAMETER_STRIDE + LOG_STD_AT
      expectClose(
        'loss_stats.d_log_std',
        pick(after.partials, outStride, (i) => at + i),
        sums,
        SUM,
      )
    }
  }
  // The agent that had stopped passes its reason on, and says that nothing was evaluated; nothing else moves.
  expect(after.stop[2 * STOP_STRIDE + SLOT + 1]).toBe(1)
  expect(structs.read('UpdateStats', after.update_stats, 2 * NUM_UPDATES + UPDATE).evaluated).toBe(0)
  const evaluated = structs.at('UpdateStats', 'evaluated')
  expectUntouched('loss_stats.update_stats', after.update_stats, buffers.update_stats, (i) => {
    const row = Math.floor(i / words)
    const live = LIVE.includes(Math.floor(row / NUM_UPDATES))
    return row % NUM_UPDATES === UPDATE && (live || (row < numAgents * NUM_UPDATES && i % words === evaluated))
  })
  expectUntouched('loss_stats.stop', after.stop, buffers.stop, (i) => i % STOP_STRIDE === SLOT + 1)
  expectUntouched('loss_stats.partials', after.partials, buffers.partials, (i) => {
    const at = i % (NUM_PARTIALS * PARAMETER_STRIDE)
    const live = LIVE.includes(Math.floor(i / (NUM_PARTIALS * PARAMETER_STRIDE)))
    return dist === 'gaussian' && live && at >= LOG_STD_AT && at < LOG_STD_AT + outStride
  })
}

describe('loss_stats', () => {
  test.each([
    ['categorical', 2, 1],
    ['categorical', 2, 123],
    ['gaussian', 1, 65],
    ['gaussian', 5, 123],
  ] as const)('%s, %o outputs, %o rows', check)
})
