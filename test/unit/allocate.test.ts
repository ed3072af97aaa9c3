import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { allocate } from '../../src/allocate'
import { type BufferName, planSizes } from '../../src/buffers'
import { resolveConfig } from '../../src/config'
import { layoutNetwork } from '../../src/network'

const MIB = 2 ** 20
const hidden = { actorHidden: [8], criticHidden: [8] }
const layout = layoutNetwork({ obsDim: 4, actionDim: 2, ...hidden, activation: 'tanh', dist: 'categorical' })
const plan = new Map<BufferName, number>([
  ['transitions', 100 * MIB],
  ['stop', 4],
])
const sizes = planSizes(resolveConfig({}, { numAgents: 3, numEnvs: 4, numSteps: 128 }), layout, true)

/** A device of which only allocation matters; `room` in bytes. */
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
  const buffers = await allocate(device, plan, sizes)
  expect(Object.keys(buffers)).toEqual(['transitions', 'stop'])
  expect(made.map(({ label, size }) => [label, size])).toEqual([
    ['transitions', 100 * MIB],
    ['stop', 16],
  ])
})

test('without room it says how much was needed, and leaves nothing behind', async () => {
  const { device, made } = deviceWith(50 * MIB)
  await expect(allocate(device, plan, sizes)).rejects.toThrow(
    'config.numAgents: the GPU has no room for the 101 MiB that 3 agents x 4 environments x 128 steps need. Use fewer',
  )
  for (const { destroy } of made) expect(destroy).toHaveBeenCalledOnce()
})
