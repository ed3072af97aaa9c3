/** Two iterations of an environment's preset, made small: finite numbers, and a gradient. */
import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { trainInPage } from '../support/train'

export function testTraining(envs: readonly EnvSpec[]): void {
  test.each(envs.map((spec) => [spec.id, spec] as const))(
    '%s: two iterations of training',
    { timeout: 120_000 },
    async (_, spec) => {
      const sizes = {
        numEnvs: 8,
        numSteps: 32,
        numMinibatches: 2,
        totalTimesteps: 2 * 8 * 32,
        hidden: [16],
        network: 'mlp',
      }
      const config = resolveConfig(spec.preset, sizes)
      const result = await trainInPage({ env: spec.id, config })
      const rows = result.rows[0]
      expect(result.iterations).toBe(2)
      expect(rows).toHaveLength(2)
      for (const row of rows) {
        for (const [name, value] of Object.entries(row)) {
          if (typeof value === 'number') expect(Number.isFinite(value), `${name} ${value}`).toBe(true)
        }
        expect(row.gradNorm).toBeGreaterThan(0)
      }
      expect(result.params.every(Number.isFinite)).toBe(true)
    },
  )
}
