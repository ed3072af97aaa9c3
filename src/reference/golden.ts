/** Golden PPO updates (PyTorch autograd in float64) as objects of the reference, to be replayed. */

import { resolveConfig } from '../config/config'
import type { SafetensorsFile } from '../files/safetensors'
import { distributionOf } from '../model/distributions/table'
import { layoutNetwork, type NetworkLayout, packParams, tensorsOf } from '../model/network'
import { sizeOf } from '../options/layershapes'
import { parseGoldenConfig } from './goldenconfig'
import type { Batch } from './minibatch'
import { type Learner, makeLearner, type UpdateHyper } from './update'

export interface PpoGolden {
  layout: NetworkLayout
  batch: Batch
  hyper: UpdateHyper
  updateEpochs: number
  numMinibatches: number
  /** floor(batch / numMinibatches); the rest of a permutation is not used. */
  minibatchSize: number
  /** [updateEpochs][batch] */
  permutations: ArrayLike<number>
  /** A learner at `param/*` with a fresh optimiser, new at every call. */
  learner(): Learner
  /** One agent's padded parameters out of the tensors `<group>/actor.0.weight`, ... (`param`, `grad`, `after_1_step`, `after_phase`). */
  params(group: string): Float64Array
  /** A tensor's numbers, without padding. @throws if the file has no tensor of that name. */
  tensor(name: string): ArrayLike<number>
}

/** Rows of `width` numbers into rows padded with zeros to a multiple of 4. */
function padRows(data: ArrayLike<number>, width: number, stride: number): Float64Array {
  const rows = data.length / width
  const padded = new Float64Array(rows * stride)
  for (let r = 0; r < rows; r++) for (let k = 0; k < width; k++) padded[r * stride + k] = data[r * width + k]
  return padded
}

/** @throws for a missing tensor, a tensor of another size, or an option that is not supported. */
export function readPpoGolden(file: SafetensorsFile): PpoGolden {
  const config = parseGoldenConfig(file.metadata.config)
  const { shape, batch: rows } = config
  const layout = layoutNetwork(shape)
  const { own, actionCount, actionStride, width: act } = distributionOf(shape)

  const number = (key: string): number => {
    const value = Number(file.metadata[key] ?? NaN)
    if (!(value >= 0)) throw new Error(`metadata.${key}: ${JSON.stringify(file.metadata[key])} is not a number from 0`)
    return value
  }
  const tensor = (name: string): ArrayLike<number> => {
    const found = file.tensors.get(name)
    if (!found) throw new Error(`${name}: the file has no such tensor`)
    return found.data as ArrayLike<number>
  }
  const sized = (name: string, length: number): ArrayLike<number> => {
    const data = tensor(name)
    if (data.length !== length) throw new Error(`${name}: ${data.length} numbers, expected ${length}`)
    return data
  }
  const params = (group: string): Float64Array => {
    const named = new Map<string, ArrayLike<number>>()
    for (const { name, shape } of tensorsOf(layout)) {
      named.set(name, sized(`${group}/${name}`, sizeOf(shape)))
    }
    return packParams(layout, named, new Float64Array(layout.paramStride))
  }

  const perSample = (name: string): Float64Array => Float64Array.from(sized(`batch/${name}`, rows))
  const outStride = layout.actor.at(-1)!.outStride
  const batch: Batch = {
    size: rows,
    obs: padRows(sized('batch/obs', rows * shape.obsDim), shape.obsDim, layout.actor[0].inStride),
    actions: padRows(sized('batch/actions', rows * actionCount), actionCount, actionStride),
    masks: shape.masked ? Float64Array.from(sized('batch/mask', rows * act)) : null,
    logprobs: perSample('logprobs'),
    values: perSample('values'),
    advantages: perSample('advantages'),
    returns: perSample('returns'),
    oldOut: padRows(sized('batch/old_out', rows * act), act, outStride),
    oldOwn: own ? Float64Array.from(sized(`batch/old_${own.name}`, own.count)) : null,
  }
  const hyper: UpdateHyper = {
    ...resolveConfig({}, {}), // for options that are not in the file
    algorithm: config.clip === null ? 'penalty' : 'clip',
    clipCoef: config.clip ?? 0.2,
    clipVloss: config.clipVloss,
    vfClipCoef: config.clip ?? 0.2,
    normAdv: config.normAdv,
    entCoef: config.ent,
    vfCoef: config.vf,
    klCoef: config.klCoef,
    learningRate: number('learning_rate'),
    maxGradNorm: number('max_grad_norm'),
    adamEps: number('adam_eps'),
  }
  const updateEpochs = number('epochs')
  const numMinibatches = number('minibatches')
  const minibatchSize = Math.floor(rows / numMinibatches)
  const permutations = sized('phase/permutations', updateEpochs * rows)
  const learner = () => makeLearner(layout, params('param'))
  return { layout, batch, hyper, updateEpochs, numMinibatches, minibatchSize, permutations, learner, params, tensor }
}
