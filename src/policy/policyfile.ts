/** The file of a trained policy: written by training, and read from it or from a checkpoint. */

import type { AnyEnvSpec } from '../env/contract'
import { CHECKPOINT_FORMAT, POLICY_FORMAT as FORMAT, unknownKey, VERSION } from '../files/formats'
import { readSafetensors, type Tensor, type TensorToWrite, writeSafetensors } from '../files/safetensors'
import type { ActionScale } from '../model/actions'
import {
  criticDim,
  layoutNetwork,
  type NetworkLayout,
  type NetworkShape,
  packParams,
  tensorsOf,
  unpackParams,
} from '../model/network'
import type { NormaliserStats, Running } from '../model/normaliser'
import { environmentOf, parseEnvironment } from './environment'
import { PolicyError } from './error'
import { show } from './metadata'
import { type PolicyOrigin, parseOrigin } from './origin'
import { makePolicy, type Policy, type PolicyData } from './policy'
import { parseScale, parseShape } from './shape'

export type { PolicyData } from './policy'

/**
 * One agent's weights as a safetensors file: `actor.0.weight` [out, in], `actor.0.bias`, ..., `critic.*`, with a shared
 * trunk also `trunk.*`; `log_std` for Gaussian policies; `normaliser.obs.mean`, `.variance`, `.count` and the same of
 * `returns` if they are normalised, `obs` with the privileged entries last; all F32. What the environment is, the network's shape and where the weights come from
 * are in the metadata (docs/runs.md). `loadPolicy` also reads weights that another program stored as F16 or BF16.
 * @param env The environment; or only its id, and then the file does not describe it.
 * @param params One agent's padded parameters, `layoutNetwork(shape).paramStride` floats.
 * @param normaliser The statistics that normalise its observations and rewards.
 * @param actionScale With `scaleActions`, the bounds that its actions are scaled to; stored in the metadata.
 * @param origin How it was trained.
 */
export function policyFile(
  env: string | Pick<AnyEnvSpec, 'id'> | AnyEnvSpec,
  shape: NetworkShape,
  params: Float32Array,
  normaliser: NormaliserStats | null = null,
  actionScale: ActionScale | null = null,
  origin: Partial<PolicyOrigin> | null = null,
): Uint8Array {
  const layout = layoutNetwork(shape)
  if (params.length !== layout.paramStride) {
    throw new PolicyError(`params: ${params.length} floats, but this network takes ${layout.paramStride}.`)
  }
  const id = typeof env === 'string' ? env : env.id
  const metadata: Record<string, string> = { format: FORMAT, version: VERSION, env: id, shape: JSON.stringify(shape) }
  if (actionScale) metadata.actionScale = JSON.stringify(actionScale)
  if (typeof env !== 'string' && 'wgsl' in env) metadata.environment = JSON.stringify(environmentOf(env))
  if (origin) {
    const { config, ...others } = origin
    metadata.origin = JSON.stringify(others)
    if (config) metadata.config = JSON.stringify(config)
  }
  const tensors: TensorToWrite[] = unpackParams(layout, params)
  for (const [name, running] of Object.entries(normaliser ?? {}) as [keyof NormaliserStats, Running | null][]) {
    if (!running) continue
    for (const [part, values] of Object.entries({ ...running, count: [running.count] })) {
      tensors.push({ name: `normaliser.${name}.${part}`, shape: [values.length], data: Float32Array.from(values) })
    }
  }
  return writeSafetensors(tensors, metadata)
}

/**
 * Reads a file that `policyFile` wrote, or the policy in a checkpoint. The environment need not be known: what
 * is needed of it is in the file.
 * @param agent Which agent of a checkpoint, from 0.
 * @throws SafetensorsError or PolicyError if anything in the file is wrong.
 */
export function loadPolicy(bytes: Uint8Array, agent = 0): Policy {
  return makePolicy(readPolicy(bytes, agent))
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
  const environment = parseEnvironment(metadata.environment, shape)
  const numberOf = (name: string) => tensors.get(name)?.data[agent] as number | undefined
  const state = { seed: numberOf('progress.seed'), iterations: numberOf('progress.iteration') }
  const origin = parseOrigin(metadata, ofAgents ? state : null)
  const stats = normalising.length > 0 ? normaliser : null
  return { env, environment, origin, shape, params, normaliser: stats, actionScale }
}

/** Names and shapes of the tensors of a policy; with statistics if the file has any. */
function wantedTensors(layout: NetworkLayout, tensors: ReadonlyMap<string, Tensor>): Map<string, number[]> {
  const { shape } = layout
  const wanted = new Map<string, number[]>()
  for (const tensor of tensorsOf(layout)) wanted.set(tensor.name, tensor.shape)
  for (const name of NORMALISED.filter((name) => tensors.has(`normaliser.${name}.mean`))) {
    const size = name === 'obs' ? criticDim(shape) : 1
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
