import { expect, test } from 'vitest'
import { benchPoints } from '../../harness/cases/cases'
import { presetOptions, resolveConfig } from '../../src/config/config'
import { gpu } from '../support/gpu'
import { TIMING, TINY, testPlan } from './benchparts'

// The fused plan, which takes longer to compile: bench.slow.test.ts.
testPlan('layered')

const LAYERED = { ...TINY, plan: 'layered' as const }

test('times each pass of a convolution beside a matmul of its size', async () => {
  const page = await gpu()
  const [{ spec }] = benchPoints('convolutions', 'software')
  const network = 'conv(6,3,2,1),relu,max_pool(2),conv(5,2),flatten'
  const own = resolveConfig(
    presetOptions(spec, 'default'),
    { network, numEnvs: 3, numSteps: 4, numMinibatches: 1 },
    spec,
  )
  const args = { env: spec.id, config: own, rounds: 2, seconds: 1e-4 }
  const { times } = await page.call('convolutions', args)
  // 12 boards of 10 x 10 x 4: 5 x 5 x 6 behind the first, 2 x 2 x 6 pooled, 1 x 1 x 5 behind the second.
  const first = { layer: 'trunk.0', m: 12 * 25, n: 6, k: 9 * 4 }
  const second = { layer: 'trunk.1', m: 12, n: 5, k: 4 * 6 }
  expect(times.map(({ convolution: _, matmul: __, ...time }) => time)).toEqual([
    { ...first, pass: 'forward', stem: 'conv_forward.bits' },
    { ...first, pass: 'weight', stem: 'conv_backward_weight.bits' },
    { ...second, pass: 'forward', stem: 'conv_forward' },
    { ...second, pass: 'weight', stem: 'conv_backward_weight' },
    { ...second, pass: 'input', stem: 'conv_backward_input' },
  ])
  for (const { convolution, matmul } of times) {
    for (const seconds of [convolution, matmul]) expect(seconds).toHaveLength(2)
    expect(Math.min(...convolution, ...matmul)).toBeGreaterThan(0)
  }
})

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
