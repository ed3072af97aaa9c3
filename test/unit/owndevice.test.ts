/** A device of the caller that cannot serve: each kind has an error that says what, and nothing is called on it before. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { ConfigError } from '../../src/config/config'
import { GpuError } from '../../src/gpu/device'
import { ORDINARY_LIMITS } from '../../src/plan/adapterclass'
import { createPpo } from '../../src/run/create'
import { checkDevice } from '../../src/run/owndevice'

const CONSTANTS = ['GPUBufferUsage', 'GPUMapMode', 'GPUShaderStage']
const HOW = "Give a GPUDevice, awaited from an adapter's requestDevice, or a function that returns one"

beforeEach(() => {
  for (const name of CONSTANTS) vi.stubGlobal(name, {})
})
afterEach(() => void vi.unstubAllGlobals())

/** A device on which every call that works on the GPU is recorded, and fails. */
function fakeDevice(change: object = {}) {
  const called: string[] = []
  const of = (names: string[]) =>
    Object.fromEntries(
      names.map((name) => [
        name,
        () => {
          called.push(name)
          throw new Error(`${name} was called`)
        },
      ]),
    )
  const device = {
    ...of(['createBindGroup', 'createBindGroupLayout', 'createBuffer', 'createCommandEncoder', 'createPipelineLayout']),
    ...of(['createComputePipelineAsync', 'createShaderModule', 'popErrorScope', 'pushErrorScope']),
    ...{ addEventListener() {}, destroy() {}, features: new Set(), limits: { ...ORDINARY_LIMITS } },
    queue: of(['onSubmittedWorkDone', 'submit', 'writeBuffer']),
    lost: new Promise(() => {}),
    ...change,
  }
  return { device: device as unknown as GPUDevice, called }
}

const refusal = (given: object): Promise<Error> =>
  createPpo({ env: cartPole, ...given }).then(
    () => expect.fail('there is no error'),
    (error) => error,
  )

describe('what is no device', () => {
  test.each([
    ['null', null, 'got null, which is no device'],
    ['a text', 'gpu0', 'got the string "gpu0", which is no device'],
    ['a number', 7, 'got the number 7, which is no device'],
    ['a promise of one', new Promise(() => {}), 'got a Promise, which is no device: it lacks an await'],
    ['navigator.gpu', { requestAdapter() {} }, 'got a GPU (navigator.gpu), which is no device: that is option gpu'],
    ['an adapter', { requestDevice() {} }, 'got a GPUAdapter, which is no device'],
    [
      'a run',
      { device: { queue: {} } },
      'got an object with a device in it, which is no device: give its field device',
    ],
    ['anything', { a: 1, b: 2 }, 'got an object without queue and limits (its fields: a, b), which is no device'],
    ['an empty object', {}, 'got an object without queue and limits, which is no device'],
  ])('%s', async (_, device, message) => {
    const error = await refusal({ device })
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toBe(`device: ${message}. ${HOW}, or leave device out.`)
    if (device instanceof Promise) return // of a function it is what is awaited
    expect((await refusal({ device: async () => device })).message).toBe(`device(): ${message}. ${HOW}.`)
  })

  test('a function that returns nothing', async () => {
    expect((await refusal({ device: async () => undefined })).message).toMatch(
      /^device\(\): got the undefined undefined/,
    )
  })

  test('a gpu that is none', async () => {
    expect((await refusal({ gpu: {} })).message).toMatch(
      /^gpu: got something without requestAdapter. Give navigator.gpu/,
    )
    const adapter = { requestDevice() {} }
    expect((await refusal({ gpu: adapter })).message).toMatch(/^gpu: got a GPUAdapter without requestAdapter/)
  })
})

describe('a device of another implementation', () => {
  test('names what it lacks', async () => {
    const { limits } = fakeDevice().device
    const change = { pushErrorScope: undefined, queue: { submit() {} }, lost: undefined, features: [] }
    const { device } = fakeDevice({ ...change, limits: { ...limits, maxBufferSize: undefined } })
    expect((await refusal({ device })).message).toBe(
      'device: a device of another implementation or an older version of WebGPU, without pushErrorScope, ' +
        'queue.onSubmittedWorkDone, queue.writeBuffer, features.has, lost, limits.maxBufferSize. Update the browser or the package ' +
        'that it is from, or leave device out.',
    )
  })

  test('names constants that are not global, of a device and of a gpu', async () => {
    vi.unstubAllGlobals()
    vi.stubGlobal('GPUMapMode', {})
    const message =
      'of a WebGPU whose constants are not global here: no GPUBufferUsage, GPUShaderStage. With the npm package webgpu: ' +
      'Object.assign(globalThis, globals).'
    expect((await refusal({ device: fakeDevice().device })).message).toBe(`device: ${message}`)
    expect((await refusal({ gpu: { requestAdapter() {} } })).message).toBe(`gpu: ${message}`)
  })
})

test('a lost device says why it was lost', async () => {
  const { device } = fakeDevice({ lost: Promise.resolve({ reason: 'destroyed', message: 'Device was destroyed.' }) })
  const error = await refusal({ device })
  expect(error).toBeInstanceOf(GpuError)
  expect(error).toMatchObject({ exitCode: 5 })
  expect(error.message).toMatch(
    /^device: it is lost \(destroyed\): Device was destroyed\. A lost device does not come back/,
  )
  // Control: one that is not lost is taken as it is.
  const alive = fakeDevice().device
  expect(await checkDevice(alive, 'device')).toBe(alive)
})

describe('a device with less than a run needs', () => {
  const withLimits = (limits: object) => fakeDevice({ limits: { ...ORDINARY_LIMITS, ...limits } })

  test.each([
    [
      'bindings: options that fit, and how to request more',
      { maxStorageBufferBindingSize: 2 ** 17 },
      /^config\.num\w+: the buffer \w+ needs \d+ bytes, and the adapter's maxStorageBufferBindingSize is 131072 .* Use num\w+ at most \d+.* Request it with requiredLimits: \{ maxStorageBufferBindingSize: adapter\.limits\.maxStorageBufferBindingSize \} where its adapter has more, and without featureLevel 'compatibility', for the ordinary 134217728\.$/,
    ],
    [
      'storage buffers of compatibility mode',
      { maxStorageBuffersPerShaderStage: 4 },
      /^config\.plan: the kernel \w+ needs \d storage buffers, and the adapter's maxStorageBuffersPerShaderStage is 4 .* No option changes that: WebGPU's ordinary limit is 8, and compatibility mode, as on older phones, has less\. /,
    ],
    [
      'workgroup memory: the other plan',
      { maxComputeWorkgroupStorageSize: 8192 },
      /^config\.\w+: the kernel fused_gradient needs \d+ bytes of workgroup memory, and the adapter's maxComputeWorkgroupStorageSize is 8192 .* Use hidden at most \d+, or plan layered\. /,
    ],
    [
      'threads',
      { maxComputeInvocationsPerWorkgroup: 32 },
      /^config\.plan: the kernel \w+ needs 64 threads, and the adapter's maxComputeInvocationsPerWorkgroup is 32 .* No option changes that: WebGPU's ordinary limit is 256/,
    ],
  ])('%s', async (_, limits, message) => {
    const { device, called } = withLimits(limits)
    const error = await refusal({ device })
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toMatch(message)
    expect(error.message).toContain('The device is your own')
    expect(called).toEqual([])
  })

  test('control: with the ordinary limits, and with the 128 threads of compatibility mode, it gets to the GPU', async () => {
    for (const limits of [{}, { maxComputeInvocationsPerWorkgroup: 128 }]) {
      const { device, called } = withLimits(limits)
      expect((await refusal({ device })).message).toMatch(/was called$/)
      expect(called.length).toBeGreaterThan(0)
    }
  })
})
