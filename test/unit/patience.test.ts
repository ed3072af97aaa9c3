import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { COMPILING_MS, patiently } from '../../src/gpu/patience'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const newDevice = () => ({}) as GPUDevice
const never = new Promise<never>(() => {})
const after = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(resolve, ms, value))

/** Milliseconds after which `wait` rejects. */
async function rejectsAfter(wait: Promise<unknown>): Promise<number> {
  const start = performance.now()
  const failed = wait.then(
    () => Number.NaN,
    () => performance.now() - start,
  )
  await vi.advanceTimersByTimeAsync(3_600_000)
  return failed
}

test('an answer passes through, and no timer stays behind', async () => {
  const wait = patiently(newDevice(), 'metrics', after(100, 7))
  await vi.advanceTimersByTimeAsync(100)
  expect(await wait).toBe(7)
  expect(vi.getTimerCount()).toBe(0)
})

test('without an answer it gives up after 30 s, as with a lost device, and says what it waited for', async () => {
  const wait = patiently(newDevice(), 'metrics', never)
  const failed = expect(wait).rejects.toMatchObject({
    name: 'GpuError',
    exitCode: 5,
    message: expect.stringContaining('did not answer in 30 s (metrics)'),
  })
  await vi.advanceTimersByTimeAsync(30_000)
  await failed
})

test('a device that is known to be slow gets 20 times its slowest answer; another one does not', async () => {
  const slow = newDevice()
  const first = patiently(slow, 'metrics', after(5000, 0))
  await vi.advanceTimersByTimeAsync(5000)
  await first
  expect(await rejectsAfter(patiently(slow, 'metrics', never))).toBe(100_000)
  expect(await rejectsAfter(patiently(newDevice(), 'metrics', never))).toBe(30_000)
})

test('compiling has a patience of its own, and does not lengthen that for answers', async () => {
  const device = newDevice()
  const compiled = patiently(device, 'compiling', after(60_000, 0), COMPILING_MS)
  await vi.advanceTimersByTimeAsync(60_000)
  await compiled
  expect(await rejectsAfter(patiently(device, 'metrics', never))).toBe(30_000)
})
