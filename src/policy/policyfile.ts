/** The file of a trained policy: written by training, and read from it or from a checkpoint. */

import { CHECKPOINT_FORMAT, POLICY_FORMAT as FORMAT, unknownKey, VERSION } from '../files/formats'
import { readSafetensors, type Tensor, type TensorToWrite, writeSafetensors } from '../files/safetensors'
import type { ActionScale } from '../model/actions'
import { takesMask } from '../model/distributions/distribution'
import { actingOf, DISTRIBUTIONS } from '../model/distributions/table'
import {
  layoutNetwork,
  type NetworkLayout,
  type NetworkShape,
  packParams,
  tensorsOf,
  unpackParams,
} from '../model/network'
import type { NormaliserStats, Running } from '../model/normaliser'
import { makePolicy, type Policy, PolicyError } from './policy'

/**
 * One agent's weights as a safetensors file: `actor.0.weight` [out, in], `actor.0.bias`, ..., `critic.*`, with a shared
 * trunk also `trunk.*`; `log_std` for Gaussian policies; `normaliser.obs.mean`, `.variance`, `.count` and the same of
 * `returns` if they are normalised; all F32. Environment and network shape are in the metadata. `loadPolicy` also reads
 * weights that another program stored as F16 or BF16.
 * @param env The environment, or its id.
 * @param params One agent's padded parameters, `layoutNetwork(shape).paramStride` floats.
 * @param normaliser The statistics that normalise its observations and rewards.
 * @param actionScale With `scaleActions`, the bounds that its actions are scaled to; stored in the metadata.
 */
export function policyFile(
  env: string | { id: string },
  shape: NetworkShape,
  params: Float32Array,
  normaliser: NormaliserStats | null = null,
  actionScale: ActionScale | null = null,
): Uint8Array {
  const layout = layoutNetwork(shape)
  if (params.length !== layout.paramStride) {
    throw new PolicyError(`params: ${params.length} floats, but this network takes ${layout.paramStride}.`)
  }
  const id = typeof env === 'string' ? env : env.id
  const metadata: Record<string, string> = { format: FORMAT, version: VERSION, env: id, shape: JSON.stringify(shape) }
  if (actionScale) metadata.actionScale = JSON.stringify(actionScale)
  const tensors: TensorToWrite[] = unpackParams(layout, params)
  for (const [name, running] of Object.entries(normaliser ?? {}) as [keyof NormaliserStats, Running | null][]) {
    if (!running) continue
    for (const [part, values] of Object.entries({ ...running, count: [running.count] })) {
      tensors.push({ name: `normaliser.${name}.${part}`, shape: [values.length], data: Float32Array.from(values) })
    }
  }
  return writeSafetensors(tensors, metadata)
}

/** The contents of a policy. */
export interface PolicyData {
  /** Id of the environment that it was trained on. */
  env: string
  shape: NetworkShape
  /** Padded, [paramStride] of `layoutNetwork(shape)`. */
  params: Float32Array
  normaliser: NormaliserStats | null
  /** The bounds that its actions are scaled to; null without scaling, as in older files. */
  actionScale: ActionScale | null
}

/**
 * Reads a file that `policyFile` wrote, or the policy in a checkpoint. The environment need not be known: only its id
 * is stored.
 * @param agent Which agent of a checkpoint, from 0.
 * @throws SafetensorsError or PolicyError if anything in the file is wrong.
 */
export function loadPolicy(bytes: Uint8Array, agent = 0): Policy {
  const { env, shape, params, normaliser, actionScale } = readPolicy(bytes, agent)
  return makePolicy(env, shape, params, normaliser, actionScale)
}

/** The same as data. */
export const readPolicy = (bytes: Uint8Array, agent = 0): PolicyData => readPolicies(bytes).read(agent)

/** Every policy in a file, which is parsed once. A policy file has one; a checkpoint has one for each agent. */
export function readPolicies(bytes: Uint8Array): { numAgents: number; read(agent: number): PolicyData } {
  const file = readSafetensors(bytes, 'policy')
  const [axis] = file.tensors.get('progress.status')?.shape ?? file.tensors.values().next().value?.shape ?? []
  const numAgents = file.metadata.format === CHECKPOINT_FORMAT ? (axis ?? 1) : 1
  return { numAgents, read: (agent) => policyIn(file, agent) }
}

function policyIn({ metadata, tensors }: ReturnType<typeof readSafetensors>, agent: number): PolicyData {
  const { format, version, env } = metadata
  const ofAgents = format === CHECKPOINT_FORMAT
  if (format !== FORMAT && !ofAgents) {
    throw new PolicyError(
      `policy: metadata.format: ${show(format)} is not ${show(FORMAT)} or ${show(CHECKPOINT_FORMAT)}.`,
    )
  }
  if (version !== VERSION) throw new PolicyError(`policy: metadata.version: ${show(version)} is not ${show(VERSION)}.`)
  const unknown = unknownKey(metadata)
  if (unknown !== undefined) throw new PolicyError(`policy: metadata.${unknown}: the key is not known.`)
  if (!env) throw new PolicyError(`policy: metadata.env: ${show(env)} is not the id of an environment.`)
  if (agent > 0 && !ofAgents) throw new PolicyError(`policy: agent ${agent}: the file holds the policy of one agent.`)
  const shape = parseShape(metadata.shape)
  const layout = layoutNetwork(shape)
  const wanted = wantedTensors(layout, tensors)
  const weights = new Map<string, Float32Array>()
  for (const [name, tensor] of ofAgents ? tensorsOfAgent(tensors, wanted, agent) : tensors) {
    const expected = wanted.get(name)
    if (!expected) throw new PolicyError(`policy: tensor ${show(name)}: this network has no such tensor.`)
    const { dtype, shape, data } = tensor
    // Narrower floats are exact in f32; checkpoints must be bit-identical, so they never contain other types.
    if (!(data instanceof Float32Array) || (ofAgents && dtype !== 'F32') || String(shape) !== String(expected)) {
      throw new PolicyError(`policy: tensor ${show(name)}: ${dtype} [${shape}], expected F32 [${expected}].`)
    }
    const bad = data.findIndex((w) => !Number.isFinite(w))
    if (bad >= 0) throw new PolicyError(`policy: tensor ${show(name)}: element ${bad} is ${data[bad]}.`)
    weights.set(name, data)
  }
  for (const name of wanted.keys()) {
    if (!weights.has(name)) throw new PolicyError(`policy: tensor ${show(name)}: missing.`)
  }
  const normalising = NORMALISED.filter((name) => weights.has(`normaliser.${name}.mean`))
  const normaliser: NormaliserStats = { obs: null, returns: null }
  for (const name of normalising) normaliser[name] = readRunning(`normaliser.${name}`, weights)
  const params = packParams(layout, weights, new Float32Array(layout.paramStride))
  const actionScale = parseScale(metadata.actionScale, shape)
  return { env, shape, params, normaliser: normalising.length > 0 ? normaliser : null, actionScale }
}

/** Names and shapes of the tensors of a policy; with statistics if the file has any. */
function wantedTensors(layout: NetworkLayout, tensors: ReadonlyMap<string, Tensor>): Map<string, number[]> {
  const { shape } = layout
  const wanted = new Map<string, number[]>()
  for (const tensor of tensorsOf(layout)) wanted.set(tensor.name, tensor.shape)
  for (const name of NORMALISED.filter((name) => tensors.has(`normaliser.${name}.mean`))) {
    const size = name === 'obs' ? shape.obsDim : 1
    for (const part of ['mean', 'variance']) wanted.set(`normaliser.${name}.${part}`, [size])
    wanted.set(`normaliser.${name}.count`, [1])
  }
  return wanted
}

/** The tensors of a checkpoint that form the policy of one agent, without the agent axis. */
function tensorsOfAgent(
  tensors: ReadonlyMap<string, Tensor>,
  wanted: ReadonlyMap<string, number[]>,
  agent: number,
): Map<string, Tensor> {
  const own = new Map<string, Tensor>()
  for (const [name, { dtype, shape, data }] of tensors) {
    if (!wanted.has(name)) continue
    const [agents, ...rest] = shape
    if (agent >= agents) throw new PolicyError(`policy: agent ${agent}: the checkpoint has ${agents}, from 0.`)
    const length = data.length / agents
    own.set(name, { dtype, shape: rest, data: data.slice(agent * length, (agent + 1) * length) })
  }
  return own
}

const NORMALISED = ['obs', 'returns'] as const

function readRunning(name: string, tensors: ReadonlyMap<string, Float32Array>): Running {
  const numbers = (part: string): number[] => [...tensors.get(`${name}.${part}`)!]
  const [mean, variance, [count]] = [numbers('mean'), numbers('variance'), numbers('count')]
  const bad = variance.findIndex((v) => v < 0)
  if (bad >= 0) throw new PolicyError(`policy: tensor "${name}.variance": element ${bad} is ${variance[bad]}, below 0.`)
  if (count < 0) throw new PolicyError(`policy: tensor "${name}.count": element 0 is ${count}, below 0.`)
  return { mean, variance, count }
}

const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing'

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)
const MAX_WIDTH = 2 ** 16
const isWidth = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= 1 && (n as number) <= MAX_WIDTH
const isWidths = (value: unknown): boolean => Array.isArray(value) && value.length <= 16 && value.every(isWidth)

/** What each field of a network's shape must be. */
const SHAPE_FIELDS: Record<keyof NetworkShape, { valid: (value: unknown) => boolean; wanted: string }> = {
  obsDim: { valid: isWidth, wanted: `a whole number from 1 to ${MAX_WIDTH}` },
  actionDim: { valid: isWidth, wanted: `a whole number from 1 to ${MAX_WIDTH}` },
  actorHidden: { valid: isWidths, wanted: `a list of at most 16 whole numbers from 1 to ${MAX_WIDTH}` },
  criticHidden: { valid: isWidths, wanted: `a list of at most 16 whole numbers from 1 to ${MAX_WIDTH}` },
  activation: {
    valid: (value) => ['tanh', 'relu', 'silu'].includes(value as string),
    wanted: '"tanh", "relu" or "silu"',
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
}

function parseShape(text: string | undefined): NetworkShape {
  let given: unknown
  try {
    given = JSON.parse(text ?? '')
  } catch (cause) {
    throw new PolicyError(`policy: metadata.shape: ${show(text)} is not JSON (${(cause as Error).message}).`)
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new PolicyError(`policy: metadata.shape: ${show(given)} is not an object.`)
  }
  const shape = given as Record<string, unknown>
  for (const [field, { valid, wanted }] of Object.entries(SHAPE_FIELDS)) {
    if (!valid(shape[field]))
      throw new PolicyError(`policy: metadata.shape.${field}: ${show(shape[field])} is not ${wanted}.`)
  }
  const unknown = Object.keys(shape).find((key) => !Object.hasOwn(SHAPE_FIELDS, key))
  if (unknown) throw new PolicyError(`policy: metadata.shape.${unknown}: the field is not known.`)
  const { sharedTrunk, actorHidden, criticHidden, dist, nvec, masked, actionDim } = given as NetworkShape
  if ((dist === 'multi_discrete') !== (nvec !== undefined) || (nvec && sum(nvec) !== actionDim)) {
    throw new PolicyError(
      `policy: metadata.shape.nvec: ${show(nvec)} are not the parts of ${actionDim} outputs of a ${dist} policy.`,
    )
  }
  if (masked && !takesMask(actingOf({ dist, actionDim, nvec }))) {
    throw new PolicyError(`policy: metadata.shape.masked: true, but a mask cannot forbid actions of a ${dist} policy.`)
  }
  if (sharedTrunk && (actorHidden.length === 0 || String(actorHidden) !== String(criticHidden))) {
    throw new PolicyError(
      `policy: metadata.shape.sharedTrunk: true, but [${actorHidden}] and [${criticHidden}] are not the same hidden layers.`,
    )
  }
  return given as NetworkShape
}

/** Bounds of each action dimension, each low one below its high one. */
function parseScale(text: string | undefined, { dist, actionDim }: NetworkShape): ActionScale | null {
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
