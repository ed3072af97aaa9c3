/** Parameters of an environment on the GPU: set, swept, drawn for each episode, as the reference does. */
import { describe, expect, test } from 'vitest'
import { type PpoConfig, type PpoOptions, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { createReferencePpo } from '../../src/reference/ppo'
import { paramEnv } from '../support/param_env'
import { trainInPage } from '../support/train'

export const TIMEOUT = 600_000
export const spec = paramEnv as unknown as EnvSpec
export const { twin: _, ...withoutTwin } = spec

const SMALL = { numEnvs: 6, numSteps: 12, numMinibatches: 2, updateEpochs: 2, hidden: [8], totalTimesteps: 6 * 12 * 3 }
export const configOf = (options: PpoOptions): PpoConfig => resolveConfig({}, { ...SMALL, ...options }, spec)
const train = (config: PpoConfig, withoutSubgroups = false) =>
  trainInPage({ env: spec.id, spec: withoutTwin, config, withoutSubgroups })

export const DRAWN: PpoOptions = {
  envParams: { push: { uniform: [-1, 3] }, flip: { uniform: [false, true] }, stepSize: { uniform: [0, 1] } },
}

/** @param name layered; fused; fused, by tiles. */
export function testParams(name: string, withoutSubgroups = false): void {
  describe(name, () => {
    const plan = name === 'layered' ? 'layered' : 'fused'

    test('drawn anew for each episode, as the reference draws them', { timeout: TIMEOUT }, async () => {
      for (const more of [{}, { normObs: true, normReward: true }]) {
        const config = configOf({ ...DRAWN, ...more, plan, seed: 3 })
        const { rows } = await train(config, withoutSubgroups)
        const reference = createReferencePpo(spec, config)
        const returns = new Set<number>()
        for (const row of rows[0]) {
          const [expected] = reference.iterate()
          expect(row.episodes).toBe(expected.episodes)
          for (const key of ['returnMean', 'returnMin', 'returnMax', 'lengthMean'] as const) {
            expect(row[key]).toBeCloseTo(expected[key]!, 4)
          }
          returns.add(row.returnMin!).add(row.returnMax!)
        }
        expect(rows[0]).toHaveLength(3)
        // Every episode has its own push.
        expect(returns.size).toBe(6)
      }
    })

    test('set, and swept over agents', { timeout: TIMEOUT }, async () => {
      const config = configOf({ envParams: { push: [-1, 0, 2], stepSize: 0 }, plan, numAgents: 3 })
      const { rows } = await train(config, withoutSubgroups)
      for (const [agent, push] of [-1, 0, 2].entries()) {
        for (const { episodes, returnMin, returnMax } of rows[agent]) {
          expect(episodes).toBeGreaterThan(0)
          // Episodes end at the time limit, after seven steps that each give `push`.
          expect([returnMin, returnMax]).toEqual([7 * push, 7 * push])
        }
      }
    })
  })
}
