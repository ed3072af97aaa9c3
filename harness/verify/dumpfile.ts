/** A dump, read from its file, and the results of repeating its step. */

import { findEnv } from '../../envs/registry'
import { type PpoConfig, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { DUMP_VERSION } from '../../src/files/formats'
import type { SafetensorsFile } from '../../src/files/safetensors'
import { HEALTH_BUFFERS, type NotFinite } from '../../src/metrics'
import { layoutNetwork, type NetworkLayout, networkShape } from '../../src/model/network'
import { type RecordLayout, recordLayout } from '../../src/plan/transition'
import type { DumpFacts } from '../../src/run/dump'

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

/** The results of a repeated part of the algorithm. */
export interface Replayed {
  /** `env_step`, `policy`, ... */
  part: string
  /** Its results by buffer: all their numbers. */
  results: Partial<Record<NotFinite['buffer'], ArrayLike<number>>>
}

/**
 * @param env The environment, if it is not one of this project's own.
 * @throws if the file does not contain what its metadata say.
 */
export function readDump({ metadata, tensors }: SafetensorsFile, env?: EnvSpec): Dump {
  if (metadata.version !== DUMP_VERSION) {
    throw new Error(
      `metadata.version: ${JSON.stringify(metadata.version)}; this version replays dumps of version ${DUMP_VERSION}, ` +
        'whose records have another layout. Use the version of ppo-webgpu that wrote it.',
    )
  }
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
