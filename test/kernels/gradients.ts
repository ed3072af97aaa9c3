/** Shared by the tests of fused_gradient and quad_gradient: a random minibatch, and the comparison with the twin. */
import { expect, test } from 'vitest'
import type { PpoOptions } from '../../src/config/config'
import { distributionOf } from '../../src/model/distributions/table'
import type { NetworkShape } from '../../src/model/network'
import { PARTIAL_TAIL } from '../../src/plan/cuts'
import { updateMinibatch } from '../../src/plan/fused'
import type { FusedShape } from '../../src/plan/fusedshape'
import { policySlots, quadSlots } from '../../src/plan/kernels'
import { recordLayout } from '../../src/plan/transition'
import { advantageStats, UNNORMALISED } from '../../src/reference/advantage_stats'
import { fusedGradient } from '../../src/reference/fused_gradient'
import { minibatchIndices } from '../../src/reference/gather'
import { type Batch, makeWorkspace } from '../../src/reference/minibatch'
import { shuffleKeys } from '../../src/reference/shuffle'
import { forwardMinibatch, type Learner, makeLearner, type UpdateHyper, updateHyper } from '../../src/reference/update'
import {
  expectCaught,
  expectClose,
  expectUntouched,
  gates,
  hyperOf,
  makeRecords,
  packedMasks,
  progressOf,
  randomNumbers,
  setColumn,
  structsOf,
  unwritten,
} from '../support/kernel'
import { type Cuts, forForm, fusedRun, randomParams, runSteps, type TestRun } from './fused'

// Sums of up to 24 rows through up to four layers: f32 keeps some 1e-6 of the largest number (`compare` asks for 1e-5).
const SHARE = 5e-6
const LOSSES = { atol: 2e-5, rtol: 5e-6 }

export const TILES: Cuts = {
  ...{ tile: 16, actSize: 16 * 105, rowsPerPartial: 16, gradientThreads: 4 },
  ...{ envTile: 16, valueRows: 16, envActSize: 1, rolloutThreads: 4 },
}
const EPOCH = 1
const MINIBATCH = 1
const ITERATIONS = [0, 3, 5]
const KL_COEF = 0.25
/** The second agent is stopped. */
const LIVE = [0, 2]

export const QUADS: Cuts = {
  ...TILES,
  ...{ tile: 4, rowsPerPartial: 32 },
  quads: true,
}

interface Case {
  shape: NetworkShape
  options: PpoOptions
  numEnvs: number
  form: Cuts
  cuts?: Partial<Cuts>
  /** Recorded permutations instead of the shuffle. */
  givenOrder?: boolean
}

/** A random batch with ratios of exp(-0.4) to exp(0.4), and its records. */
function randomBatch(learner: Learner, size: number, hyper: UpdateHyper, random: () => number) {
  const { layout } = learner
  const { shape } = layout
  const { obsStride, outStride } = recordLayout(shape)
  const { own, parts, actionCount, actionStride } = distributionOf(shape)
  const column = (width: number, padded: number, value: () => number) => {
    const values = new Float64Array(size * padded)
    for (let i = 0; i < size * width; i++) values[Math.floor(i / width) * padded + (i % width)] = Math.fround(value())
    return values
  }
  // Entry i of an action: a number, or the index of an allowed choice. Of each part the first is always allowed.
  const masks = shape.masked ? column(shape.actionDim, shape.actionDim, () => Number(random() > -0.4)) : null
  const firsts = parts.map((_, part) => parts.slice(0, part).reduce((a, b) => a + b, 0))
  for (let row = 0; masks && row < size; row++) for (const f of firsts) masks[row * shape.actionDim + f] = 1
  let entry = 0
  const action = () => {
    const [row, part] = [Math.floor(entry / actionCount), entry++ % actionCount]
    if (parts.length === 0) return 1.5 * random()
    const index = Math.floor((0.5 + random() / 2) * parts[part])
    return masks && masks[row * shape.actionDim + firsts[part] + index] === 0 ? 0 : index
  }
  const batch: Batch = {
    size,
    obs: column(shape.obsDim, obsStride, random),
    actions: column(actionCount, actionStride, action),
    logprobs: new Float64Array(size),
    values: column(1, 1, random),
    advantages: column(1, 1, () => 2 * random() + 0.5),
    returns: column(1, 1, () => 2 * random()),
    oldOut: column(shape.actionDim, outStride, random),
    oldOwn: own ? column(shape.actionDim, outStride, () => 0.3 * random()).slice(0, own.count) : null,
    masks,
  }
  const all = Array.from({ length: size }, (_, i) => i)
  const work = makeWorkspace(layout, size, true)
  forwardMinibatch(learner, batch, all, hyper, work)
  batch.logprobs = work.loss.newLogprob.map((logprob) => Math.fround(logprob + 0.4 * random()))
  return batch
}

function prepare({ shape: wanted, options, numEnvs, form, cuts, givenOrder = false }: Case) {
  const shape = forForm(wanted, form)
  const run = fusedRun(
    shape,
    { numAgents: 3, numEnvs, numSteps: 2, numMinibatches: 2, updateEpochs: 2, ...options },
    { ...form, ...cuts },
  )
  const { batchSize, minibatchSize, numUpdates, stopStride, parameterStride } = run.sizes
  const stem = form.quads ? 'quad_gradient' : 'fused_gradient'
  const slots = { ...policySlots(shape, givenOrder), ...(run.fused.quads ? quadSlots(stem, run.fused.quads) : {}) }
  const structs = structsOf(stem, slots)
  const random = randomNumbers(numEnvs * 100 + shape.obsDim)
  const update = EPOCH * 2 + MINIBATCH
  const record = recordLayout(shape)
  const f32 = (x: number) => Math.fround(x)
  const klCoef = run.config.algorithm === 'penalty' ? KL_COEF : 0
  const hyper = updateHyper(run.config, 0, klCoef)
  hyper.clipCoef = f32(hyper.clipCoef)
  const permutations = new Uint32Array(2 * batchSize)
  for (let epoch = 0; epoch < 2; epoch++) {
    const order = Array.from({ length: batchSize }, (_, i) => (i * 17 + epoch * 5) % batchSize) // 17 divides no batch here
    permutations.set(order, epoch * batchSize)
  }
  const parameters: number[] = []
  const transitions = makeRecords(shape, 3 * (batchSize + numEnvs))
  const moments = unwritten(3 * numUpdates * 2)
  const agents = ITERATIONS.map((iteration, agent) => {
    const params = randomParams(run.layout, random)
    parameters.push(...params)
    const learner = makeLearner(run.layout, Float64Array.from(params))
    const batch = randomBatch(learner, batchSize, hyper, random)
    const indices = new Uint32Array(minibatchSize)
    if (givenOrder) indices.set(permutations.subarray(EPOCH * batchSize + MINIBATCH * minibatchSize, 2 * batchSize))
    else minibatchIndices(MINIBATCH, batchSize, shuffleKeys(11 + agent, iteration, EPOCH), indices)
    const first = agent * (batchSize + numEnvs)
    for (let i = 0; i < batchSize; i++) {
      const at = (first + i) * record.stride
      transitions.set(batch.obs.subarray(i * record.obsStride, (i + 1) * record.obsStride), at + record.obs)
      transitions.set(batch.oldOut!.subarray(i * record.outStride, (i + 1) * record.outStride), at + record.oldOut)
      const stride = distributionOf(shape).actionStride
      transitions.set(batch.actions.subarray(i * stride, i * stride + record.actionCount), at + record.action)
      if (batch.oldOwn) transitions.set(batch.oldOwn, at + record.oldOwn)
    }
    if (batch.masks) setColumn(shape, transitions, 'mask', packedMasks(shape, batch.masks), first)
    setColumn(shape, transitions, 'logprob', batch.logprobs, first)
    setColumn(shape, transitions, 'value', batch.values, first)
    setColumn(shape, transitions, 'advantage', batch.advantages, first)
    setColumn(shape, transitions, 'return', batch.returns, first)
    const { mean, invStd } = hyper.normAdv ? advantageStats(batch.advantages, indices) : UNNORMALISED
    moments.set([mean, invStd], (agent * numUpdates + update) * 2)
    return { learner, batch, indices }
  })
  const partialStride = parameterStride + 4 * PARTIAL_TAIL
  const buffers = {
    hyper: hyperOf(structs, [run.config, run.config, run.config]),
    progress: progressOf(
      structs,
      ITERATIONS.map((iteration, agent) => ({ seed: 11 + agent, iteration, klCoef })),
    ),
    // Later gates, which this update's own reduce may have closed in the iteration before, have no effect here.
    stop: gates(3, stopStride, { 1: [1 + update], 2: [2 + update] }),
    parameters: Float32Array.from(parameters),
    transitions,
    advantage_moments: moments,
    partials: unwritten(3 * run.fused.numPartials * partialStride),
    ...(givenOrder ? { permutations } : {}),
  }
  return { stem, run, slots, agents, hyper, buffers, partialStride }
}

type Prepared = ReturnType<typeof prepare>

function launch(
  { stem, run, slots, buffers }: Prepared,
  maxFlops = Number.POSITIVE_INFINITY,
  cut: Partial<FusedShape> = {},
) {
  const changed: TestRun = { ...run, fused: { ...run.fused, ...cut } }
  const steps = updateMinibatch({ ...changed, flopsPerDispatch: maxFlops }, EPOCH, MINIBATCH).filter(
    (step) => step.stem === stem,
  )
  return runSteps(changed, steps, slots, buffers, ['partials'])
}

async function check(c: Case) {
  const prepared = prepare(c)
  const { stem, run, agents, hyper, buffers, partialStride } = prepared
  const { minibatchSize, parameterStride } = run.sizes
  const { numPartials, rowsPerPartial } = run.fused
  const partials = (await launch(prepared)).partials as Float32Array
  const situations = new Float64Array(6)
  for (const agent of LIVE) {
    const { learner, batch, indices } = agents[agent]
    for (let p = 0; p < numPartials; p++) {
      const end = Math.min((p + 1) * rowsPerPartial, minibatchSize)
      const { gradient, losses } = fusedGradient(learner, batch, indices, p * rowsPerPartial, end, hyper)
      const name = `${stem}(${c.shape.actorHidden}, agent ${agent}, partial ${p})`
      const got = partials.subarray((agent * numPartials + p) * partialStride).subarray(0, partialStride)
      const limit = { atol: SHARE * Math.max(...gradient.map(Math.abs)) }
      expectClose(`${name}.gradient`, got.subarray(0, parameterStride), gradient, limit)
      const largest = gradient.findIndex((g) => Math.abs(g) * SHARE === limit.atol)
      expectCaught(`${name}.gradient`, [got[largest]], [gradient[largest]], limit)
      // Actor, then critic: four vec4s each; a shared trunk has all in the first.
      const { pgLoss, entropy, approxKl, oldApproxKl, clipfrac, kl, vLoss } = losses
      const shared = c.shape.sharedTrunk
      const actor = [
        pgLoss,
        shared ? vLoss : 0,
        entropy,
        approxKl,
        oldApproxKl,
        clipfrac,
        kl,
        0,
        ...losses.situations,
        0,
        0,
      ]
      const critic = Array.from({ length: 16 }, (_, i) => (i === 1 && !shared ? vLoss : 0))
      expectClose(`${name}.losses`, got.subarray(parameterStride), [...actor, ...critic], LOSSES)
      expectCaught(`${name}.losses`, got.subarray(parameterStride, parameterStride + 3), actor.slice(0, 3), LOSSES)
      losses.situations.forEach((n, s) => {
        situations[s] += n
      })
    }
  }
  expectUntouched('partials', partials, buffers.partials, (i) => {
    return LIVE.includes(Math.floor(i / numPartials / partialStride))
  })
  return { partials, prepared, situations }
}

const wide: NetworkShape = {
  ...{ obsDim: 20, actionDim: 7, dist: 'categorical', activation: 'relu' },
  ...{ actorHidden: [128, 64, 33], criticHidden: [48, 100] },
}

/**
 * The tests of one of the two kernels. Networks, coefficients and the algorithm are arguments: few kernels are
 * compiled.
 */
export function testGradient(form: Cuts): void {
  test('20 observations, 7 actions: 65, 17 and 1 rows; networks of 1 to 3 hidden layers; clip and penalty', async () => {
    const { situations } = await check({ shape: wide, options: {}, numEnvs: 65, form, cuts: { rowsPerPartial: 32 } })
    expect(Math.min(...situations)).toBeGreaterThan(0)
    const tanh: NetworkShape = { ...wide, activation: 'tanh' }
    await check({
      shape: { ...tanh, actorHidden: [1], criticHidden: [33] },
      options: { normAdv: false, clipVloss: true, vfClipCoef: 0.5, entCoef: 0.1, vfCoef: 2 },
      numEnvs: 17,
      form,
    })
    const shape: NetworkShape = { ...tanh, actorHidden: [48, 48], criticHidden: [1, 1, 1] }
    await check({ shape, options: { algorithm: 'penalty', targetKl: 0.01 }, numEnvs: 17, form })
    await check({ shape, options: { normAdv: false }, numEnvs: 1, form })
  })

  test('gaussian, 5 observations, 6 actions, penalty, tiles of 8 rows; cuts and threads change no bit', async () => {
    const shape: NetworkShape = { ...wide, obsDim: 5, actionDim: 6, dist: 'gaussian', activation: 'tanh' }
    const options: PpoOptions = { algorithm: 'penalty', targetKl: 0.01, entCoef: 0.1, clipVloss: true }
    const cuts = { tile: 8, rowsPerPartial: 32 }
    const { partials, prepared } = await check({ shape, options, numEnvs: 67, form, cuts })
    const steps = (maxFlops: number) =>
      updateMinibatch({ ...prepared.run, flopsPerDispatch: maxFlops }, EPOCH, MINIBATCH)
    const [whole] = steps(Number.POSITIVE_INFINITY)
    for (const [maxFlops, dispatches] of [
      [0.7 * whole.flops, 2], // two of the three partials, then one
      [1, 3],
    ]) {
      expect(steps(maxFlops).map(({ stem }) => stem)).toEqual([
        ...Array(dispatches).fill(prepared.stem),
        ...['reduce', 'adam'],
      ])
      expect((await launch(prepared, maxFlops)).partials).toEqual(partials)
    }
    // Two quads in a workgroup, as on lavapipe: of the second workgroup one has no partial.
    for (const maxFlops of form.quads ? [Number.POSITIVE_INFINITY, 1] : []) {
      expect((await launch(prepared, maxFlops, { together: 2 })).partials).toEqual(partials)
    }
    if (form.quads) return
    expect((await launch(prepared, Number.POSITIVE_INFINITY, { gradientThreads: 7 })).partials).toEqual(partials)
  })
}

/** Slow tests: further kernels are compiled. */
export function testMoreGradients(form: Cuts): void {
  test('silu: 65, 17 and 1 rows', async () => {
    const silu: NetworkShape = { ...wide, activation: 'silu' }
    await check({ shape: { ...silu, actorHidden: [48, 33], criticHidden: [1, 64] }, options: {}, numEnvs: 65, form })
    await check({ shape: { ...silu, actorHidden: [33], criticHidden: [3, 2, 1] }, options: {}, numEnvs: 17, form })
    await check({
      shape: { ...silu, actorHidden: [], criticHidden: [7] },
      options: { normAdv: false },
      numEnvs: 1,
      form,
    })
  })

  test('several choices with masks: 65 rows of a shared trunk, 17 with the penalty', async () => {
    const choices: NetworkShape = { ...wide, actionDim: 31, dist: 'multi_discrete', nvec: [2, 1, 28], masked: true }
    const trunk = { ...choices, sharedTrunk: true, actorHidden: [48, 33], criticHidden: [48, 33] }
    const { situations } = await check({ shape: trunk, options: {}, numEnvs: 65, form })
    expect(Math.min(...situations)).toBeGreaterThan(0)
    // Of a wide head each output has four parts: with three hidden layers beside them 16 rows would not fit.
    const narrow = { ...choices, actorHidden: [64, 33] }
    await check({ shape: narrow, options: { algorithm: 'penalty', targetKl: 0.01 }, numEnvs: 17, form })
  })

  test('shared trunk: 65, 17 and 1 rows; gaussian, penalty, silu', async () => {
    const trunk = (widths: number[]): NetworkShape => ({
      ...{ ...wide, sharedTrunk: true, actorHidden: widths, criticHidden: widths },
    })
    const { situations } = await check({ shape: trunk([64, 33]), options: {}, numEnvs: 65, form })
    expect(Math.min(...situations)).toBeGreaterThan(0)
    const silu: NetworkShape = { ...trunk([48, 48]), activation: 'silu' }
    await check({ shape: silu, options: { clipVloss: true, vfClipCoef: 0.5, vfCoef: 2 }, numEnvs: 17, form })
    await check({ shape: { ...trunk([1]), activation: 'tanh' }, options: { normAdv: false }, numEnvs: 1, form })
    const gaussian: NetworkShape = {
      ...trunk([33, 5]),
      ...{ obsDim: 5, actionDim: 6, dist: 'gaussian', activation: 'tanh' },
    }
    await check({ shape: gaussian, options: { algorithm: 'penalty', targetKl: 0.01, entCoef: 0.1 }, numEnvs: 37, form })
  })

  test('gaussian, 1 observation, 1 action, recorded permutations', async () => {
    const shape: NetworkShape = { ...wide, obsDim: 1, actionDim: 1, dist: 'gaussian', activation: 'tanh' }
    const square = { ...shape, actorHidden: [64, 64], criticHidden: [64, 64] }
    await check({ shape: square, options: { entCoef: 0.1 }, numEnvs: 65, form, givenOrder: true })
  })
}
