/** The names of adapters in every engine, and whether they compute on the CPU. */
import { describe, expect, test } from 'vitest'
import { adapterInfo, adapterName, isSoftware, isSwiftShader } from '../../src/gpu/adapter'
import { gpuName, requestGpu, watchDevice } from '../../src/gpu/device'
import { openGpu } from '../../src/gpu/source'

const info = (vendor = '', architecture = '', device = '', description = '', isFallbackAdapter?: boolean) => ({
  ...{ vendor, architecture, device, description },
  ...(isFallbackAdapter === undefined ? {} : { isFallbackAdapter }),
})

/** Which engine, whether it is software, and the name in results. */
const CASES: [string, object | undefined, boolean, string][] = [
  // Measured on this project's machines.
  ['Chrome 156, SwiftShader', info('google', 'swiftshader', '', '', true), true, 'google swiftshader (software)'],
  [
    'dawn.node 0.6, SwiftShader',
    info('google', 'swiftshader', 'swiftshader-device-subzero-', 'SwiftShader driver 5.0.0', true),
    true,
    'google swiftshader (software)',
  ],
  [
    'Deno 2.9, SwiftShader',
    info('6880', '', '49374', 'SwiftShader Device (Subzero)', true),
    true,
    'SwiftShader Device (Subzero) (software)',
  ],
  // According to their sources and to reports.
  ['Chrome 113, SwiftShader', info('google', 'swiftshader'), true, 'google swiftshader (software)'],
  ['Chrome, NVIDIA', info('nvidia', 'ampere', '', '', false), false, 'nvidia ampere'],
  [
    'dawn.node, NVIDIA',
    info('nvidia', 'ampere', '0x2204', 'NVIDIA: 550.54 550.54.14', false),
    false,
    'nvidia ampere 0x2204 NVIDIA: 550.54 550.54.14',
  ],
  ['Windows, WARP', info('microsoft', 'warp', '', '', true), true, 'microsoft warp (software)'],
  [
    'Windows, WARP by its name',
    info('microsoft', '', '', 'Microsoft Basic Render Driver'),
    true,
    'microsoft Microsoft Basic Render Driver (software)',
  ],
  [
    'lavapipe, older',
    info('', '', '', 'llvmpipe (LLVM 15.0.6, 256 bits)'),
    true,
    'llvmpipe (LLVM 15.0.6, 256 bits) (software)',
  ],
  ['Honeykrisp: an Apple GPU on Linux', info('mesa', 'software', '', '', false), false, 'mesa software'],
  ['the same, of an engine that says nothing of software', info('mesa', 'software'), false, 'mesa software'],
  ['an adapter that says that it is none', info('google', 'swiftshader', '', '', false), false, 'google swiftshader'],
  ['one that says that it is software, without a name', info('', '', '', '', true), true, 'unnamed adapter (software)'],
  ['Safari 26.0: nothing', undefined, false, 'unnamed adapter'],
  ['Safari', info('apple', 'metal-3'), false, 'apple metal-3'],
  ['Firefox: empty names', info(), false, 'unnamed adapter'],
  ['Firefox: empty names and a flag', info('', '', '', '', false), false, 'unnamed adapter'],
  ['a description alone', info('', '', '', 'Radeon RX 6800'), false, 'Radeon RX 6800'],
  ['blanks for names', info(' ', ' ', '', ' '), false, 'unnamed adapter'],
  ['Deno, NVIDIA', info('4318', '', '8708', 'NVIDIA GeForce RTX 3090', false), false, 'NVIDIA GeForce RTX 3090'],
  ['a number in hexadecimal', info('0x1002', '', '0x73bf', ''), false, 'amd'],
  ['a number with an architecture', info('0x8086', 'gen-12lp'), false, 'intel gen-12lp'],
  ['a number that is one', { vendor: 4203, architecture: 'common-3' }, false, 'apple common-3'],
  ['a number that nobody knows', info('0xbeef', '', '7'), false, 'unnamed adapter'],
  ['a number as description too', info('4318', '', '', '12'), false, 'nvidia'],
  [
    'things that are no names',
    { vendor: null, architecture: undefined, device: {}, isFallbackAdapter: 'no' },
    false,
    'unnamed adapter',
  ],
]

describe.each(CASES)('%s', (_, told, software, name) => {
  test('is software or not', () => expect(isSoftware(told)).toBe(software))

  test('has a name', () => expect(adapterName({ ...told, software })).toBe(name))

  test('in a device of the caller', async () => {
    const device = { addEventListener() {}, lost: new Promise(() => {}), adapterInfo: told } as unknown as GPUDevice
    for (const gpu of [watchDevice(device), await openGpu({ device }), await openGpu({ device: async () => device })]) {
      expect([gpu.software, gpuName(gpu)]).toEqual([software, name])
      expect(Object.values(gpu.info).every((value) => ['string', 'boolean'].includes(typeof value))).toBe(true)
    }
  })
})

describe('an adapter', () => {
  const device = { addEventListener() {}, lost: new Promise(() => {}) }
  const open = (adapter: object) =>
    requestGpu({
      requestAdapter: async () => ({ limits: {}, features: new Set(), requestDevice: async () => device, ...adapter }),
    } as unknown as GPU)

  test('tells in its info', async () => {
    const { software, info: found } = await open({ info: info('google', 'swiftshader', '', '', true) })
    expect([software, found]).toEqual([true, info('google', 'swiftshader', '', '', true)])
  })

  test('of before 2025 tells that it is software itself', async () => {
    expect(await open({ info: info('', 'x'), isFallbackAdapter: true })).toMatchObject({ software: true })
    expect(await open({ info: info('mesa', 'software'), isFallbackAdapter: false })).toMatchObject({ software: false })
    expect(await open({ info: info('google', 'swiftshader') })).toMatchObject({ software: true })
  })

  test('where both tell, what stands in its info counts', async () => {
    const both = { info: info('', '', '', '', false), isFallbackAdapter: true }
    expect(await open(both)).toMatchObject({ software: false })
  })

  test('of before 2024 is asked, as a method of it', async () => {
    const adapter = {
      own: 'llvmpipe',
      async requestAdapterInfo() {
        return { vendor: '', description: this.own }
      },
    }
    const gpu = await open(adapter)
    expect([gpu.software, gpuName(gpu)]).toEqual([true, 'llvmpipe (software)'])
  })

  test.each([
    ['says nothing', {}],
    [
      'refuses to say anything',
      {
        requestAdapterInfo: () => {
          throw new Error('no')
        },
      },
    ],
    ['fails to say anything', { requestAdapterInfo: () => Promise.reject(new Error('no')) }],
  ])('that %s is taken all the same', async (_, adapter) => {
    const gpu = await open(adapter)
    expect([gpu.software, gpuName(gpu), gpu.info]).toEqual([false, 'unnamed adapter', adapterInfo(undefined)])
  })
})

test('SwiftShader is known by its names, whichever field has them', () => {
  expect(isSwiftShader(info('google', 'swiftshader', '', '', true))).toBe(true)
  expect(isSwiftShader(info('6880', '', '', 'SwiftShader Device (Subzero)', true))).toBe(true)
  expect(isSwiftShader(info('mesa', 'llvmpipe', '', 'llvmpipe (LLVM 15)', true))).toBe(false)
  expect(isSwiftShader(null)).toBe(false)
})
