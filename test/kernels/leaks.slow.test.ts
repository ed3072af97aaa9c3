import { expect, test } from 'vitest'
import { growth, MOST_HEAP, watchLeaks } from '../../harness/soak/leaks'
import { gpu } from '../support/gpu'

// `npm run soak` counts 1,000 iterations and 50 cycles; every cycle compiles all kernels again.
test('buffers and heap stay as they are over 200 iterations and 8 runs that are made and disposed of', {
  timeout: 600_000,
}, async () => {
  const { iterations, cycles } = await watchLeaks(await gpu(), { iterations: 200, cycles: 8 })
  expect(iterations).toHaveLength(8)
  expect(cycles).toHaveLength(8)
  for (const [phase, samples] of [
    ['iterations', iterations],
    ['cycles', cycles],
  ] as const) {
    const { buffers, bytes, heapEach } = growth(samples)
    expect({ buffers, bytes }, phase).toEqual({ buffers: 0, bytes: 0 })
    expect(heapEach, phase).toBeLessThan(MOST_HEAP[phase])
  }
  // During training there are some, also of a snapshot; after `dispose` there is none.
  for (const { buffers, bytes } of iterations) {
    expect(buffers).toBeGreaterThan(10)
    expect(bytes).toBeGreaterThan(10_000)
  }
  for (const sample of cycles) expect(sample).toMatchObject({ buffers: 0, bytes: 0 })
})
