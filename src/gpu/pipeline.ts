/** Creates kernels from WGSL files; buffers and arguments are then bound by name. */

import { compileModule } from './compile'
import { type Linked, link, type Slot } from './link'
import { COMPILING_MS, patiently, pipelineCreated } from './patience'
import { type Binding, reflectBindings, reflectStruct, type StructLayout } from './reflect'
import { kernelName, kernelPath, SHADERS } from './shaders'

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
  const module = await compileModule(device, stem, linked)
  const layout = device.createPipelineLayout({ label: stem, bindGroupLayouts: [storageLayout, argsLayout] })
  const compute = { module, entryPoint: kernelName(stem), constants }
  const wanted = { label: stem, layout, compute }
  const what = `compiling ${stem}`
  const pipeline = await patiently(device, what, device.createComputePipelineAsync(wanted), COMPILING_MS)
  pipelineCreated(device)
  return { stem, code, pipeline, storage, storageLayout, args: reflectStruct(code, uniform.type), argsLayout }
}
