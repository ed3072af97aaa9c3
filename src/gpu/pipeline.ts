/** Creates kernels from WGSL files; buffers and arguments are then bound by name. */

import { type Linked, link, type Slot } from './link'
import { COMPILING_MS, patiently, pipelineCreated } from './patience'
import { type Binding, reflectBindings, reflectStruct, type StructLayout } from './reflect'
import { kernelName, kernelPath, SHADERS } from './shaders'

/** WGSL that does not compile; every message carries the author's file and line. */
export class ShaderError extends Error {
  override name = 'ShaderError'
}

export interface Kernel {
  /** Label; file stem and entry point are what stands before a point in it (`conv_forward.bits`). */
  stem: string
  /** The linked source. */
  code: string
  pipeline: GPUComputePipeline
  /** Storage bindings of group 0. */
  storage: Binding[]
  storageLayout: GPUBindGroupLayout
  /** The uniform `args` of group 1, bound with a dynamic offset. */
  args: StructLayout
  argsLayout: GPUBindGroupLayout
}

export interface KernelOptions {
  /** A slot `shaders/<stem>.wgsl` replaces the kernel itself, for example in a test. */
  slots?: Record<string, Slot>
  overrides?: Record<string, number>
}

/** The kernels of each device, by source and constants, the latest used last: the next run on it need not compile them. */
const compiled = new WeakMap<GPUDevice, Map<string, Promise<Kernel>>>()
/** Kernels kept for each device: those of about ten runs. */
const MOST_KERNELS = 128

/**
 * Links and compiles the kernel `stem`, unless `device` has compiled the same source with the same constants before.
 * @throws LinkError, ShaderError
 */
export function createKernel(device: GPUDevice, stem: string, options: KernelOptions = {}): Promise<Kernel> {
  const given = `shaders/${stem}.wgsl`
  const path = Object.hasOwn(options.slots ?? {}, given) ? given : kernelPath(stem)
  const linked = link(path, SHADERS, options.slots)
  const kernels = compiled.get(device) ?? new Map<string, Promise<Kernel>>()
  compiled.set(device, kernels)
  const key = JSON.stringify([stem, options.overrides ?? {}, linked.code])
  const kernel = kernels.get(key) ?? compileKernel(device, stem, linked, options.overrides)
  kernels.delete(key)
  kernels.set(key, kernel)
  if (kernels.size > MOST_KERNELS) kernels.delete(kernels.keys().next().value!)
  kernel.catch(() => kernels.delete(key)) // what failed is tried again
  return kernel
}

async function compileKernel(
  device: GPUDevice,
  stem: string,
  linked: Linked,
  constants?: Record<string, number>,
): Promise<Kernel> {
  const { code } = linked
  const bindings = reflectBindings(code)
  const storage = bindings.filter((b) => b.group === 0)
  const uniform = bindings.find((b) => b.group === 1)
  if (!uniform) throw new Error(`${stem}: declares no @group(1) uniform args`)
  const limit = device.limits.maxStorageBuffersPerShaderStage
  if (storage.length > limit)
    throw new Error(`${stem}: needs ${storage.length} storage buffers, the adapter has ${limit}`)

  const storageLayout = device.createBindGroupLayout({
    label: stem,
    entries: storage.map(({ binding, access }) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
    })),
  })
  const argsLayout = device.createBindGroupLayout({
    label: `${stem}.args`,
    entries: [{ binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'uniform', hasDynamicOffset: true } }],
  })
  // Errors are reported below, with the author's file and line; without a scope they would count as the device's
  // failure.
  device.pushErrorScope('validation')
  const module = device.createShaderModule({ label: stem, code })
  void device.popErrorScope().catch(() => undefined) // rejects if the device is lost, which is reported elsewhere
  await reportErrors(device, stem, module, linked)
  const layout = device.createPipelineLayout({ label: stem, bindGroupLayouts: [storageLayout, argsLayout] })
  const compute = { module, entryPoint: kernelName(stem), constants }
  const wanted = { label: stem, layout, compute }
  const what = `compiling ${stem}`
  const pipeline = await patiently(device, what, device.createComputePipelineAsync(wanted), COMPILING_MS)
  pipelineCreated(device)
  return { stem, code, pipeline, storage, storageLayout, args: reflectStruct(code, uniform.type), argsLayout }
}

/** Throws with the author's file and line for every compilation error of `module`. */
async function reportErrors(device: GPUDevice, stem: string, module: GPUShaderModule, linked: Linked): Promise<void> {
  const { messages } = await patiently(device, `compiling ${stem}`, module.getCompilationInfo(), COMPILING_MS)
  const errors = messages.filter((m) => m.type === 'error')
  if (errors.length === 0) return
  const lines = errors.map((m) => {
    const from = linked.origin[m.lineNum - 1]
    const text = linked.code.split('\n')[m.lineNum - 1]?.trim() ?? ''
    return `${from ? `${from.file}:${from.line}:${m.linePos}` : stem}: ${m.message}\n    ${text}`
  })
  throw new ShaderError(`${stem} does not compile:\n${lines.join('\n')}`)
}
