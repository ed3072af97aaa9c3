/** The pipelines of runs, each once: linked sources with their override constants. No GPU is needed here. */
import { createHash } from 'node:crypto'
import { type PpoOptions, presetOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { type Binding, reflectBindings } from '../../src/gpu/reflect'
import { workgroupMemory } from '../../src/gpu/workgroup'
import { networkShape } from '../../src/model/network'
import { type Adapter, ORDINARY_LIMITS } from '../../src/plan/adapterclass'
import { linkKernel, type Stem, stemsOf } from '../../src/plan/kernels'
import { planRun } from '../../src/plan/runplan'
import { readTokens } from '../../src/wgsl/tokens'

/** Hardware with the least that WebGPU promises. */
export const HARDWARE: Adapter = { software: false, quads: 0, limits: ORDINARY_LIMITS }

/** A run whose pipelines are wanted. */
export interface Subject {
  name: string
  adapter: Adapter
  spec: EnvSpec
  preset: 'default' | 'cleanrl'
  options: PpoOptions
  /** It replays given permutations, as `verify` does. */
  givenOrder?: boolean
  /** Which of its kernels. */
  takes(stem: Stem): boolean
}

export interface Pipeline {
  stem: Stem
  /** The first subject that needs it, and the others. */
  shapes: string[]
  code: string
  storage: Binding[]
  constants: Record<string, number>
  /** Bytes of workgroup memory. */
  memory: number
  /** Of the source without comments and spaces, and of the constants. */
  hash: string
}

export function pipelineHash(code: string, constants: Record<string, number>): string {
  const words = readTokens(code).tokens.map(({ text }) => text)
  const values = Object.entries(constants).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([words, values]))
    .digest('hex')
    .slice(0, 16)
}

/** Every pipeline that a subject takes, once each, in the order of the subjects. */
export function collectPipelines(subjects: readonly Subject[]): Pipeline[] {
  const found = new Map<string, Pipeline>()
  const hashes = new Map<string, string>()
  for (const { name, adapter, spec, preset, options, givenOrder, takes } of subjects) {
    const config = resolveConfig(presetOptions(spec, preset), options, spec)
    const { wanted } = planRun(adapter, { spec, shape: networkShape(spec, config), config, givenOrder })
    for (const stem of stemsOf(wanted).filter(takes)) {
      const code = linkKernel(stem, wanted)
      const constants = wanted.overrides[stem] ?? {}
      const text = JSON.stringify([code, constants])
      const hash = hashes.get(text) ?? pipelineHash(code, constants)
      hashes.set(text, hash)
      const known = found.get(`${stem} ${hash}`)
      if (known) {
        if (!known.shapes.includes(name)) known.shapes.push(name)
        continue
      }
      const storage = reflectBindings(code).filter(({ group }) => group === 0)
      const memory = workgroupMemory(code, constants)
      found.set(`${stem} ${hash}`, { stem, shapes: [name], code, storage, constants, memory, hash })
    }
  }
  return [...found.values()]
}
