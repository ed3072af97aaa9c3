/** A run from a file: a checkpoint continues bit-identically, a policy starts a new run with its weights. */

import { findEnv } from '../../envs/registry'
import { type Checkpoint, isCheckpoint, readCheckpoint } from '../checkpoint/checkpoint'
import { putWords, stateLayout, wordsOf } from '../checkpoint/tensors'
import {
  ConfigError,
  derivedSizes,
  type PpoConfig,
  type PpoOptions,
  presetOptions,
  resolveConfig,
} from '../config/config'
import type { EnvSpec } from '../env/contract'
import { checkSpec } from '../envcheck/spec'
import { largest } from '../extremes'
import { readSafetensors } from '../files/safetensors'
import { wgslConstant } from '../gpu/shaders'
import { actionScale } from '../model/actions'
import { networkOptions } from '../model/networkoptions'
import { type NetworkShape, networkShape } from '../model/networkshape'
import { OPTIONS, type OptionName } from '../options/options'
import { agentConfig } from '../options/sweep'
import { iterationsDone, RUNNING, type Snapshot } from '../plan/kept'
import { type PolicyData, readPolicy } from '../policy/policyfile'
import { learningRateAt, remainingAt } from '../reference/control'
import type { CreateOptions, Ppo } from './api'
import { openPpo } from './openppo'

/** All options of `createPpo`. The environment is that of the file, unless you give your own. */
export type LoadOptions = Partial<CreateOptions>

/**
 * Continues from a checkpoint (`ppo.save()`), or starts a run with the weights of a policy file.
 *
 * Of a checkpoint's options only `totalTimesteps` may change: linear schedules then run to the new end, from their
 * current value. With the same end, adapter and version, the results are bit-identical to a run without interruption.
 * With more timesteps than before, agents that had stopped because they solved the environment continue too, and
 * `stopWhenSolved` is false from then on: the results are bit-identical to a run with `stopWhenSolved` false that got
 * the same new end in the same iteration.
 * @param bytes The whole file.
 * @throws SafetensorsError, CheckpointError or PolicyError for an invalid file, ConfigError for options that contradict
 * it; all before any GPU call; GpuError without usable WebGPU.
 */
export async function loadPpo(bytes: Uint8Array, options: LoadOptions = {}): Promise<Ppo> {
  const { env, preset, device, gpu, onPreparing, signal: _, ...given } = options
  const { metadata } = readSafetensors(bytes)
  if (!isCheckpoint(metadata)) return fromPolicy(bytes, options)
  if (preset !== undefined) throw new ConfigError('preset: a checkpoint has its own options. Leave preset out.')
  if (env) checkSpec(env)
  const checkpoint = continued(readCheckpoint(bytes, env), given)
  const { spec, config, origin, snapshot } = checkpoint
  const { tuning, seconds } = origin
  return openPpo({ env: spec, config, device, gpu, onPreparing, snapshot, tuning, seconds })
}

/**
 * `checkpoint` with the `totalTimesteps` of `given`, if there is one.
 * @throws ConfigError if another option differs from the checkpoint's.
 */
export function continued(checkpoint: Checkpoint, given: object): Checkpoint {
  const before = checkpoint.config
  const resolved = resolveConfig(before, given, checkpoint.spec)
  const status = progressOf(checkpoint, 'status')
  const isOther = resolved.totalTimesteps !== before.totalTimesteps
  // Running agents may also get fewer timesteps than before; if none is running, they must get more than they have
  // trained.
  const isMore = resolved.totalTimesteps > before.totalTimesteps || !status.includes(RUNNING)
  const pastSolved = isOther && isMore && status.includes(SOLVED)
  const config = pastSolved ? { ...resolved, stopWhenSolved: false } : resolved
  for (const key of Object.keys(OPTIONS) as OptionName[]) {
    const [now, then] = [resolved, before].map((c) => JSON.stringify((c.sweep as Partial<PpoConfig>)[key] ?? c[key]))
    if (key === 'totalTimesteps' || now === then || (key === 'stopWhenSolved' && pastSolved)) continue
    throw new ConfigError(
      `config.${key}: ${now}, but the checkpoint was trained with ${then}. Leave ${key} out; only totalTimesteps may change.`,
    )
  }
  for (const name of Object.keys(resolved.envParams)) {
    const [now, then] = [resolved, before].map(({ envParams }) => JSON.stringify(envParams[name]))
    if (now === then) continue
    throw new ConfigError(
      `config.envParams.${name}: ${now}, but the checkpoint was trained with ${then}. Leave it out; only totalTimesteps may change.`,
    )
  }
  if (config.totalTimesteps === before.totalTimesteps) return checkpoint
  const iterations = largest(progressOf(checkpoint, 'iteration'), 0)
  const { batchSize, numIterations } = derivedSizes(config)
  if (numIterations < iterations) {
    throw new ConfigError(
      `config.totalTimesteps: ${config.totalTimesteps}, but the checkpoint has trained ${iterations * batchSize} already. ` +
        'Use more, or an earlier checkpoint.',
    )
  }
  return { ...checkpoint, config, snapshot: extended(checkpoint.snapshot, checkpoint.spec, config, pastSolved) }
}

/**
 * `status` in `progress` of an agent at the end of its iterations, and of one that stopped after solving its
 * environment.
 */
export const FINISHED = wgslConstant('shaders/lib/data/agent.wgsl', 'FINISHED')
export const SOLVED = wgslConstant('shaders/lib/data/agent.wgsl', 'SOLVED')

/** A field of `progress`, for every agent. */
export function progressOf({ spec, config, snapshot }: Checkpoint, field: 'iteration' | 'status'): number[] {
  const tensor = stateLayout(spec, config).tensors.find(({ name }) => name === `progress.${field}`)!
  return [...wordsOf(tensor, snapshot.buffers.progress!)]
}

/**
 * `snapshot` as if the run had always been as long as `config` says, with its schedules, and still running. Each agent
 * continues from its own last iteration; those that stopped at a fault stay stopped.
 */
function extended(snapshot: Snapshot, spec: EnvSpec, config: PpoConfig, pastSolved: boolean): Snapshot {
  const { tensors } = stateLayout(spec, config)
  const buffers = {
    ...snapshot.buffers,
    progress: snapshot.buffers.progress!.slice(0),
    stop: snapshot.buffers.stop!.slice(0),
  }
  const edit = (name: string) => {
    const tensor = tensors.find((t) => t.name === name)!
    const words = wordsOf(tensor, buffers[tensor.buffer as 'progress' | 'stop'])
    return { words, put: () => putWords(tensor, words, buffers[tensor.buffer as 'progress' | 'stop']) }
  }
  const [iteration, status, remaining, rate, stop] = [
    ...['progress.iteration', 'progress.status', 'progress.remaining', 'progress.learning_rate', 'stop'].map(edit),
  ]
  const { numIterations } = derivedSizes(config)
  const floats = (words: Uint32Array<ArrayBuffer>) => new Float32Array(words.buffer)
  const gates = stop.words.length / config.numAgents
  const mayGoOn = [RUNNING, FINISHED, ...(pastSolved ? [SOLVED] : [])]
  for (let agent = 0; agent < config.numAgents; agent++) {
    const own = agentConfig(config, agent)
    const next = iteration.words[agent] + 1
    if (next > numIterations || !mayGoOn.includes(status.words[agent])) continue
    status.words[agent] = RUNNING
    stop.words.fill(0, agent * gates, agent * gates + 2) // gates of the rollout and of the update
    floats(remaining.words)[agent] = remainingAt(own, next)
    if (own.annealLr) floats(rate.words)[agent] = learningRateAt(own, next)
  }
  for (const { put } of [status, remaining, rate, stop]) put()
  return { iterations: iterationsDone(iteration.words, status.words), buffers }
}

function envOf(id: string): EnvSpec {
  try {
    return findEnv(id)
  } catch (error) {
    throw new ConfigError(`${(error as Error).message} Give your own environment as env: a policy holds no code.`)
  }
}

/** A new run whose agents all start with the weights and the statistics of a policy file. */
function fromPolicy(bytes: Uint8Array, options: LoadOptions): Promise<Ppo> {
  const data = readPolicy(bytes)
  const { env = envOf(data.env), preset = 'default', device, gpu, onPreparing, signal: _, ...given } = options
  checkSpec(env)
  const config = configFrom(data, env, preset, given)
  return openPpo({ env, config, device, gpu, onPreparing, weights: data })
}

/**
 * The options of a run in `env` that begins with a policy: those of its network, its normalisation and its actions are
 * the policy's.
 * @throws ConfigError if `given` has others, or `env` takes another network.
 */
export function configFrom(data: PolicyData, env: EnvSpec, preset: string, given: PpoOptions): PpoConfig {
  const normalised = { normObs: data.normaliser?.obs != null, normReward: data.normaliser?.returns != null }
  const scaleActions = data.actionScale !== null
  const ofFile: PpoOptions = { ...networkOptions(data.shape), scaleActions, ...normalised }
  if (given.network !== undefined && (given.network === 'mlp') !== (ofFile.network === 'mlp')) {
    throw new ConfigError(
      `policy: network is ${JSON.stringify(ofFile.network)} in the file (trained on ${data.env}), but ` +
        `${JSON.stringify(given.network)} in this run. Leave network out.`,
    )
  }
  const config = resolveConfig({ ...presetOptions(env, preset), ...ofFile }, given, env)
  const shape = networkShape(env, config)
  for (const key of new Set(Object.keys({ ...shape, ...data.shape }) as (keyof NetworkShape)[])) {
    if (JSON.stringify(shape[key]) === JSON.stringify(data.shape[key])) continue
    throw new ConfigError(
      `policy: ${key} is ${JSON.stringify(data.shape[key])} in the file (trained on ${data.env}), but ` +
        `${JSON.stringify(shape[key])} in this run on ${env.id}. Use the environment and the network of the file.`,
    )
  }
  const [stored, own] = [data.actionScale, actionScale(env, config)].map((scale) => JSON.stringify(scale))
  if (stored !== own) {
    throw new ConfigError(
      `policy: its actions are scaled to ${stored} (trained on ${data.env}), those of this run on ${env.id} to ${own}. ` +
        'Use the environment of the file, and leave scaleActions out.',
    )
  }
  if (config.normObs !== normalised.normObs) {
    throw new ConfigError(
      `config.normObs: ${config.normObs}, but the policy in the file ${normalised.normObs ? 'has' : 'has no'} statistics ` +
        'of its observations, and its weights are for what it saw. Leave normObs out.',
    )
  }
  return config
}
