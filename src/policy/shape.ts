/** The fields `shape` and `actionScale` of a policy's metadata. */
import type { ActionScale } from '../model/actions'
import { takesMask } from '../model/distributions/distribution'
import { actingOf, DISTRIBUTIONS } from '../model/distributions/table'
import { inputShape } from '../model/hidden'
import type { NetworkShape } from '../model/networkshape'
import { ConfigError } from '../options/errors'
import { shapeLayers, sizeOf } from '../options/layershapes'
import { checkLayers } from '../options/layerspec'
import { PolicyError } from './error'
import { parseObject, show } from './metadata'

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
const MAX_WIDTH = 2 ** 16
const isWidth = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= 1 && (n as number) <= MAX_WIDTH
const STORAGES = ['f32', 'bits', 'bytes']
const isWidths = (value: unknown): boolean => Array.isArray(value) && value.length <= 16 && value.every(isWidth)

/** What each field of a network's shape must be. */
const SHAPE_FIELDS: Record<keyof NetworkShape, { valid: (value: unknown) => boolean; wanted: string }> = {
  obsDim: { valid: isWidth, wanted: `a whole number from 1 to ${MAX_WIDTH}` },
  privileged: {
    valid: (value) => value === undefined || isWidth(value),
    wanted: `a whole number from 1 to ${MAX_WIDTH}`,
  },
  actionDim: { valid: isWidth, wanted: `a whole number from 1 to ${MAX_WIDTH}` },
  actorHidden: { valid: isWidths, wanted: `a list of at most 16 whole numbers from 1 to ${MAX_WIDTH}` },
  criticHidden: { valid: isWidths, wanted: `a list of at most 16 whole numbers from 1 to ${MAX_WIDTH}` },
  activation: {
    valid: (value) => ['tanh', 'relu', 'silu', 'elu'].includes(value as string),
    wanted: '"tanh", "relu", "silu" or "elu"',
  },
  sharedTrunk: { valid: (value) => value === undefined || typeof value === 'boolean', wanted: 'true or false' },
  dist: {
    valid: (value) => (DISTRIBUTIONS as unknown[]).includes(value),
    wanted: DISTRIBUTIONS.map((kind) => `"${kind}"`).join(' or '),
  },
  nvec: {
    valid: (value) => value === undefined || (Array.isArray(value) && value.length > 0 && value.every(isWidth)),
    wanted: `a list of whole numbers from 1 to ${MAX_WIDTH}`,
  },
  masked: { valid: (value) => value === undefined || typeof value === 'boolean', wanted: 'true or false' },
  layers: { valid: (value) => value === undefined || Array.isArray(value), wanted: 'a list of layers' },
  observation: {
    valid: (value) => value === undefined || isMap(value as NetworkShape['observation']),
    wanted: '{"shape": [height, width, channels], "storage": "f32", "bits" or "bytes"}',
  },
}

function isMap(value: NetworkShape['observation'] | null): boolean {
  const { shape, storage, ...others } = value ?? {}
  return (
    isWidths(shape) && shape!.length === 3 && STORAGES.includes(storage as string) && Object.keys(others).length === 0
  )
}

/** The same network with every number of its layers. @throws PolicyError if they do not fit its observations. */
function checkedLayers(shape: NetworkShape): NetworkShape {
  const { obsDim, observation, layers } = shape
  if (observation && sizeOf(observation.shape) !== obsDim) {
    throw new PolicyError(
      `policy: metadata.shape.obsDim: ${obsDim} is not the size of a map of ${observation.shape.join(' x ')}.`,
    )
  }
  if (!layers) return shape
  try {
    const checked = checkLayers('metadata.shape.layers', layers)
    shapeLayers('metadata.shape.layers', inputShape(shape), checked)
    return { ...shape, layers: checked }
  } catch (error) {
    throw error instanceof ConfigError ? new PolicyError(`policy: ${error.message}`) : error
  }
}

export function parseShape(text: string | undefined): NetworkShape {
  const given = parseObject('shape', text, SHAPE_FIELDS) as unknown as NetworkShape
  const { sharedTrunk, actorHidden, criticHidden, dist, nvec, masked, actionDim, privileged, observation } = given
  if ((dist === 'multi_discrete') !== (nvec !== undefined) || (nvec && sum(nvec) !== actionDim)) {
    throw new PolicyError(
      `policy: metadata.shape.nvec: ${show(nvec)} are not the parts of ${actionDim} outputs of a ${dist} policy.`,
    )
  }
  if (masked && !takesMask(actingOf({ dist, actionDim, nvec }))) {
    throw new PolicyError(`policy: metadata.shape.masked: true, but a mask cannot forbid actions of a ${dist} policy.`)
  }
  if (privileged && (sharedTrunk || observation)) {
    throw new PolicyError(
      `policy: metadata.shape.privileged: ${privileged}, but ${observation ? 'the observation is a map' : 'the trunk is shared'}.`,
    )
  }
  if (!given.layers && sharedTrunk && (actorHidden.length === 0 || String(actorHidden) !== String(criticHidden))) {
    throw new PolicyError(
      `policy: metadata.shape.sharedTrunk: true, but [${actorHidden}] and [${criticHidden}] are not the same hidden layers.`,
    )
  }
  return checkedLayers(given)
}

/** Bounds of each action dimension, each low one below its high one. */
export function parseScale(text: string | undefined, { dist, actionDim }: NetworkShape): ActionScale | null {
  if (text === undefined) return null
  const fail = (): never => {
    throw new PolicyError(
      `policy: metadata.actionScale: ${show(text)} is not {"low": [...], "high": [...]} with the bounds of ` +
        `${actionDim} ${dist === 'gaussian' ? 'action dimensions' : 'discrete actions, which have none'}.`,
    )
  }
  let given: { low?: unknown; high?: unknown }
  try {
    given = JSON.parse(text) ?? {}
  } catch {
    return fail()
  }
  const { low, high, ...others } = given
  const isBounds = (value: unknown): value is number[] =>
    Array.isArray(value) && value.length === actionDim && value.every((x) => Number.isFinite(x))
  if (dist !== 'gaussian' || !isBounds(low) || !isBounds(high) || Object.keys(others).length > 0) return fail()
  return low.every((bound, i) => bound < high[i]) ? { low, high } : fail()
}
