/**
 * A dump of an agent that stopped at a fault: everything needed to compute the non-finite value again. Its buffers are
 * unchanged since, because its gates are closed. `verify` replays it (harness/verify/dump.ts).
 */
import type { PpoConfig } from '../config/config'
import { wordsOfRow } from '../env/grid'
import { DUMP_FORMAT, DUMP_VERSION } from '../files/formats'
import { type TensorToWrite, writeSafetensors } from '../files/safetensors'
import type { BufferRange } from '../gpu/dispatch'
import type { Kernel } from '../gpu/pipeline'
import { readRanges } from '../gpu/readback'
import { readStruct, reflectStruct } from '../gpu/reflect'
import type { MetricsRow, NotFinite } from '../metrics'
import { criticDim } from '../model/networkshape'
import { normaliserLayout, normaliserStride } from '../model/normaliser'
import { agentConfig } from '../options/sweep'
import { recordLayout } from '../plan/transition'
import { minibatchIndices } from '../reference/gather'
import { shuffleKeys } from '../reference/shuffle'
import { dumpShapes } from './dumptensors'
import type { Run } from './run'

/** The metadata besides the tensors, as JSON. */
export interface DumpFacts {
  agent: number
  /** From 1, as in the metrics row. */
  iteration: number
  notFinite: NotFinite
  plan: Run['plan']
  klCoef: number
  /**
   * Of the update that failed, if the fault is in an update: its learning rate, and the number of optimiser steps with
   * this one.
   */
  learningRate: number
  adamStep: number
  /** Steps of the environment's running episode so far; 0 in files of earlier versions. */
  episodicLength?: number
  library: string
  adapter: string
}

export const ofUpdate = ({ buffer }: NotFinite): boolean => buffer === 'gradients' || buffer === 'parameters'

/**
 * The dump of `agent`, whose last row is `row`, as a safetensors file. Tensors: parameters, moments [2]; for a fault of
 * the rollout the environment's records [numSteps + 1] and final observations [numSteps], its state, and the
 * normaliser's statistics; for a fault of an update its gradient, its records, and the moments of their advantages.
 */
export async function dumpFile(run: Run, agent: number, row: MetricsRow, adapter: string, library: string) {
  const { notFinite } = row
  if (!notFinite) throw new Error(`dump: agent ${agent} has met only finite numbers`)
  const { sizes, buffers, kernels, config } = run
  const struct = async (buffer: GPUBuffer, { code }: Kernel, name: string, index: number) => {
    const layout = reflectStruct(code, name)
    const [bytes] = await readRanges(run.gpu.device, [{ buffer, offset: index * layout.size, size: layout.size }])
    return readStruct(layout, new DataView(bytes)) as Record<string, number>
  }
  const progress = await struct(buffers.progress, kernels.control, 'Progress', agent)
  const update = ofUpdate(notFinite) ? notFinite.step : 0
  const stats = await struct(buffers.update_stats, kernels.control, 'UpdateStats', agent * sizes.numUpdates + update)
  const facts: DumpFacts = {
    ...{ agent, iteration: row.iteration, notFinite, plan: run.plan, klCoef: row.klCoef, library, adapter },
    learningRate: stats.learningRate,
    adamStep: progress.adamStep - row.updates + update + 1,
  }
  const { env } = notFinite
  if (!ofUpdate(notFinite)) {
    const episode = await struct(buffers.episodes, kernels.episode_stats, 'Episode', agent * sizes.numEnvs + env)
    facts.episodicLength = episode.episodicLength
  }
  const own = agentConfig(config, agent)
  const tensors = await readTensors(run, agent, row.iteration - 1, notFinite, own)
  return writeSafetensors(tensors, {
    ...{ format: DUMP_FORMAT, version: DUMP_VERSION, env: run.spec!.id },
    ...{ config: JSON.stringify(own), dump: JSON.stringify(facts) },
  })
}

/** `iteration` from 0. */
async function readTensors(
  run: Run,
  agent: number,
  iteration: number,
  notFinite: NotFinite,
  own: PpoConfig,
): Promise<TensorToWrite[]> {
  const { sizes, layout, buffers } = run
  const { numEnvs, numSteps, batchSize, minibatchSize, numMinibatches, numUpdates } = sizes
  const { paramStride, shape } = layout
  const record = recordLayout(shape)
  const { step, env } = notFinite
  const words = buffers.env_states.size / 4 / (sizes.numAgents * numEnvs)
  const obsWords = wordsOfRow(shape.observation)
  const { agentFloats } = normaliserLayout(criticDim(shape))
  const { both, update, rollout } = dumpShapes({
    ...{ paramStride, minibatchSize, numSteps, envWords: words, statistics: agentFloats },
    ...{ record: record.stride, obsStride: record.obsStride, obsWords },
  })
  const floats = (buffer: GPUBuffer, at: number, count: number): BufferRange => {
    return { buffer, offset: 4 * at, size: 4 * count }
  }
  const records = (rows: number[]): BufferRange[] => {
    const first = agent * (batchSize + numEnvs)
    return rows.map((row) => floats(buffers.transitions, (first + row) * record.stride, record.stride))
  }
  /** Rows of packed observations, of an agent's `rows` rows each. */
  const packed = (buffer: GPUBuffer, perAgent: number, rows: number[]): BufferRange[] =>
    rows.map((row) => floats(buffer, (agent * perAgent + row) * obsWords, obsWords))
  const wanted: { name: string; shape: number[]; ranges: BufferRange[]; words?: boolean }[] = [
    {
      name: 'parameters',
      shape: both.parameters,
      ranges: [floats(buffers.parameters, agent * paramStride, paramStride)],
    },
    {
      name: 'moments',
      shape: both.moments,
      ranges: [floats(buffers.moments, agent * 2 * paramStride, 2 * paramStride)],
    },
  ]
  if (ofUpdate(notFinite)) {
    const indices = new Uint32Array(minibatchSize)
    const keys = shuffleKeys(own.seed, iteration, Math.floor(step / numMinibatches))
    minibatchIndices(step % numMinibatches, batchSize, keys, indices)
    wanted.push(
      {
        name: 'gradient',
        shape: update.gradient,
        ranges: [floats(buffers.gradients, agent * paramStride, paramStride)],
      },
      { name: 'minibatch', shape: update.minibatch, ranges: records([...indices]) },
      {
        name: 'advantage_moments',
        shape: update.advantage_moments,
        ranges: [floats(buffers.advantage_moments, 2 * (agent * numUpdates + step), 2)],
      },
    )
    if (obsWords > 0) {
      wanted.push({
        name: 'minibatch_observations',
        shape: update.minibatch_observations,
        ranges: packed(buffers.observations, batchSize + numEnvs, [...indices]),
        words: true,
      })
    }
  } else {
    const steps = Array.from({ length: numSteps }, (_, t) => t)
    const ofEnv = (t: number): number => t * numEnvs + env
    const finalRow = (t: number) => ((agent * numSteps + t) * numEnvs + env) * record.obsStride
    const withLast = [...steps, numSteps].map(ofEnv)
    if (obsWords > 0) {
      wanted.push(
        {
          name: 'observations',
          shape: rollout.observations,
          ranges: packed(buffers.observations, batchSize + numEnvs, withLast),
          words: true,
        },
        {
          name: 'final_observations',
          shape: rollout.final_observations,
          ranges: packed(buffers.final_observations, batchSize, steps.map(ofEnv)),
          words: true,
        },
      )
    } else {
      const ranges = steps.map((t) => floats(buffers.final_obs, finalRow(t), record.obsStride))
      wanted.push({ name: 'final_obs', shape: rollout.final_obs, ranges })
    }
    wanted.push(
      { name: 'records', shape: rollout.records, ranges: records(withLast) },
      {
        name: 'env_state',
        shape: rollout.env_state,
        ranges: [floats(buffers.env_states, (agent * numEnvs + env) * words, words)],
        words: true,
      },
    )
    if (buffers.normaliser) {
      const at = agent * normaliserStride(criticDim(shape), numEnvs)
      wanted.push({
        name: 'normaliser',
        shape: rollout.normaliser,
        ranges: [floats(buffers.normaliser, at, agentFloats)],
      })
    }
  }
  const parts = await readRanges(
    run.gpu.device,
    wanted.flatMap(({ ranges }) => ranges),
  )
  return wanted.map(({ name, shape, ranges, words }) => {
    const own = parts.splice(0, ranges.length).flatMap((bytes) => [...new Uint32Array(bytes)])
    const bits = Uint32Array.from(own)
    return { name, shape, data: words ? bits : new Float32Array(bits.buffer) }
  })
}
