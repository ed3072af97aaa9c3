/**
 * Every WGSL module that training compiles: all kernels of all environments, plans and variants that change a source.
 */
import { ENVS } from '../../envs/registry'
import { type PpoOptions, presetOptions, resolveConfig } from '../../src/config/config'
import { type EnvSpec, isPacked } from '../../src/env/contract'
import { networkShape } from '../../src/model/network'
import { type Adapter, ORDINARY_LIMITS } from '../../src/plan/adapterclass'
import { linkKernel, type Stem, stemsOf } from '../../src/plan/kernels'
import { planRun } from '../../src/plan/runplan'
import { GRID_RUNS } from './grid_runs'

const ADAPTERS: Adapter[] = [
  { software: false, quads: 0, limits: ORDINARY_LIMITS },
  { software: true, quads: 1, limits: ORDINARY_LIMITS },
  { software: true, quads: 0, limits: ORDINARY_LIMITS },
]

const VARIANTS: PpoOptions[] = [
  {},
  { normObs: true, normReward: true },
  { network: 'mlp', activation: 'silu' },
  { sharedTrunk: true },
  { algorithm: 'penalty', targetKl: 0.01 },
]

/** Every environment with each variant, by every plan that takes it, and the runs on grids. */
const RUNS: { spec: EnvSpec; options: PpoOptions }[] = [
  // MinAtar's two versions of a game differ by a constant.
  ...ENVS.filter(({ id }) => !/^MinAtar\/.*-v1$/.test(id)).flatMap((spec) =>
    VARIANTS.flatMap((variant) => {
      if (isPacked(spec) && variant.normObs) return []
      // A fused rollout of packed observations depends on the game alone, and frames do not fit.
      const isGame = /^MinAtar/.test(spec.id) && variant === VARIANTS[0]
      const plans = isPacked(spec) && !isGame ? (['layered'] as const) : (['fused', 'layered'] as const)
      return plans.map((plan) => ({ spec, options: { ...variant, plan } }))
    }),
  ),
  ...GRID_RUNS,
]

/** Linked sources, each once, by the stem of their kernel. */
export function* trainingModules(): Generator<{ stem: Stem; code: string; overrides: Record<string, number> }> {
  const seen = new Set<string>()
  for (const adapter of ADAPTERS) {
    for (const { spec, options } of RUNS) {
      const config = resolveConfig(presetOptions(spec, 'default'), options, spec)
      for (const givenOrder of [false, true]) {
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
