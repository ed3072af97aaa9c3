/** Checks a device that the caller gives, before any other use: whether it is one, of the same WebGPU, and not lost. */

import { ConfigError } from '../config/config'
import { GpuError } from '../gpu/device'
import type { DeviceSource } from '../gpu/source'
import { type LimitName, ORDINARY_LIMITS } from '../plan/adapterclass'
import type { LimitError } from './limits'

const HOW = "Give a GPUDevice, awaited from an adapter's requestDevice, or a function that returns one"

/** What a run calls on a device and on its queue. */
const METHODS = [
  ...['addEventListener', 'createBindGroup', 'createBindGroupLayout', 'createBuffer', 'createCommandEncoder'],
  ...['createComputePipelineAsync', 'createPipelineLayout', 'createShaderModule', 'destroy'],
  ...['popErrorScope', 'pushErrorScope'],
]
const QUEUE_METHODS = ['onSubmittedWorkDone', 'submit', 'writeBuffer']
const LIMITS = Object.keys(ORDINARY_LIMITS) as LimitName[]
/** Constants of WebGPU, which are globals. */
const GLOBALS = ['GPUBufferUsage', 'GPUMapMode', 'GPUShaderStage']

type Anything = Record<string, unknown>
const isObject = (value: unknown): value is Anything => typeof value === 'object' && value !== null
const missing = (of: unknown, names: string[]): string[] =>
  names.filter((name) => !isObject(of) || typeof of[name] !== 'function')

/**
 * The source of devices of a run, of which every device is checked: a plain one now, those of a function when they come.
 * @throws ConfigError, GpuError 5 if the device is lost.
 */
export async function checkedDevice(given: unknown): Promise<DeviceSource | undefined> {
  if (given === undefined) return undefined
  if (typeof given !== 'function') return checkDevice(given, 'device')
  return async () => checkDevice(await given(), 'device()')
}

/** @param where Its name in errors. */
export async function checkDevice(given: unknown, where: string): Promise<GPUDevice> {
  const what = whyNone(given)
  if (what) throw new ConfigError(`${where}: ${what}. ${HOW}${where === 'device' ? ', or leave device out' : ''}.`)
  const device = given as GPUDevice
  const absent = [
    ...missing(device, METHODS),
    ...missing(device.queue, QUEUE_METHODS).map((name) => `queue.${name}`),
    ...(typeof device.features?.has === 'function' ? [] : ['features.has']),
    ...(typeof device.lost?.then === 'function' ? [] : ['lost']),
    ...LIMITS.filter((name) => typeof device.limits[name] !== 'number').map((name) => `limits.${name}`),
  ]
  if (absent.length > 0) {
    throw new ConfigError(
      `${where}: a device of another implementation or an older version of WebGPU, without ${absent.join(', ')}. Update ` +
        'the browser or the package that it is from, or leave device out.',
    )
  }
  checkGlobals(where)
  const lost = await lossOf(device)
  if (lost) {
    const why = lost.message.replace(/\.$/, '') || 'no reason given'
    throw new GpuError(
      `${where}: it is lost (${lost.reason}): ${why}. A lost device does not come back: request an adapter and a device anew. ` +
        'A function in place of the device is called again after a loss.',
      5,
    )
  }
  return device
}

/** The constants are those of the page or of Node; those of another WebGPU are equal, but may not be global. */
function checkGlobals(where: string): void {
  const absent = GLOBALS.filter((name) => !(name in globalThis))
  if (absent.length === 0) return
  throw new ConfigError(
    `${where}: of a WebGPU whose constants are not global here: no ${absent.join(', ')}. With the npm package webgpu: ` +
      'Object.assign(globalThis, globals).',
  )
}

/** Checks the option `gpu`, where adapters are requested. @throws ConfigError */
export function checkGpu(given: unknown): GPU | undefined {
  if (given === undefined) return undefined
  if (!isObject(given) || typeof given.requestAdapter !== 'function') {
    const what = isObject(given) && typeof given.requestDevice === 'function' ? 'a GPUAdapter' : 'something'
    throw new ConfigError(
      `gpu: got ${what} without requestAdapter. Give navigator.gpu, or what create([]) of the npm package webgpu returns; a ` +
        'device of your own is option device.',
    )
  }
  checkGlobals('gpu')
  return given as unknown as GPU
}

/** What else `given` is; null if it looks like a device. */
function whyNone(given: unknown): string | null {
  if (given === null) return 'got null, which is no device'
  if (!isObject(given)) {
    const text =
      typeof given === 'function' ? 'a function' : `the ${typeof given} ${JSON.stringify(given) ?? String(given)}`
    return `got ${text}, which is no device`
  }
  if (typeof given.then === 'function') return 'got a Promise, which is no device: it lacks an await'
  if (typeof given.requestAdapter === 'function')
    return 'got a GPU (navigator.gpu), which is no device: that is option gpu'
  if (typeof given.requestDevice === 'function') return 'got a GPUAdapter, which is no device'
  if ('device' in given && isObject(given.device) && 'queue' in given.device) {
    return 'got an object with a device in it, which is no device: give its field device'
  }
  if (!isObject(given.queue) || !isObject(given.limits)) {
    const keys = Object.keys(given).slice(0, 5).join(', ')
    return `got an object without queue and limits${keys ? ` (its fields: ${keys})` : ''}, which is no device`
  }
  return null
}

/** Why `device` is lost; null if it is not. A loss is known a moment later, so a later one is found in training. */
const lossOf = ({ lost }: GPUDevice): Promise<GPUDeviceLostInfo | null> =>
  Promise.race([lost, new Promise<null>((resolve) => setTimeout(() => resolve(null), 0))])

/** The error of a run that exceeds a limit of the caller's own device: its adapter may have more. */
export function ofOwnDevice({ message, limit, value }: LimitError): ConfigError {
  const ordinary = ORDINARY_LIMITS[limit]
  const how = `Request it with requiredLimits: { ${limit}: adapter.limits.${limit} } where its adapter has more`
  const less = value < ordinary ? `, and without featureLevel 'compatibility', for the ordinary ${ordinary}` : ''
  return new ConfigError(
    `${message} The device is your own, and has the limits that it was requested with. ${how}${less}.`,
  )
}
