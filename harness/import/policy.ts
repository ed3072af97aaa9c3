/** A policy of another program as a policy file of this one. */
import type { EnvSpec } from '../../src/env/contract'
import { obsDim } from '../../src/env/contract'
import { CHECKPOINT_FORMAT, POLICY_FORMAT } from '../../src/files/formats'
import { readSafetensors, SafetensorsError, type SafetensorsFile, type Tensor } from '../../src/files/safetensors'
import type { Activation } from '../../src/options/options'
import { policyFile } from '../../src/policy/policyfile'
import { type ImportedNetwork, importNetwork } from './network'
import { refuse } from './refuse'
import { MOST_JSON, readFacts } from './sb3'
import { isStatistic, LINES, readStats } from './stats'
import { readStateDict } from './torch'
import { isZip, MOST_BYTES, openZip, type Zip } from './zip'

/** A file, read into memory. */
export interface Given {
  name: string
  bytes: Uint8Array
}

export interface Imported extends Pick<ImportedNetwork, 'shape' | 'numParams' | 'copied'> {
  /** The policy file. */
  file: Uint8Array
  /** What wrote it: `Stable-Baselines3 2.9.2`, or whose names its tensors have. */
  source: string
  /** What the statistics normalise. */
  normalised: ('observations' | 'rewards')[]
  /** Of training, where the file says it. */
  steps: number | null
  seed: number | null
  /** Whether it may have been trained with statistics that were not given. */
  mayLackStats: boolean
}

export interface ImportOptions {
  /** Null: as the file says, and tanh where it does not. */
  activation: Activation | null
  /** Statistics, or that there were none; null if that was not said. */
  stats: Given | 'none' | null
}

const SAVE = 'Save the state_dict as safetensors: docs/import.md has the lines of Python'

/** @throws UsageError for anything that is not a policy that `spec` takes. No code of the file is ever run. */
export function importPolicy({ name, bytes }: Given, spec: EnvSpec, { activation, stats }: ImportOptions): Imported {
  if (spec.observation) {
    refuse(`--env: ${spec.id}`, 'its observation is a grid', 'Only networks for lists of numbers are imported')
  }
  if (spec.privileged) {
    const why = `the critic of ${spec.id} also sees ${spec.privileged.join(', ')}`
    refuse(`--env: ${spec.id}`, why, 'Only networks whose actor and critic see the same are imported')
  }
  const read = isZip(bytes) ? fromZip(openZip(bytes, name), name, spec) : fromSafetensors({ name, bytes })
  if (activation && read.activation && activation !== read.activation) {
    refuse('--activation', `${activation}, but ${name} was trained with ${read.activation}`, 'Leave --activation out')
  }
  const own = new Map([...read.tensors].filter(([key]) => isStatistic(key)))
  const weights = new Map([...read.tensors].filter(([key]) => !isStatistic(key)))
  const network = importNetwork(weights, read.where, spec, activation ?? read.activation ?? 'tanh')
  const given = stats === null || stats === 'none' ? null : statsIn(stats)
  if (own.size > 0 && stats !== null) refuse('--stats', `${name} has statistics of its own`, 'Leave --stats out')
  const normaliser = given
    ? readStats(given, (stats as Given).name, obsDim(spec))
    : readStats(own, read.where, obsDim(spec))
  if (given && !normaliser) refuse((stats as Given).name, 'has no statistics', LINES)
  const { steps = null, seed = null } = read
  const source = read.program ?? network.program
  const origin = { library: null, adapter: read.program ?? null, seed, steps, score: null, config: null }
  const normalised: Imported['normalised'] = [
    ...(normaliser?.obs ? ['observations' as const] : []),
    ...(normaliser?.returns ? ['rewards' as const] : []),
  ]
  return {
    ...{ shape: network.shape, numParams: network.numParams, copied: network.copied, source, normalised, steps, seed },
    file: policyFile(spec, network.shape, network.params, normaliser, null, origin),
    mayLackStats: stats === null && !normaliser && source.startsWith('Stable-Baselines3'),
  }
}

interface Read {
  tensors: ReadonlyMap<string, Tensor>
  /** Where they are, for messages. */
  where: string
  /** Null where the file does not say it. */
  activation: Activation | null
  program?: string
  steps?: number | null
  seed?: number | null
}

function fromZip(zip: Zip, name: string, spec: EnvSpec): Read {
  const [data, weights] = [zip.read('data', MOST_JSON), zip.read('policy.pth')]
  if (!data || !weights) {
    if (zip.names.some((entry) => entry.endsWith('/data.pkl'))) {
      refuse(name, 'is a file of torch.save, not a model of Stable-Baselines3', SAVE)
    }
    refuse(
      name,
      `has no entries data and policy.pth, but ${zip.names.slice(0, 3).join(', ') || 'none'}`,
      'Give the ZIP that model.save() of Stable-Baselines3 wrote',
    )
  }
  const facts = readFacts(data!, `${name}/data`, spec)
  const where = `${name}/policy.pth`
  const version = new TextDecoder().decode(zip.read('_stable_baselines3_version', 1000) ?? new Uint8Array())
  const known = /^[\w.+-]{1,40}$/.test(version.trim()) ? ` ${version.trim()}` : ''
  return { ...facts, tensors: readStateDict(weights!, where), where, program: `Stable-Baselines3${known}` }
}

function fromSafetensors(given: Given): Read {
  const { metadata, tensors } = readTensors(given)
  const { format } = metadata
  if (format === POLICY_FORMAT || format === CHECKPOINT_FORMAT) {
    refuse(given.name, 'is a file of ppo-webgpu already', 'Use it as it is: eval, record and train --policy take it')
  }
  return { tensors, where: given.name, activation: null }
}

/** @throws UsageError, also for a pickle, whose name says what it is or whose first byte does. */
function readTensors({ name, bytes }: Given): SafetensorsFile {
  if (/\.(pkl|pickle)$/i.test(name) || bytes[0] === 0x80) {
    if (/norm/i.test(name))
      refuse(name, 'is a pickle, which could run any code', `Give its statistics as safetensors; ${LINES}`)
    refuse(name, 'is a pickle, or a file of PyTorch before 1.6, which could run any code', SAVE)
  }
  try {
    return readSafetensors(bytes, name)
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error
    return refuse(error.message.replace(/\.$/, ''), 'it is no ZIP of Stable-Baselines3 either', SAVE)
  }
}

function statsIn(given: Given): ReadonlyMap<string, Tensor> {
  if (isZip(given.bytes)) refuse(given.name, 'is a ZIP, not a safetensors file', `Give the statistics; ${LINES}`)
  return readTensors(given).tensors
}

export { MOST_BYTES }
