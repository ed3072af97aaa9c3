import { expect, test } from 'vitest'
import { growth } from '../../harness/soak/leaks'

// What is counted while training: leaks.slow.test.ts.
test('what piles up is seen', () => {
  const leaking = (each: number) =>
    Array.from({ length: 8 }, (_, i) => {
      const count = 25 * (i + 1)
      return { phase: 'iterations' as const, count, buffers: 20 + i, bytes: 1000 + 8 * i, heap: 1e6 + each * count }
    })
  expect(growth(leaking(1600))).toEqual({ buffers: 4, bytes: 32, heapEach: expect.closeTo(1600, 6) })
})
