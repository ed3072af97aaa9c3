/** Reads a golden file, and determines its kind. */
import { readFileSync } from 'node:fs'
import { DUMP_FORMAT } from '../../src/files/formats'
import { readSafetensors, type SafetensorsFile } from '../../src/files/safetensors'
import { type PpoGolden, readPpoGolden } from '../../src/reference/golden'
import { UsageError } from '../cli/errors'
import { type Dump, readDump } from './dumpfile'
import { type GaeGolden, readGaeGolden } from './gae'
import { type Episode, isLander, readLander } from './landerfile'
import { isMinAtar, type MinAtarGolden, readMinAtar } from './minatarfile'
import { isPlanar, type PlanarGolden, readPlanar } from './planarfile'
import { readTransitionsGolden, type TransitionsGolden } from './transitions'

export type Golden =
  | { kind: 'update'; golden: PpoGolden }
  | { kind: 'gae'; golden: GaeGolden }
  | { kind: 'transitions'; golden: TransitionsGolden }
  | { kind: 'episodes'; golden: Episode[] }
  | { kind: 'mujoco'; golden: PlanarGolden }
  | { kind: 'minatar'; golden: MinAtarGolden }
  | { kind: 'dump'; golden: Dump }

/** @throws UsageError that names the file, for anything that is not exactly one of the kinds. */
export function readGolden(file: string): Golden {
  try {
    if (file.endsWith('.ndjson')) return { kind: 'episodes', golden: readLander(readFileSync(file, 'utf8'), true) }
    if (file.endsWith('.json')) return readJson(readFileSync(file, 'utf8'))
    if (file.endsWith('.safetensors')) {
      return readTensors(readSafetensors(new Uint8Array(readFileSync(file)), file))
    }
    throw new Error('not a golden file; they end in .safetensors, .json or .ndjson')
  } catch (error) {
    const message = (error as Error).message
    throw new UsageError(message.startsWith(file) ? message : `${file}: ${message}`)
  }
}

/**
 * Recorded episodes of LunarLander name their Box2D, steps of MuJoCo their model, those of MinAtar their game; other JSON
 * files are transitions.
 */
function readJson(text: string): Golden {
  const file = JSON.parse(text)
  if (isLander(file)) return { kind: 'episodes', golden: readLander(text, false) }
  if (isPlanar(file)) return { kind: 'mujoco', golden: readPlanar(text) }
  if (isMinAtar(file)) return { kind: 'minatar', golden: readMinAtar(text) }
  return { kind: 'transitions', golden: readTransitionsGolden(text) }
}

function readTensors(tensors: SafetensorsFile): Golden {
  if (tensors.metadata.format === DUMP_FORMAT) return { kind: 'dump', golden: readDump(tensors) }
  const names = [...tensors.tensors.keys()]
  for (const [name, { dtype, data }] of tensors.tensors) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
      tensors.tensors.set(name, { ...tensors.tensors.get(name)!, data: Float64Array.from(data, Number) })
      continue
    }
    if (data.some((v) => !Number.isFinite(v))) throw new Error(`${name}: a golden number (${dtype}) is not finite`)
  }
  if (tensors.metadata.config !== undefined) return { kind: 'update', golden: readPpoGolden(tensors) }
  if (names.length > 0 && names.every((name) => /^\d+x\d+\//.test(name)))
    return { kind: 'gae', golden: readGaeGolden(tensors) }
  throw new Error('neither a PPO update (no metadata.config) nor GAE (tensors named <steps>x<envs>/...)')
}
