/**
 * Every WGSL module that training compiles: all kernels of all environments, plans and variants that change a source.
 */
import { ENVS } from '../../envs/registry'
import { type PpoOptions, presetOptions, resolveConfig } from '../../src/config/config'
import { isPacked } from '../../src/env/contract'
import { networkShape } from '../../src/model/network'
import { type Adapter, ORDINARY_LIMITS } from '../../src/plan/adapterclass'
import { linkKernel, type Stem, stemsOf } from '../../src/plan/kernels'
import { planRun } from '../../src/plan/runplan'

const ADAPTERS: Adapter[] = [
  { software: false, quads: 0, limits: ORDINARY_LIMITS },
  { software: true, quads: 1, limits: ORDINARY_LIMITS },
  { software: true, quads: 0, limits: ORDINARY_LIMITS },
]

const VARIANTS: PpoOptions[] = [
  {},
  { normObs: true, normReward: true },
  { activation: 'silu' },
  { sharedTrunk: true },
  { algorithm: 'penalty', targetKl: 0.01 },
]

/** Linked sources, each once, by the stem of their kernel. */
export function* trainingModules(): Generator<{ stem: Stem; code: string; overrides: Record<string, number> }> {
  const seen = new Set<string>()
  for (const adapter of ADAPTERS) {
    for (const spec of ENVS) {
      for (const variant of VARIANTS) {
        if (isPacked(spec) && variant.normObs) continue
        for (const plan of ['fused', 'layered'] as const) {
          if (isPacked(spec) && plan === 'fused') continue
          for (const givenOrder of [false, true]) {
            const config = resolveConfig(presetOptions(spec, 'default'), { ...variant, plan }, spec)
            const { wanted } = planRun(adapter, { spec, shape: networkShape(spec, config), config, givenOrder })
            for (const stem of stemsOf(wanted)) {
              const code = linkKernel(stem, wanted)
              if (seen.has(code)) continue
              seen.add(code)
              yield { stem, code, overrides: wanted.overrides[stem] ?? {} }
            }
          }
        }
      }
    }
  }
}
