/** A device compiles a kernel once. The device here is a fake that computes nothing. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createKernel } from '../../src/gpu/pipeline'

beforeEach(() => vi.stubGlobal('GPUShaderStage', { COMPUTE: 4 }))
afterEach(() => vi.unstubAllGlobals())

/** @param failing The first so many pipelines fail. */
function fakeDevice(failing = 0) {
  const made: (Record<string, number> | undefined)[] = []
  const device = {
    limits: { maxStorageBuffersPerShaderStage: 8 },
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createShaderModule: () => ({ getCompilationInfo: async () => ({ messages: [] }) }),
    pushErrorScope: () => undefined,
    popErrorScope: async () => null,
    async createComputePipelineAsync({ compute }: GPUComputePipelineDescriptor) {
      made.push(compute.constants)
      if (made.length <= failing) throw new Error('not now')
      return {}
    },
  }
  return { made, device: device as unknown as GPUDevice }
}

/** A kernel of this test; `n` changes its source. */
const kernel = (n: number) => ({
  'shaders/copy.wgsl': {
    file: 'copy.wgsl',
    source: `struct Args { count: u32, }
@group(0) @binding(0) var<storage, read_write> data: array<u32>;
@group(1) @binding(0) var<uniform> args: Args;
override STEP: u32 = 1u;
@compute @workgroup_size(1)
fn copy() { data[args.count] = ${n}u * STEP; }
`,
  },
})
const create = (device: GPUDevice, n = 0, overrides?: Record<string, number>) =>
  createKernel(device, 'copy', { slots: kernel(n), overrides })

test('the same source with the same constants is compiled once, also when both are wanted at once', async () => {
  const { device, made } = fakeDevice()
  const [first, second] = await Promise.all([create(device), create(device)])
  expect(second).toBe(first)
  expect(await create(device)).toBe(first)
  expect(made).toHaveLength(1)
})

test('another source, other constants, another device: another kernel', async () => {
  const [one, other] = [fakeDevice(), fakeDevice()]
  const kernels = [
    await create(one.device),
    await create(one.device, 1),
    await create(one.device, 0, { STEP: 2 }),
    await create(other.device),
  ]
  expect(new Set(kernels).size).toBe(4)
  expect(one.made).toEqual([undefined, undefined, { STEP: 2 }])
  expect(other.made).toHaveLength(1)
})

test('what did not compile is tried again', async () => {
  const { device, made } = fakeDevice(1)
  await expect(create(device)).rejects.toThrow('not now')
  expect(await create(device)).toMatchObject({ stem: 'copy' })
  expect(made).toHaveLength(2)
})

test('128 kernels are kept: the one that was not used for longest goes', async () => {
  const { device, made } = fakeDevice()
  const [first, second] = [await create(device, 0), await create(device, 1)]
  for (let n = 2; n < 128; n++) await create(device, n)
  await create(device, 0)
  await create(device, 128)
  expect(made).toHaveLength(129)
  expect(await create(device, 0)).toBe(first)
  expect(await create(device, 1)).not.toBe(second)
  expect(made).toHaveLength(130)
})
