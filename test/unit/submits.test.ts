/** How the lab limits its submits, on a fake GPU and clock. */
import { describe, expect, test } from 'vitest'
import { MOST_MS, SubmitLimit } from '../../src/lab/worker/submits'

const FULL = 2e10

/** A GPU that takes `overhead` ms for every submit and does `flopsPerMs`; up to three submits wait for it. */
class FakeGpu {
  time = 0
  free = 0
  /** Milliseconds that each submit took. */
  took: number[] = []
  readonly limit = new SubmitLimit(FULL, () => this.time)

  constructor(
    public flopsPerMs: number,
    readonly overhead = 0.1,
  ) {}

  /** Trains for `submits` submits, as large as allowed; ends are reported in groups of `batch`. */
  async train(submits: number, batch = 1): Promise<void> {
    for (let i = 0; i < submits; i += batch) {
      const waiting: { end: number; resolve: () => void; done: Promise<void> }[] = []
      for (let b = 0; b < batch; b++) {
        const { flops } = this.limit
        const ms = this.overhead + flops / this.flopsPerMs
        this.free = Math.max(this.free, this.time) + ms
        this.took.push(ms)
        let resolve = (): void => undefined
        const over = new Promise<void>((done) => {
          resolve = done
        })
        waiting.push({ end: this.free, resolve, done: this.limit.submitted(flops, over) })
      }
      this.time = waiting.at(-1)!.end
      for (const { resolve } of waiting) resolve()
      await Promise.all(waiting.map(({ done }) => done))
    }
  }

  get latest(): number {
    return this.took.at(-1)!
  }
}

describe('the limit of a submit', () => {
  test.each([
    ['a fast GPU', 4e9],
    ['a slow one', 2e8],
    ['a processor', 4e6],
  ])('%s: submits settle between 4 and 8 ms, and stay there', async (_, flopsPerMs) => {
    const gpu = new FakeGpu(flopsPerMs)
    await gpu.train(200)
    const settled = gpu.took.slice(100)
    expect(Math.max(...settled)).toBeLessThan(MOST_MS)
    const bound = gpu.limit.flops < FULL
    if (bound) expect(Math.min(...settled)).toBeGreaterThan(3.9)
    expect(gpu.limit.ms!).toBeCloseTo(settled[0], 0)
  })

  test('a GPU for which the full size is short gets the full size', async () => {
    const gpu = new FakeGpu(1e10)
    await gpu.train(100)
    expect(gpu.limit.flops).toBe(FULL)
  })

  test('follows a GPU that slows down, within some submits', async () => {
    const gpu = new FakeGpu(2e9)
    await gpu.train(100)
    gpu.flopsPerMs /= 10
    await gpu.train(1)
    expect(gpu.latest).toBeGreaterThan(MOST_MS) // the control: without a change it would be too long
    await gpu.train(40)
    expect(gpu.latest).toBeLessThan(MOST_MS)
  })

  test('ends that are heard of in batches are measured by their sum', async () => {
    const gpu = new FakeGpu(2e9)
    await gpu.train(240, 3)
    expect(gpu.latest).toBeLessThan(MOST_MS)
    expect(gpu.latest).toBeGreaterThan(3.9)
  })

  test('a hidden page submits at full size, and its times count for nothing', async () => {
    const gpu = new FakeGpu(2e8)
    await gpu.train(100)
    const shown = gpu.limit.flops
    expect(shown).toBeLessThan(FULL / 4)
    gpu.limit.visible = false
    expect(gpu.limit.flops).toBe(FULL)
    await gpu.train(100)
    gpu.limit.visible = true
    expect(gpu.limit.flops).toBe(shown)
  })
})
