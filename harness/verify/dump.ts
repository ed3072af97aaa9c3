/** Dumps of agents that met a number that is not finite: the step that led to it, again on the GPU and the reference. */
import type { EnvSpec } from '../../envs/env'
import { findEnv } from '../../envs/registry'
import { type PpoConfig, resolveConfig } from '../../src/config'
import { type DumpFacts, ofUpdate } from '../../src/dump'
import { HEALTH_BUFFERS, type NotFinite } from '../../src/metrics'
import { layoutNetwork, type NetworkLayout, networkShape } from '../../src/network'
import { type RecordLayout, recordLayout } from '../../src/record'
import type { SafetensorsFile } from '../../src/safetensors'
import type { Runtime } from '../runtime'
import type { Check, Side } from './check'
import { envOnGpu, envOnReference } from './dumpenv'
import { forwardOnGpu, forwardOnReference, gaeOnGpu, gaeOnReference } from './dumprollout'
import { adamOnGpu, adamOnReference, gradientOnGpu, gradientOnReference } from './dumpupdate'

export interface Dump {
  spec: EnvSpec
  config: PpoConfig
  facts: DumpFacts
  layout: NetworkLayout
  record: RecordLayout
  /** f32 tensors, and `env_state` in words. */
  floats(name: string): Float32Array
  words(name: string): Uint32Array
}

/** What a part of the algorithm gave when it was done again. */
export interface Replayed {
  /** `env_step`, `policy`, ... */
  part: string
  /** Its results by the buffer that they stand in: all their numbers. */
  results: Partial<Record<NotFinite['buffer'], ArrayLike<number>>>
}

/**
 * @param env The environment, where it is not one of this project's own.
 * @throws when the file does not hold what its metadata promise.
 */
export function readDump({ metadata, tensors }: SafetensorsFile, env?: EnvSpec): Dump {
  const spec = env ?? findEnv(metadata.env ?? '')
  const config = resolveConfig({}, JSON.parse(metadata.config ?? '{}'), spec)
  const facts = JSON.parse(metadata.dump ?? 'null') as DumpFacts | null
  if (!facts || !HEALTH_BUFFERS.includes(facts.notFinite?.buffer)) throw new Error('metadata.dump: names no buffer')
  const layout = layoutNetwork(networkShape(spec, config))
  const wrong = (name: string): never => {
    throw new Error(`tensor ${JSON.stringify(name)}: missing, or of another type`)
  }
  const dump: Dump = {
    ...{ spec, config, facts, layout, record: recordLayout(layout.shape) },
    floats: (name) => {
      const { dtype, data } = tensors.get(name) ?? wrong(name)
      return dtype === 'F32' ? (data as Float32Array) : wrong(name)
    },
    words: (name) => {
      const { dtype, data } = tensors.get(name) ?? wrong(name)
      return dtype === 'U32' ? (data as Uint32Array) : wrong(name)
    },
  }
  if (dump.floats('parameters').length !== layout.paramStride) {
    throw new Error(`tensor "parameters": ${dump.floats('parameters').length} numbers, expected ${layout.paramStride}`)
  }
  return dump
}

type Replay = [reference: (dump: Dump) => Replayed, gpu: (dump: Dump, runtime: Runtime) => Promise<Replayed>]
const ENVIRONMENT: Replay = [envOnReference, envOnGpu]
const POLICY: Replay = [forwardOnReference, forwardOnGpu]
const REPLAYS: Record<NotFinite['buffer'], Replay> = {
  obs: ENVIRONMENT,
  states: ENVIRONMENT,
  rewards: ENVIRONMENT,
  finalObs: ENVIRONMENT,
  logits: POLICY,
  actions: POLICY,
  logprobs: POLICY,
  values: POLICY,
  advantages: [gaeOnReference, gaeOnGpu],
  gradients: [gradientOnReference, gradientOnGpu],
  parameters: [adamOnReference, adamOnGpu],
}

export const replayDumpReference = (dump: Dump): Check[] => [
  toCheck(dump, 'reference', REPLAYS[dump.facts.notFinite.buffer][0](dump)),
]

export const replayDumpGpu = async (dump: Dump, runtime: Runtime): Promise<Check[]> => [
  toCheck(dump, 'gpu', await REPLAYS[dump.facts.notFinite.buffer][1](dump, runtime)),
]

/**
 * Passed when the number came about again. The reference computes in float64, where fewer numbers overflow: it says what
 * it found, and never fails.
 */
function toCheck({ facts }: Dump, side: Side, { part, results }: Replayed): Check {
  const { buffer, step, env } = facts.notFinite
  const bad = Object.entries(results).flatMap(([name, numbers]) => {
    const found = Array.from(numbers).filter((x) => !Number.isFinite(side === 'gpu' ? x : Math.fround(x)))
    return found.length > 0 ? [`${found.length === 1 ? String(found[0]) : `${found.length} numbers`} in ${name}`] : []
  })
  const where = ofUpdate(facts.notFinite) ? `update ${step}` : `step ${step}, env ${env}`
  const said =
    bad.length > 0 ? `reproduced: ${part} gives ${bad.join(', ')}` : `not reproduced: ${part} gives finite numbers`
  const none = { maxAbsError: null, maxRelError: null, limit: 0, measure: 'abs' as const }
  return {
    name: `${buffer} of ${where}`,
    side,
    ...none,
    ok: side === 'reference' || bad.length > 0,
    worst: `; ${said}`,
  }
}
