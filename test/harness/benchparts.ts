/** The bench's tasks on the GPU: small, and nothing asserts a time. */
import { describe, expect, test } from 'vitest'
import { benchPoints } from '../../harness/cases/cases'
import type { Unit } from '../../harness/protocol/protocol'
import { gpu } from '../support/gpu'

const [{ config: cleanrl }] = benchPoints('cartpole-cleanrl', 'software')
export const TINY = { ...cleanrl, numEnvs: 2, numSteps: 8, numMinibatches: 2, updateEpochs: 2 }
export const TIMING = { repeats: 2, repeatSeconds: 1e-3 }
const UNITS: Unit[] = ['iteration', 'rollout', 'update', 'minibatch']

export function testPlan(plan: 'layered' | 'fused'): void {
  describe(plan, () => {
    test('times an iteration and each of its parts', async () => {
      const page = await gpu()
      const dispatches: Partial<Record<Unit, number>> = {}
      for (const unit of UNITS) {
        const args = { env: 'CartPole-v1', config: { ...TINY, plan }, unit, ...TIMING }
        const result = await page.call('bench', args)
        expect(result).toMatchObject({ plan })
        expect(result.seconds).toHaveLength(2)
        expect(Math.min(...result.seconds, result.units)).toBeGreaterThan(0)
        expect(result.loadToFirstUpdateSeconds).toBeGreaterThan(result.firstUpdateSeconds)
        dispatches[unit] = result.dispatches
        expect(result.dispatchesPerIteration).toBe(dispatches.iteration)
      }
      expect(dispatches.update).toBe(4 * dispatches.minibatch!)
      // The rest is the measurements of the rollout, and control.
      expect(dispatches.iteration! - dispatches.rollout! - dispatches.update!).toBe(5)
    }, 180_000) // compiles the plan four times

    test('a profile has every kernel of the unit', async () => {
      const page = await gpu()
      const args = { env: 'CartPole-v1', config: { ...TINY, plan }, unit: 'minibatch' as const }
      const { kernels } = await page.call('profile', args)
      if (kernels === null) return expect(page.facts.software).toBe(false) // SwiftShader has timestamps
      const gradient = page.facts.software ? 'quad_gradient' : 'fused_gradient'
      const wanted =
        plan === 'fused' ? [gradient, 'reduce', 'adam'] : ['gather', 'ppo_loss', 'sum_losses', 'reduce', 'adam']
      expect(kernels.map(({ kernel }) => kernel)).toEqual(expect.arrayContaining(wanted))
      for (const { ms, dispatches } of kernels) expect(ms >= 0 && dispatches > 0).toBe(true)
      expect(kernels.map(({ ms }) => ms)).toEqual(kernels.map(({ ms }) => ms).toSorted((a, b) => b - a))
    })
  })
}
