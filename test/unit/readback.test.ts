import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { OutOfMemoryError } from '../../src/gpu/device'
import { readBuffers } from '../../src/gpu/readback'

beforeAll(() => {
  vi.stubGlobal('GPUBufferUsage', { COPY_DST: 8, MAP_READ: 1 })
  vi.stubGlobal('GPUMapMode', { READ: 1 })
})
afterAll(() => void vi.unstubAllGlobals())

/**
 * A fake device with `room` bytes for staging that behaves like WebGPU: after a failed allocation, calls that use the
 * buffer fail.
 */
function deviceWith(room: number) {
  const scopes: string[] = []
  const uncaptured: string[] = []
  const destroy = vi.fn()
  let full = false
  const device = {
    pushErrorScope: (filter: string) => scopes.push(filter),
    popErrorScope: async () => (scopes.pop() === 'out-of-memory' || full ? (full ? { message: 'no' } : null) : null),
    createBuffer({ size }: { size: number }) {
      full = size > room
      if (full && scopes.at(-1) !== 'out-of-memory') uncaptured.push('out-of-memory')
      const mapAsync = async () => {
        if (full) throw new Error('invalid buffer')
      }
      return { mapAsync, getMappedRange: () => Uint8Array.from({ length: size }, (_, i) => i).buffer, destroy }
    },
    createCommandEncoder: () => ({ copyBufferToBuffer() {}, finish: () => null }),
    queue: {
      submit() {
        if (full && scopes.at(-1) !== 'validation') uncaptured.push('validation')
      },
    },
  }
  return { device: device as unknown as GPUDevice, destroy, uncaptured }
}

const buffers = [4, 8].map((size, i) => ({ label: `b${i}`, size })) as GPUBuffer[]

test('buffers come back one after the other', async () => {
  const { device, destroy } = deviceWith(12)
  const [a, b] = await readBuffers(device, buffers)
  expect([...new Uint8Array(a)]).toEqual([0, 1, 2, 3])
  expect([...new Uint8Array(b)]).toEqual([4, 5, 6, 7, 8, 9, 10, 11])
  expect(destroy).toHaveBeenCalledOnce()
})

test('without room it says so and what to do, leaves nothing behind, and the device is not at fault', async () => {
  const { device, destroy, uncaptured } = deviceWith(11)
  const failed = readBuffers(device, buffers)
  await expect(failed).rejects.toThrow(OutOfMemoryError)
  await expect(failed).rejects.toThrow(
    'The GPU is out of memory: no room for the 12 bytes of b0,b1.readback. Use fewer agents or environments',
  )
  expect(destroy).toHaveBeenCalledOnce()
  expect(uncaptured).toEqual([])
})
