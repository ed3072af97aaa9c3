import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config/config'
import { makeRng, normal, uniform } from '../../src/env/rng'
import { distributionOf } from '../../src/model/distributions/table'
import { initParams } from '../../src/model/init'
import { criticDim, forEachParam, layoutNetwork, type NetworkShape } from '../../src/model/network'
import { networkLayers } from '../../src/options/layerspec'
import { type Batch, makeWorkspace } from '../../src/reference/minibatch'
import { backwardMinibatch, forwardMinibatch, makeLearner, type UpdateHyper } from '../../src/reference/update'

const ROWS = 7
const INDICES = Uint32Array.from({ length: ROWS }, (_, i) => ROWS - 1 - i)

const HYPER: UpdateHyper = {
  ...resolveConfig({}, {}),
  ...{ vfClipCoef: 0.15, entCoef: 0.02, vfCoef: 0.7, klCoef: 1.3, learningRate: 1e-3 },
}

/** A random minibatch whose old policy is near the current one, so that there are ratios on both sides of the range. */
function problem(shape: NetworkShape, hyper: UpdateHyper) {
  const layout = layoutNetwork(shape)
  const params = Float64Array.from(initParams(layout, resolveConfig({}, { seed: 11 })))
  const rng = () => makeRng(5, next++, 0, 0)
  let next = 0
  forEachParam(layout, (_tensor, _shape, _flat, at) => {
    params[at] += 0.3 * normal(rng())
  })
  const outStride = layout.actor.at(-1)!.outStride
  const { own, parts, actionCount, actionStride } = distributionOf(shape)
  const fill = (rows: number, width: number, rowStride: number, draw: () => number) => {
    const data = new Float64Array(rows * rowStride)
    for (let r = 0; r < rows; r++) for (let k = 0; k < width; k++) data[r * rowStride + k] = draw()
    return data
  }
  const gauss = () => normal(rng())
  // The last choice of each part is always allowed, and is the action where another one is forbidden.
  const ends = parts.map((_, part) => parts.slice(0, part + 1).reduce((a, b) => a + b, 0))
  const masks = shape.masked ? fill(ROWS, shape.actionDim, shape.actionDim, () => Number(uniform(rng()) > 0.3)) : null
  for (let r = 0; masks && r < ROWS; r++) for (const end of ends) masks[r * shape.actionDim + end - 1] = 1
  const choices = () => {
    const actions = fill(ROWS, actionCount, actionStride, () => uniform(rng()))
    return actions.map((u, i) => {
      const [row, part] = [Math.floor(i / actionStride), i % actionStride]
      const index = Math.floor(u * parts[part])
      const isForbidden = masks?.[row * shape.actionDim + ends[part] - parts[part] + index] === 0
      return isForbidden ? parts[part] - 1 : index
    })
  }
  const batch: Batch = {
    size: ROWS,
    obs: fill(ROWS, criticDim(shape), layout.critic[0].inStride, gauss),
    actions: parts.length > 0 ? choices() : fill(ROWS, shape.actionDim, actionStride, gauss),
    masks,
    logprobs: fill(ROWS, 1, 1, gauss),
    values: fill(ROWS, 1, 1, gauss),
    advantages: fill(ROWS, 1, 1, gauss),
    returns: fill(ROWS, 1, 1, gauss),
    oldOut: fill(ROWS, shape.actionDim, outStride, gauss),
    oldOwn: own && fill(1, own.count, outStride, () => 0.3 * gauss()),
  }
  const learner = makeLearner(layout, params)
  const work = makeWorkspace(layout, ROWS, true)
  // Old log-probabilities within a factor e^0.3 of the current ones, old values within 0.3.
  forwardMinibatch(learner, batch, INDICES, hyper, work)
  INDICES.forEach((sample, row) => {
    batch.logprobs[sample] = work.loss.newLogprob[row] + 0.3 * gauss()
    batch.values[sample] = work.critic.at(-1)![row * 4] + 0.3 * gauss()
  })
  return { layout, learner, batch, work }
}

/** Largest difference between the gradient and central differences, over the gradient's largest entry. */
function gradientError(shape: NetworkShape, hyper: UpdateHyper, spoil?: (gradient: Float64Array) => void): number {
  const { layout, learner, batch, work } = problem(shape, hyper)
  forwardMinibatch(learner, batch, INDICES, hyper, work)
  backwardMinibatch(learner, ROWS, work)
  const gradient = work.gradient.slice()
  spoil?.(gradient)
  const lossAt = (at: number, value: number): number => {
    const kept = learner.params[at]
    learner.params[at] = value
    const { loss } = forwardMinibatch(learner, batch, INDICES, hyper, work)
    learner.params[at] = kept
    return loss
  }
  const h = 1e-5
  let worst = 0
  forEachParam(layout, (_tensor, _shape, _flat, at) => {
    const x = learner.params[at]
    const numeric = (lossAt(at, x + h) - lossAt(at, x - h)) / (2 * h)
    worst = Math.max(worst, Math.abs(numeric - gradient[at]))
  })
  return worst / gradient.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
}

// Central differences: truncation h^2 ~ 1e-10 and rounding eps / h ~ 1e-11, times derivatives of order 10.
const LIMIT = 1e-7

/** Odd channels, so that the flattened map has padding between its pixels: a layer norm and a dense layer meet it. */
const ODD: NetworkShape = {
  ...{ obsDim: 36, actionDim: 3, actorHidden: [], criticHidden: [], activation: 'tanh', dist: 'categorical' },
  observation: { shape: [3, 4, 3], storage: 'f32' },
  layers: networkLayers('conv(5,2,1,1),tanh,avg_pool(2,1),layer_norm,silu,flatten,layer_norm,elu,dense(6),tanh')!,
}

const shapes: NetworkShape[] = [
  ODD,
  { ...ODD, layers: networkLayers('layer_norm,conv(3,2),elu,flatten')!, sharedTrunk: true },
  { obsDim: 3, actionDim: 3, actorHidden: [5, 7], criticHidden: [6], activation: 'tanh', dist: 'categorical' },
  { obsDim: 5, actionDim: 2, actorHidden: [9], criticHidden: [3, 5], activation: 'relu', dist: 'categorical' },
  { obsDim: 3, actionDim: 5, actorHidden: [7], criticHidden: [5], activation: 'tanh', dist: 'gaussian' },
  {
    ...{ obsDim: 3, actionDim: 4, actorHidden: [7], criticHidden: [5, 6], activation: 'tanh', dist: 'categorical' },
    privileged: 6,
  },
  { obsDim: 2, actionDim: 1, actorHidden: [], criticHidden: [], activation: 'relu', dist: 'gaussian' },
  {
    ...{ obsDim: 3, actionDim: 9, actorHidden: [5], criticHidden: [6], activation: 'tanh' },
    ...{ dist: 'multi_discrete', nvec: [3, 1, 5] },
  },
  {
    ...{ obsDim: 3, actionDim: 7, actorHidden: [5], criticHidden: [6], activation: 'silu' },
    ...{ dist: 'multi_discrete', nvec: [4, 3], masked: true },
  },
  {
    ...{ obsDim: 4, actionDim: 6, actorHidden: [5, 4], criticHidden: [6], activation: 'tanh' },
    ...{ dist: 'categorical', masked: true },
  },
  { obsDim: 3, actionDim: 2, actorHidden: [6, 5], criticHidden: [7], activation: 'silu', dist: 'gaussian' },
  {
    ...{ obsDim: 3, actionDim: 5, actorHidden: [6, 7], criticHidden: [6, 7], activation: 'tanh', dist: 'categorical' },
    sharedTrunk: true,
  },
  {
    ...{ obsDim: 2, actionDim: 3, actorHidden: [5], criticHidden: [5], activation: 'silu', dist: 'gaussian' },
    sharedTrunk: true,
  },
]

describe.each(shapes)(
  'gradient by finite differences: $dist $activation $actorHidden, shared $sharedTrunk',
  (shape) => {
    it.each([
      ['clip', HYPER],
      ['clip, no value clip, raw advantages', { ...HYPER, clipVloss: false, normAdv: false }],
      ['dual clip, over the batch', { ...HYPER, dualClip: 1.02, normAdvOver: 'batch' as const }],
      ['penalty', { ...HYPER, algorithm: 'penalty' as const }],
    ])('%s', (_name, hyper) => {
      expect(gradientError(shape, hyper)).toBeLessThan(LIMIT)
    })

    it('control: one entry off by a millionth of the largest is found', () => {
      const spoil = (gradient: Float64Array) => {
        gradient[0] += 1e-6 * gradient.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
      }
      expect(gradientError(shape, HYPER, spoil)).toBeGreaterThan(LIMIT)
    })
  },
)

describe('the problems that are checked', () => {
  it.each(shapes)('$dist $activation: ratios on both sides of the range', (shape) => {
    const { learner, batch, work } = problem(shape, HYPER)
    const { situations } = forwardMinibatch(learner, batch, INDICES, HYPER, work)
    expect(situations.reduce((a, b) => a + b)).toBe(ROWS)
    expect(situations[1] + situations[4]).toBeGreaterThan(0)
    expect(situations[1] + situations[4]).toBeLessThan(ROWS)
  })
})
