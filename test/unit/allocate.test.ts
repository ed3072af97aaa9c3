import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { BufferName } from '../../src/plan/buffers'
import { allocate } from '../../src/run/allocate'

const MIB = 2 ** 20
const plan = new Map<BufferName, number>([
  ['transitions', 100 * MIB],
  ['stop', 4],
])
const full = () => new Error('there is no room')

/** A device that only allocates; `room` in bytes. */
function deviceWith(room: number) {
  const made: { label: string; size: number; destroy: ReturnType<typeof vi.fn> }[] = []
  const scopes: string[] = []
  const device = {
    pushErrorScope: (filter: string) => scopes.push(filter),
    popErrorScope: async () => {
      expect(scopes.pop()).toBe('out-of-memory')
      return made.reduce((sum, { size }) => sum + size, 0) > room ? { message: 'no memory' } : null
    },
    createBuffer({ label, size }: { label: string; size: number }) {
      made.push({ label, size, destroy: vi.fn() })
      return made.at(-1)
    },
  }
  return { device: device as unknown as GPUDevice, made }
}

beforeAll(() => void vi.stubGlobal('GPUBufferUsage', { STORAGE: 128, COPY_SRC: 4, COPY_DST: 8 }))
afterAll(() => void vi.unstubAllGlobals())

test('gives every buffer its name and at least 16 bytes', async () => {
  const { device, made } = deviceWith(200 * MIB)
  const buffers = await allocate(device, plan, full)
  expect(Object.keys(buffers)).toEqual(['transitions', 'stop'])
  expect(made.map(({ label, size }) => [label, size])).toEqual([
    ['transitions', 100 * MIB],
    ['stop', 16],
  ])
})

test('without room it says so, and leaves nothing behind', async () => {
  const { device, made } = deviceWith(50 * MIB)
  await expect(allocate(device, plan, full)).rejects.toThrow('there is no room')
  for (const { destroy } of made) expect(destroy).toHaveBeenCalledOnce()
})
