import { expect, test } from 'vitest'
import { gpu } from '../support/gpu'
import { TIMING, TINY, testPlan } from './benchparts'

// The fused plan, which takes longer to compile: bench.slow.test.ts.
testPlan('layered')

const LAYERED = { ...TINY, plan: 'layered' as const }

test('fails when work was skipped: an early stop closes the gates', async () => {
  const page = await gpu()
  const config = { ...LAYERED, targetKl: 1e-12 }
  const call = page.call('bench', { env: 'CartPole-v1', config, unit: 'update', ...TIMING })
  await expect(call).rejects.toThrow(/gate \d+ of agent 0 is closed/)
})

test.each(['iteration', 'minibatch'] as const)('never times an invalid dispatch: %s', async (unit) => {
  const { page, call } = await gpu()
  await page.evaluate(() => {
    const { prototype } = GPUComputePassEncoder
    const { dispatchWorkgroups } = prototype
    const broken = globalThis as { mend?: () => void }
    broken.mend = () => void (prototype.dispatchWorkgroups = dispatchWorkgroups)
    prototype.dispatchWorkgroups = function () {
      dispatchWorkgroups.call(this, 65536)
    }
  })
  try {
    const timed = call('bench', { env: 'CartPole-v1', config: LAYERED, unit, ...TIMING })
    await expect(timed).rejects.toThrow('WebGPU GPUValidationError')
  } finally {
    await page.evaluate(() => (globalThis as { mend?: () => void }).mend?.())
  }
})
