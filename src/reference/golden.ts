/** Golden PPO updates (PyTorch autograd in float64) as the reference's own objects, ready to replay. */

import { resolveConfig } from '../config/config'
import type { SafetensorsFile } from '../files/safetensors'
import { type Distribution, layoutNetwork, type NetworkLayout, packParams } from '../model/network'
import { ACTIVATIONS, type Activation } from '../options/options'
import type { Batch } from './minibatch'
import { actionStride } from './sample'
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
  /** A tensor's numbers, without padding. @throws when the file has none of that name. */
  tensor(name: string): ArrayLike<number>
}

/** The keys of a golden file's config, exactly these. `clip: null` is the unclipped surrogate. */
interface GoldenConfig {
  obs: number
  act: number
  hidden: number[]
  dist: Distribution
  batch: number
  clip_vloss: boolean
  norm_adv: boolean
  ent: number
  vf: number
  clip: number | null
  kl_coef: number
  activation: Activation
}

const size = (v: unknown): boolean => Number.isInteger(v) && (v as number) > 0
const finite = (v: unknown): boolean => Number.isFinite(v)
const flag = (v: unknown): boolean => typeof v === 'boolean'
const CHECKS: Record<keyof GoldenConfig, (value: unknown) => boolean> = {
  obs: size,
  act: size,
  hidden: (v) => Array.isArray(v) && v.every(size),
  dist: (v) => v === 'categorical' || v === 'gaussian',
  batch: size,
  clip_vloss: flag,
  norm_adv: flag,
  ent: finite,
  vf: finite,
  clip: (v) => v === null || (finite(v) && (v as number) > 0),
  kl_coef: (v) => finite(v) && (v as number) >= 0,
  activation: (v) => ACTIVATIONS.some((known) => known === v),
}

function parseConfig(text: string | undefined): GoldenConfig {
  const config = JSON.parse(text ?? 'null')
  if (typeof config !== 'object' || config === null)
    throw new Error('metadata.config: missing; it names the network and the losses')
  for (const [key, check] of Object.entries(CHECKS)) {
    if (!check(config[key])) throw new Error(`metadata.config.${key}: ${JSON.stringify(config[key])} is not supported`)
  }
  for (const key of Object.keys(config)) {
    if (!Object.hasOwn(CHECKS, key)) throw new Error(`metadata.config.${key}: this option is not supported`)
  }
  if (config.clip !== null && config.kl_coef !== 0) {
    throw new Error(
      `metadata.config.kl_coef: ${config.kl_coef} together with clip ${config.clip} is not supported. Use one of them.`,
    )
  }
  return config
}

/** Rows of `width` numbers into rows padded with zeros to a multiple of 4. */
function padRows(data: ArrayLike<number>, width: number, stride: number): Float64Array {
  const rows = data.length / width
  const padded = new Float64Array(rows * stride)
  for (let r = 0; r < rows; r++) for (let k = 0; k < width; k++) padded[r * stride + k] = data[r * width + k]
  return padded
}

/** @throws on a missing tensor, a tensor of another size, or an option that is not supported. */
export function readPpoGolden(file: SafetensorsFile): PpoGolden {
  const config = parseConfig(file.metadata.config)
  const { obs, act, hidden, dist, batch: rows, activation } = config
  const layout = layoutNetwork({
    obsDim: obs,
    actionDim: act,
    actorHidden: hidden,
    criticHidden: hidden,
    activation,
    dist,
  })
  const gaussian = dist === 'gaussian'

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
    for (const { name, inDim, outDim } of [...layout.actor, ...layout.critic]) {
      named.set(`${name}.weight`, sized(`${group}/${name}.weight`, outDim * inDim))
      named.set(`${name}.bias`, sized(`${group}/${name}.bias`, outDim))
    }
    if (gaussian) named.set('log_std', sized(`${group}/log_std`, act))
    return packParams(layout, named, new Float64Array(layout.paramStride))
  }

  const perSample = (name: string): Float64Array => Float64Array.from(sized(`batch/${name}`, rows))
  const outStride = layout.actor.at(-1)!.outStride
  const batch: Batch = {
    size: rows,
    obs: padRows(sized('batch/obs', rows * obs), obs, layout.actor[0].inStride),
    actions: padRows(sized('batch/actions', gaussian ? rows * act : rows), gaussian ? act : 1, actionStride(dist, act)),
    logprobs: perSample('logprobs'),
    values: perSample('values'),
    advantages: perSample('advantages'),
    returns: perSample('returns'),
    oldOut: padRows(sized('batch/old_out', rows * act), act, outStride),
    oldLogStd: gaussian ? padRows(sized('batch/old_log_std', act), act, outStride) : null,
  }
  const hyper: UpdateHyper = {
    ...resolveConfig({}, {}), // of what a file does not say
    algorithm: config.clip === null ? 'penalty' : 'clip',
    clipCoef: config.clip ?? 0.2,
    clipVloss: config.clip_vloss,
    vfClipCoef: config.clip ?? 0.2,
    normAdv: config.norm_adv,
    entCoef: config.ent,
    vfCoef: config.vf,
    klCoef: config.kl_coef,
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
