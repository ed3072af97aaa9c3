/** The `config` of a golden PPO update, in one of its two forms, checked key by key. */
import { DISTRIBUTIONS } from '../model/distributions/table'
import { type NetworkShape, ofLayers } from '../model/networkshape'
import { shapeLayers, sizeOf } from '../options/layershapes'
import { checkLayers } from '../options/layerspec'
import { ACTIVATIONS, type Activation } from '../options/options'

/** The network and the losses of a golden file. `clip: null` is the unclipped surrogate. */
export interface GoldenConfig {
  shape: NetworkShape
  batch: number
  clipVloss: boolean
  normAdv: boolean
  ent: number
  vf: number
  clip: number | null
  klCoef: number
}

const size = (v: unknown): boolean => Number.isInteger(v) && (v as number) > 0
const finite = (v: unknown): boolean => Number.isFinite(v)
const flag = (v: unknown): boolean => typeof v === 'boolean'
const isActivation = (v: unknown): boolean => ACTIVATIONS.some((known) => known === v)

type Checks = Record<string, (value: unknown) => boolean>

const LOSSES: Checks = {
  batch: size,
  clip_vloss: flag,
  norm_adv: flag,
  ent: finite,
  vf: finite,
  clip: (v) => v === null || (finite(v) && (v as number) > 0),
  kl_coef: (v) => finite(v) && (v as number) >= 0,
}

/** Two perceptrons, given by the widths of their hidden layers. */
const BY_WIDTHS: Checks = {
  obs: size,
  act: size,
  hidden: (v) => Array.isArray(v) && v.every(size),
  dist: (v) => v === 'categorical' || v === 'gaussian',
  activation: isActivation,
}

/** A list of layers; with masks and multi-discrete actions. */
const BY_LAYERS: Checks = {
  obs_shape: (v) => Array.isArray(v) && v.length > 0 && v.every(size),
  act: size,
  layers: Array.isArray,
  trunk: (v) => v === 'separate' || v === 'shared',
  dist: (v) => (DISTRIBUTIONS as unknown[]).includes(v),
  nvec: (v) => v === null || (Array.isArray(v) && v.length > 0 && v.every(size)),
  masks: flag,
}

/** Known keys that a replay does not need. */
const IGNORED = ['noise']

const fail = (key: string, what: string): never => {
  throw new Error(`metadata.config.${key}: ${what}`)
}

/** @throws Error that names the key and its value. */
export function parseGoldenConfig(text: string | undefined): GoldenConfig {
  const config = JSON.parse(text ?? 'null')
  if (typeof config !== 'object' || config === null)
    throw new Error('metadata.config: missing; it names the network and the losses')
  const network = 'layers' in config ? BY_LAYERS : BY_WIDTHS
  const checks = { ...network, ...LOSSES }
  for (const [key, isGood] of Object.entries(checks)) {
    if (!isGood(config[key])) fail(key, `${JSON.stringify(config[key])} is not supported`)
  }
  for (const key of Object.keys(config)) {
    if (!Object.hasOwn(checks, key) && !IGNORED.includes(key)) fail(key, 'this option is not supported')
  }
  if (config.clip !== null && config.kl_coef !== 0) {
    fail('kl_coef', `${config.kl_coef} together with clip ${config.clip} is not supported. Use one of them.`)
  }
  return {
    shape: network === BY_LAYERS ? shapeOfLayers(config) : shapeOfWidths(config),
    batch: config.batch,
    clipVloss: config.clip_vloss,
    normAdv: config.norm_adv,
    ent: config.ent,
    vf: config.vf,
    clip: config.clip,
    klCoef: config.kl_coef,
  }
}

interface ByWidths {
  obs: number
  act: number
  hidden: number[]
  dist: 'categorical' | 'gaussian'
  activation: Activation
}

const shapeOfWidths = ({ obs, act, hidden, dist, activation }: ByWidths): NetworkShape => ({
  ...{ obsDim: obs, actionDim: act, actorHidden: hidden, criticHidden: hidden, activation, dist },
})

interface ByLayers {
  obs_shape: number[]
  act: number
  layers: unknown[]
  trunk: 'separate' | 'shared'
  dist: NetworkShape['dist']
  nvec: number[] | null
  masks: boolean
}

/** A network that is a list of layers, on a row or a map. */
function shapeOfLayers(config: ByLayers): NetworkShape {
  const { obs_shape: obsShape, act, trunk, dist, nvec, masks } = config
  if (obsShape.length !== 1 && obsShape.length !== 3)
    fail('obs_shape', `[${obsShape}] is neither [n] nor [height, width, channels]`)
  if ((dist === 'multi_discrete') !== (nvec !== null))
    fail('nvec', `${JSON.stringify(nvec)} does not belong to ${dist}`)
  if (nvec && nvec.reduce((a, b) => a + b, 0) !== act) fail('act', `${act} is not the sum of nvec [${nvec}]`)
  if (masks && dist === 'gaussian') fail('masks', 'a gaussian policy has no choices to forbid')
  const layers = checkLayers('metadata.config.layers', config.layers)
  shapeLayers('metadata.config.layers', obsShape, layers)
  const [height, width, channels] = obsShape
  return {
    ...{
      obsDim: sizeOf(obsShape),
      actionDim: act,
      dist,
      ...ofLayers(layers),
    },
    ...(obsShape.length === 3 ? { observation: { shape: [height, width, channels], storage: 'f32' } } : {}),
    ...(nvec ? { nvec } : {}),
    ...(masks ? { masked: true } : {}),
    ...(trunk === 'shared' ? { sharedTrunk: true } : {}),
  }
}
