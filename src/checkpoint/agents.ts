/** Checkpoints of populations as checkpoints of their agents, and the other way around; no bit of an agent changes. */
import { derivedSizes, type PpoConfig } from '../config/config'
import type { AnyEnvSpec } from '../env/contract'
import { readSafetensors, type Tensor, type TensorToWrite, writeSafetensors } from '../files/safetensors'
import { joinAgents } from '../options/population'
import { agentConfig } from '../options/sweep'
import { iterationsDone, RUNNING } from '../plan/kept'
import { CheckpointError, readCheckpoint } from './checkpoint'

/**
 * One checkpoint for each agent in `bytes`, of one agent each: numAgents 1, with its own seed and values.
 * @throws SafetensorsError or CheckpointError if `bytes` is not a valid checkpoint in `spec`.
 */
export function splitCheckpoint(bytes: Uint8Array, spec: AnyEnvSpec): Uint8Array[] {
  const { config } = readCheckpoint(bytes, spec)
  const { metadata, tensors } = readSafetensors(bytes)
  return Array.from({ length: config.numAgents }, (_, agent) => {
    const own = [...tensors].map(([name, { shape, data }]) => {
      const length = data.length / shape[0]
      return { name, shape: [1, ...shape.slice(1)], data: data.slice(agent * length, (agent + 1) * length) }
    })
    return written(own as TensorToWrite[], metadata, agentConfig(config, agent))
  })
}

/**
 * One checkpoint of all agents in `files`, in order. Agents that have stopped may have done fewer iterations.
 * @throws SafetensorsError or CheckpointError for an invalid file, or if agents have done different numbers of
 * iterations; ConfigError if their shapes differ.
 */
export function joinCheckpoints(files: readonly Uint8Array[], spec: AnyEnvSpec): Uint8Array {
  if (files.length === 1) return files[0]
  const read = files.map((bytes, i) => {
    const { config } = readCheckpoint(bytes, spec, `checkpoint ${i}`)
    return { config, ...readSafetensors(bytes) }
  })
  const agents = read.flatMap(({ config }) =>
    Array.from({ length: config.numAgents }, (_, k) => agentConfig(config, k)),
  )
  const joined = [...read[0].tensors].map(([name, { shape, data }]) => {
    const all = read.map(({ tensors }, i) => tensors.get(name) ?? missing(name, i))
    const whole = new (data.constructor as Float32ArrayConstructor)(all.reduce((sum, t) => sum + t.data.length, 0))
    let at = 0
    for (const tensor of all) {
      whole.set(tensor.data as Float32Array, at)
      at += tensor.data.length
    }
    return { name, shape: [agents.length, ...shape.slice(1)], data: whole }
  })
  const config = joinAgents(agents)
  checkTogether(joined)
  return written(joined, read[0].metadata, config)
}

/** Tensors of a file by an earlier version may have other names. */
function missing(name: string, file: number): never {
  throw new CheckpointError(`checkpoint ${file}: tensor ${JSON.stringify(name)}: missing, but checkpoint 0 has it.`)
}

type Named = Pick<Tensor, 'shape' | 'data'> & { name: string }

const numbersOf = (tensors: readonly Named[], name: string): Uint32Array =>
  tensors.find((tensor) => tensor.name === name)!.data as unknown as Uint32Array

function checkTogether(tensors: readonly Named[]): void {
  const status = numbersOf(tensors, 'progress.status')
  const iterations = [...numbersOf(tensors, 'progress.iteration')]
  const running = iterations.filter((_, agent) => status[agent] === RUNNING)
  const other = running.find((count) => count !== running[0])
  if (other === undefined) return
  throw new CheckpointError(
    `checkpoints: agents after ${running[0]} and after ${other} iterations cannot go on together. Join those of one count.`,
  )
}

function written(tensors: TensorToWrite[], metadata: Record<string, string>, config: PpoConfig): Uint8Array {
  const [iteration, status] = ['progress.iteration', 'progress.status'].map((name) =>
    numbersOf(tensors as Named[], name),
  )
  const iterations = `${iterationsDone(iteration, status)} of ${derivedSizes(config).numIterations}`
  return writeSafetensors(tensors, { ...metadata, config: JSON.stringify(config), iterations })
}
