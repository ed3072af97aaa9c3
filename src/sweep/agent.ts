/** One agent of a batch: where it begins, and what came of it. */

import { readCheckpoint } from '../checkpoint/checkpoint'
import { latestEpisodes } from '../checkpoint/latest'
import { resolveConfig } from '../config/config'
import type { EnvSpec } from '../env/contract'
import { readSafetensors } from '../files/safetensors'
import type { PpoConfig } from '../options/options'
import { Curve } from './curve'
import type { Batch, Fingerprint, Member } from './types'

/** `status` in `progress`: shaders/lib/data/agent.wgsl. */
export const STATUS = ['running', 'finished', 'finished', 'notFinite'] as const

/** The state of one agent in a checkpoint. */
export interface AgentState {
  bytes: Uint8Array
  config: PpoConfig
  iterations: number
  status: (typeof STATUS)[number]
  /** Mean return of the latest episodes: at least 100, or all that ended so far; null without any. */
  score: number | null
  /** Padded parameters. */
  params: Float32Array
  adapter: string
  library: string
}

/** @throws CheckpointError or SafetensorsError unless `bytes` is a checkpoint of one agent. */
export function agentState(bytes: Uint8Array, spec: EnvSpec): AgentState {
  const { config, origin, snapshot } = readCheckpoint(bytes, spec)
  const { tensors } = readSafetensors(bytes)
  const [iterations, status, next] = ['iteration', 'status', 'window_next'].map((name) =>
    Number(tensors.get(`progress.${name}`)!.data[0]),
  )
  const { returnMean } = latestEpisodes(new Float32Array(snapshot.buffers.return_window!), 0, next)
  return {
    ...{ bytes, config, iterations, status: STATUS[status] },
    score: STATUS[status] === 'notFinite' || !Number.isFinite(returnMean) ? null : returnMean,
    params: new Float32Array(snapshot.buffers.parameters!),
    ...{ adapter: origin.adapter, library: origin.library },
  }
}

/** An agent on its way to the end of the rung. */
export interface Agent {
  member: Member
  /** Of it alone. */
  config: PpoConfig
  /** Null at the beginning. */
  state: AgentState | null
  /** Whether parts of it were computed with another fingerprint. */
  mixed: boolean
  /** Seconds of training in this rung. */
  seconds: number
  curve: Curve
}

/** The configuration of a member. @throws ConfigError if its values are not valid in it. */
export function memberConfig({ config }: Batch, { seed, sweep, envParams }: Member, spec: EnvSpec): PpoConfig {
  return resolveConfig({}, { ...config, ...sweep, seed, envParams: { ...config.envParams, ...envParams } }, spec)
}

/**
 * A member at the beginning of the rung.
 * @param from The contents of its `from`.
 * @throws ConfigError, CheckpointError or SafetensorsError for what the trial alone is to blame for.
 */
export function beginning(
  batch: Batch,
  member: Member,
  from: Uint8Array | null,
  spec: EnvSpec,
  here: Fingerprint,
): Agent {
  const config = memberConfig(batch, member, spec)
  const state = from && agentState(from, spec)
  if (state && !isSame(state.config, config)) {
    throw new Error(`the checkpoint ${member.from?.name} is of an agent with other options than trial ${member.trial}`)
  }
  const last = Math.floor(batch.until / batchSize(config))
  const mixed = state !== null && (state.adapter !== here.adapter || state.library !== here.version)
  return { member, config, state, mixed, seconds: 0, curve: new Curve(state?.iterations ?? 0, last) }
}

const batchSize = ({ numEnvs, numSteps }: PpoConfig): number => numEnvs * numSteps

const sorted = (value: object): unknown =>
  JSON.stringify(value, (_, part) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
/** Whether two configurations are equal, in whatever order their options are. */
export const isSame = (a: PpoConfig, b: PpoConfig): boolean => sorted(a) === sorted(b)
