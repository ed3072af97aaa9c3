/**
 * A checkpoint: the whole state of training, stored bit-identically in one safetensors file. The first axis of a tensor
 * is the agent: the weights under the names of policy files, `adam.m.*` and `adam.v.*`, `env.*`, `episode.*`,
 * `progress.*`, `normaliser.*`, `stop` and `return_window` (src/checkpoint/tensors.ts). The configuration is in the
 * metadata.
 */

import { findEnv } from '../../envs/registry'
import { derivedSizes, type PpoConfig, type PpoOptions, resolveConfig } from '../config/config'
import type { AnyEnvSpec, EnvSpec } from '../env/contract'
import { CHECKPOINT_FORMAT, unknownKey, VERSION } from '../files/formats'
import { readSafetensors, type Tensor, type TensorToWrite, writeSafetensors } from '../files/safetensors'
import { actionScale } from '../model/actions'
import { networkShape } from '../model/network'
import { iterationsDone, type Snapshot } from '../plan/kept'
import type { Tuning } from '../plan/tuned'
import { environmentOf } from '../policy/environment'
import { tensorsOfToday } from './oldcheckpoint'
import { emptyBuffers, putWords, type StateTensor, stateLayout, wordsOf } from './tensors'

/** A file that is valid safetensors but not a checkpoint of this project. The message says where and what is wrong. */
export class CheckpointError extends Error {
  override name = 'CheckpointError'
}

/** What computed a checkpoint: continued training is bit-identical only on the same adapter and version. */
export interface CheckpointOrigin {
  /** Version of this library. */
  library: string
  /** Such as `google swiftshader`, and whether it computes on the CPU. */
  adapter: string
  software: boolean
  plan: string
  /** Threads of the fused kernels; on the same adapter they are reused, not searched for again. */
  tuning: Tuning
  /** Seconds of training so far. */
  seconds: number
}

export interface Checkpoint {
  spec: EnvSpec
  config: PpoConfig
  origin: CheckpointOrigin
  snapshot: Snapshot
}

/** Writes a checkpoint. */
export function checkpointFile({ spec, config, origin, snapshot }: Checkpoint): Uint8Array {
  const { tensors } = stateLayout(spec, config)
  const toWrite: TensorToWrite[] = tensors.map((tensor) => {
    const words = wordsOf(tensor, snapshot.buffers[tensor.buffer]!)
    return { name: tensor.name, shape: tensor.shape, data: new KINDS[tensor.dtype](words.buffer) }
  })
  const { numIterations } = derivedSizes(config)
  const scale = actionScale(spec, config)
  return writeSafetensors(toWrite, {
    format: CHECKPOINT_FORMAT,
    version: VERSION,
    env: spec.id,
    shape: JSON.stringify(networkShape(spec, config)),
    ...(scale ? { actionScale: JSON.stringify(scale) } : {}),
    environment: JSON.stringify(environmentOf(spec)),
    config: JSON.stringify(config),
    iterations: `${snapshot.iterations} of ${numIterations}`,
    origin: JSON.stringify(origin),
  })
}

const KINDS = { F32: Float32Array, U32: Uint32Array, I32: Int32Array }

/** Whether the metadata are those of a checkpoint; whether the rest is valid is found when it is read. */
export const isCheckpoint = (metadata: Record<string, string>): boolean => metadata.format === CHECKPOINT_FORMAT

/**
 * Reads a file that `checkpointFile` wrote, completely or not at all.
 * @param env The environment, if it is not one of this project's own.
 * @param file Name of the file, for messages.
 * @throws SafetensorsError or CheckpointError for the first thing that is wrong.
 */
export function readCheckpoint(bytes: Uint8Array, env?: AnyEnvSpec, file = 'checkpoint'): Checkpoint {
  const { metadata, tensors } = readSafetensors(bytes, file)
  const fail = (where: string, what: string): never => {
    throw new CheckpointError(`${file}: ${where}: ${what}.`)
  }
  const text = (key: string): string => metadata[key] ?? fail(`metadata.${key}`, 'is missing')
  if (text('format') !== CHECKPOINT_FORMAT) {
    fail('metadata.format', `${JSON.stringify(metadata.format)} is not ${JSON.stringify(CHECKPOINT_FORMAT)}`)
  }
  if (text('version') !== VERSION) {
    fail('metadata.version', `${JSON.stringify(metadata.version)} is not ${JSON.stringify(VERSION)}`)
  }
  const unknown = unknownKey(metadata)
  if (unknown !== undefined) fail(`metadata.${unknown}`, 'the key is not known')
  const parse = (key: string): Record<string, unknown> => {
    const value = tryJson(text(key))
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : fail(`metadata.${key}`, 'is not a JSON object')
  }
  const spec = readSpec(text('env'), env, fail)
  const config = readConfig(parse('config'), spec, fail)
  const scale = actionScale(spec, config)
  const [stored, own] = [metadata.actionScale, scale ? JSON.stringify(scale) : undefined]
  if (stored !== own) {
    fail(
      'metadata.actionScale',
      `${stored ?? 'nothing'}, but the actions of ${spec.id} are scaled to ${own ?? 'nothing'}`,
    )
  }
  const origin = readOrigin(parse('origin'), fail)
  const snapshot = readState(tensors, spec, config, fail)
  return { spec, config, origin, snapshot }
}

type Fail = (where: string, what: string) => never

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readSpec(id: string, env: EnvSpec | undefined, fail: Fail): EnvSpec {
  if (env) return env.id === id ? env : fail('metadata.env', `${JSON.stringify(id)} is not ${JSON.stringify(env.id)}`)
  try {
    return findEnv(id)
  } catch (error) {
    return fail('metadata.env', `${(error as Error).message.replace(/\.$/, '')}; give your own environment as env`)
  }
}

/** Every option must be valid; options that a later version added get their defaults. */
function readConfig(given: Record<string, unknown>, spec: EnvSpec, fail: Fail): PpoConfig {
  try {
    return resolveConfig({}, given as PpoOptions, spec)
  } catch (error) {
    return fail('metadata.config', (error as Error).message.replace(/\.$/, ''))
  }
}

/** What each field of the origin must be. */
const ORIGIN: Record<keyof CheckpointOrigin, (value: unknown) => boolean> = {
  library: (value) => typeof value === 'string',
  adapter: (value) => typeof value === 'string',
  software: (value) => typeof value === 'boolean',
  plan: (value) => value === 'layered' || value === 'fused',
  tuning: isTuning,
  seconds: (value) => typeof value === 'number' && value >= 0,
}

function isTuning(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { source, threads } = value as Record<string, unknown>
  const isThreads = (n: unknown) => Number.isInteger(n) && (n as number) >= 1 && (n as number) <= 1024
  if (source !== 'table' && source !== 'measured') return false
  return typeof threads === 'object' && threads !== null && Object.values(threads).every(isThreads)
}

function readOrigin(given: Record<string, unknown>, fail: Fail): CheckpointOrigin {
  for (const [field, valid] of Object.entries(ORIGIN)) {
    if (!valid(given[field])) fail(`metadata.origin.${field}`, `${JSON.stringify(given[field])} is not valid`)
  }
  return given as unknown as CheckpointOrigin
}

/** Status of an agent that stopped for a non-finite value: its state may contain such values. */
const NOT_FINITE = 3

function readState(written: ReadonlyMap<string, Tensor>, spec: EnvSpec, config: PpoConfig, fail: Fail): Snapshot {
  const tensors = tensorsOfToday(written)
  const layout = stateLayout(spec, config)
  const wanted = new Map(layout.tensors.map((tensor) => [tensor.name, tensor]))
  for (const [name, { dtype, shape }] of tensors) {
    const expected = wanted.get(name)
    const where = `tensor ${JSON.stringify(name)}`
    if (!expected) return fail(where, 'this run has no such tensor')
    if (dtype !== expected.dtype || String(shape) !== String(expected.shape)) {
      const why = dtype === expected.dtype ? '' : '; a checkpoint must have the types that it was written with'
      fail(where, `${dtype} [${shape}], expected ${expected.dtype} [${expected.shape}]${why}`)
    }
  }
  const missing = layout.tensors.find(({ name }) => !tensors.has(name))
  if (missing) fail(`tensor ${JSON.stringify(missing.name)}`, 'missing')
  const numbers = (name: string) => tensors.get(name)!.data as Uint32Array
  const status = checkProgress(numbers('progress.status'), numbers('progress.iteration'), config, fail)
  for (const tensor of layout.tensors) checkFinite(tensor, tensors.get(tensor.name)!, status, fail)
  const buffers = emptyBuffers(layout)
  for (const tensor of layout.tensors) {
    const { data } = tensors.get(tensor.name)!
    putWords(tensor, new Uint32Array(data.buffer, data.byteOffset, data.length), buffers[tensor.buffer]!)
  }
  return { iterations: iterationsDone(numbers('progress.iteration'), status), buffers }
}

function checkProgress(status: Uint32Array, iteration: Uint32Array, config: PpoConfig, fail: Fail): Uint32Array {
  const { numIterations } = derivedSizes(config)
  const unknown = status.findIndex((s) => s > NOT_FINITE)
  if (unknown >= 0) fail('tensor "progress.status"', `element ${unknown} is ${status[unknown]}, above ${NOT_FINITE}`)
  const beyond = iteration.findIndex((i) => i > numIterations)
  if (beyond >= 0) {
    fail('tensor "progress.iteration"', `element ${beyond} is ${iteration[beyond]}, of ${numIterations} iterations`)
  }
  return status
}

function checkFinite({ name, dtype, shape }: StateTensor, { data }: Tensor, status: Uint32Array, fail: Fail): void {
  if (dtype !== 'F32') return
  const perAgent = data.length / shape[0]
  const bad = (data as Float32Array).findIndex(
    (x, i) => !Number.isFinite(x) && status[Math.floor(i / perAgent)] !== NOT_FINITE,
  )
  if (bad >= 0) fail(`tensor ${JSON.stringify(name)}`, `element ${bad} is ${data[bad]}`)
}
