import { expect, test } from 'vitest'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import { PARTIAL_TAIL } from '../../src/plan/cuts'
import { policySlots } from '../../src/plan/kernels'
import { type PartialGradient, reduce } from '../../src/reference/reduce'
import type { LossSums } from '../../src/reference/sum_losses'
import { updateHyper } from '../../src/reference/update'
import {
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  hyperOf,
  progressOf,
  randomArray,
  randomNumbers,
  runKernel,
  shapeOf,
  structsOf,
  unwritten,
  unwrittenWords,
} from '../support/kernel'

const slots = policySlots(shapeOf(3, 2))
const structs = structsOf('reduce', slots)
// Sums of up to 9 numbers up to 1, and means of them: a few roundings of 6e-8 each; squares of 1024 add up to some 1000.
const LIMIT = { atol: 2e-6 }
const SQUARES = { rtol: 5e-6 }
const BLOCK = 1024 // floats
const NUM_UPDATES = 3
const UPDATE = 1
const STOP_STRIDE = NUM_UPDATES + 3
const ROWS = 40
const [OPEN, NOT_FINITE, KL] = [0, 2, 3]

interface Agent {
  options: PpoOptions
  klCoef?: number
  /** Gate of this minibatch. */
  stopped?: number
  /** The norm of the step before. */
  normBefore?: number
  /** Its learning rate. */
  rate?: number
  /** Whether the rate is adapted to the KL. */
  factor?: number
  /** The word after the gates. */
  fault?: number
}

const ADAPTIVE = { adaptiveLr: true, annealLr: false }

// Runs; causes the early stop; runs in penalty mode, where the target controls the coefficient; stopped before; its
// last norm is infinite; adapt their learning rates; the step before gave a non-finite value.
const AGENTS: Agent[] = [
  { options: { entCoef: 0.125, vfCoef: 0.75 } },
  { options: { targetKl: 1e-3 } },
  { options: { algorithm: 'penalty', targetKl: 1e-3 }, klCoef: 0.5 },
  { options: {}, stopped: KL },
  { options: {}, normBefore: Number.POSITIVE_INFINITY },
  // The means of KL are above 0.0025 and below 0.25 here: far below the target of the rate, at last near its bound; and
  // far above.
  { options: { annealEntCoef: true, ...ADAPTIVE, desiredKl: 100 }, rate: 0.004, factor: 1.5 },
  { options: { ...ADAPTIVE, desiredKl: 100 }, rate: 0.008, factor: 1.25 },
  { options: { ...ADAPTIVE, desiredKl: 1e-3 }, rate: 0.003, factor: 1 / 1.5 },
  { options: {}, fault: 1 },
]
const LIVE = [0, 1, 2, 5, 6, 7]
const REMAINING = 0.25

function randomPartial(parameterStride: number, random: () => number): PartialGradient {
  const number = () => Math.fround(random())
  const losses: LossSums = {
    ...{ pgLoss: number(), vLoss: number(), entropy: number(), approxKl: Math.abs(number()) },
    ...{ oldApproxKl: number(), clipfrac: 3, kl: 0.1 + Math.abs(number()), situations: [1, 2, 3, 4, 5, 6] },
  }
  return { gradient: Float64Array.from(randomArray(parameterStride, random)), losses }
}

/** The layout that the kernels write: the gradient, then the losses of the actor's rows and of the critic's. */
function pack({ gradient, losses }: PartialGradient): number[] {
  const { pgLoss, vLoss, entropy, approxKl, oldApproxKl, clipfrac, kl, situations } = losses
  const actor = [pgLoss, 0, entropy, approxKl, oldApproxKl, clipfrac, kl, 0, ...situations, 0, 0]
  return [...gradient, ...actor, 0, vLoss, ...Array(14).fill(0)]
}

test.each([
  [4, 1],
  [BLOCK, 3],
  [BLOCK + 4, 9],
  [3 * BLOCK - 4, 2],
])('%o parameters, %o partials', async (parameterStride, numPartials) => {
  const numAgents = AGENTS.length
  const random = randomNumbers(parameterStride)
  const numBlocks = Math.ceil(parameterStride / BLOCK)
  const partials = AGENTS.map(() => Array.from({ length: numPartials }, () => randomPartial(parameterStride, random)))
  const stop = gates(numAgents, STOP_STRIDE, { 0: [1], 2: [4] }) // gates before and after this minibatch's have no effect
  const updateStats = unwrittenWords(numAgents * NUM_UPDATES * structs.words('UpdateStats'))
  AGENTS.forEach(({ stopped = OPEN, normBefore = 1, rate = 0.5, fault = 0 }, agent) => {
    stop[agent * STOP_STRIDE + 1 + UPDATE] = stopped
    stop[(agent + 1) * STOP_STRIDE - 1] = fault
    const at = (agent * NUM_UPDATES + UPDATE - 1) * structs.words('UpdateStats')
    new Float32Array(updateStats.buffer)[at + structs.at('UpdateStats', 'grad_norm')] = normBefore
    new Float32Array(updateStats.buffer)[at + structs.at('UpdateStats', 'learning_rate')] = rate
  })
  const buffers = {
    hyper: hyperOf(
      structs,
      AGENTS.map(({ options }) => options),
    ),
    progress: progressOf(
      structs,
      AGENTS.map(({ klCoef = 0 }) => ({ klCoef, remaining: REMAINING })),
    ),
    partials: Float32Array.from(partials.flat().flatMap(pack)),
    stop,
    gradients: unwritten(numAgents * parameterStride),
    squares: unwritten(numAgents * numBlocks),
    update_stats: updateStats,
  }
  expect(buffers.partials.length).toBe(numAgents * numPartials * (parameterStride + 4 * PARTIAL_TAIL))
  const sizes = {
    parameterStride,
    numPartials,
    block: BLOCK / 4,
    numBlocks,
    numUpdates: NUM_UPDATES,
    stopStride: STOP_STRIDE,
  }
  const after = await runKernel({
    stem: 'reduce',
    slots,
    args: { ...sizes, minibatchSize: ROWS, update: UPDATE },
    buffers,
    outputs: ['stop', 'gradients', 'squares', 'update_stats'],
    workgroups: [numBlocks, numAgents, 1],
  })

  const gatesAfter = AGENTS.map((_, agent) => after.stop[agent * STOP_STRIDE + 2 + UPDATE])
  expect(gatesAfter).toEqual([OPEN, KL, OPEN, KL, NOT_FINITE, OPEN, OPEN, OPEN, NOT_FINITE])
  const stats = AGENTS.map((_, agent) => structs.read('UpdateStats', after.update_stats, agent * NUM_UPDATES + UPDATE))
  expect(stats.map(({ evaluated }) => evaluated)).toEqual([1, 1, 1, 0, 0, 1, 1, 1, 0])
  for (const agent of LIVE) {
    const { options, klCoef = 0, rate = 0.5, factor = 1 } = AGENTS[agent]
    const config = resolveConfig({}, options)
    const want = reduce(partials[agent], ROWS, BLOCK, updateHyper(config, rate, klCoef, REMAINING))
    expect(want.stopped).toBe(gatesAfter[agent] === KL)
    const name = `reduce(agent ${agent})`
    const own = (data: Float32Array, n: number) => data.subarray(agent * n, (agent + 1) * n)
    expectClose(`${name}.gradients`, own(after.gradients, parameterStride), want.gradient, LIMIT)
    expectCaught(`${name}.gradients`, own(after.gradients, parameterStride), want.gradient, LIMIT)
    expectClose(`${name}.squares`, own(after.squares, numBlocks), want.squares, SQUARES)
    expectCaught(`${name}.squares`, own(after.squares, numBlocks), want.squares, SQUARES)
    const { situations, ...means } = want.stats
    for (const [field, mean] of Object.entries(means)) {
      expectClose(`${name}.${field}`, [stats[agent][field]], [mean], LIMIT)
    }
    expect(stats[agent].situations).toEqual(situations)
    expectClose(`${name}.learningRate`, [stats[agent].learningRate], [rate * factor], { rtol: 2e-7 })
  }
  const live = (i: number, n: number) => LIVE.includes(Math.floor(i / n))
  expectUntouched('gradients', after.gradients, buffers.gradients, (i) => live(i, parameterStride))
  expectUntouched('squares', after.squares, buffers.squares, (i) => live(i, numBlocks))
  const words = structs.words('UpdateStats')
  expectUntouched(
    'update_stats',
    after.update_stats,
    updateStats,
    (i) => Math.floor(i / words) % NUM_UPDATES === UPDATE,
  )
  expectUntouched('stop', after.stop, stop, (i) => i % STOP_STRIDE === 2 + UPDATE)
})
