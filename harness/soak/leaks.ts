/**
 * Looks for leaks: buffers on the GPU and the page's heap, over iterations and over runs that are created and disposed
 * of.
 */

import { resolveConfig } from '../../src/config/config'
import { largest, smallest } from '../../src/extremes'
import type { LeakSample } from '../protocol/protocol'
import type { ChromeRuntime } from '../runtime/chrome'

export interface Sample extends LeakSample {
  /** Bytes of the page's heap after a garbage collection. */
  heap: number
}

export interface Growth {
  /** The largest number of buffers, and bytes in them. */
  buffers: number
  bytes: number
  /** Bytes of heap per iteration or cycle, over the second half. */
  heapEach: number
}

/**
 * The most bytes of heap per iteration or cycle: about the size of a metrics row, and a tenth of the sources of a run's
 * kernels. The heap of a new page grows a little while its code is compiled.
 */
export const MOST_HEAP = { iterations: 1000, cycles: 50_000 }

/** Trains `iterations` with snapshots, then creates and disposes of `cycles` runs. */
export async function watchLeaks(
  { call, page }: Pick<ChromeRuntime, 'call' | 'page'>,
  { iterations, cycles }: { iterations: number; cycles: number },
): Promise<Record<LeakSample['phase'], Sample[]>> {
  const sizes = { numEnvs: 4, numSteps: 8, numMinibatches: 2, updateEpochs: 1, hidden: [8] }
  const config = resolveConfig({}, { ...sizes, seed: 3, totalTimesteps: iterations * 32 })
  const cdp = await page.createCDPSession()
  /** The smallest of three: temporary objects only add to it. */
  const heapNow = async (): Promise<number> => {
    const sizes: number[] = []
    for (let i = 0; i < 3; i++) {
      await cdp.send('HeapProfiler.collectGarbage')
      sizes.push((await cdp.send('Runtime.getHeapUsage')).usedSize)
    }
    return smallest(sizes)
  }
  try {
    const samples: Promise<Sample>[] = []
    let last: Promise<unknown> = Promise.resolve()
    await call('leaks', { env: 'CartPole-v1', config, cycles }, (event) => {
      const sample = last.then(async () => ({ ...(event as LeakSample), heap: await heapNow() }))
      samples.push(sample)
      last = sample
    })
    const all = await Promise.all(samples)
    const of = (phase: LeakSample['phase']) => all.filter((sample) => sample.phase === phase)
    return { iterations: of('iterations'), cycles: of('cycles') }
  } finally {
    await cdp.detach()
  }
}

/** Whether nothing grows. */
export const isFlat = (phase: LeakSample['phase'], { buffers, bytes, heapEach }: Growth): boolean =>
  buffers <= 0 && bytes <= 0 && heapEach <= MOST_HEAP[phase]

/** The growth over the second half of the samples; in the first half, things are created once. */
export function growth(samples: Sample[]): Growth {
  const half = Math.floor(samples.length / 2)
  const [early, late] = [samples.slice(0, half), samples.slice(half)]
  const most = (of: 'buffers' | 'bytes') => {
    const [a, b] = [early, late].map((list) => largest(list.map((sample) => sample[of])))
    return b - a
  }
  return {
    buffers: most('buffers'),
    bytes: most('bytes'),
    heapEach: slope(late.map(({ count, heap }) => [count, heap])),
  }
}

/** Slope of the least-squares line through the points. */
function slope(points: [number, number][]): number {
  const mean = (i: 0 | 1) => points.reduce((sum, point) => sum + point[i], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const over = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0)
  return over / points.reduce((sum, [a]) => sum + (a - x) ** 2, 0)
}
