/** Compiles linked WGSL; apart from the kernels, whose text a page that only draws does not have. */
import type { Linked } from './link'
import { COMPILING_MS, patiently } from './patience'

/** WGSL that does not compile; every message carries the author's file and line. */
export class ShaderError extends Error {
  override name = 'ShaderError'
}

/** Linked WGSL; without `origin` errors do not say where they are. */
type Compiled = Pick<Linked, 'code'> & Partial<Linked>

/** @throws ShaderError with the author's file and line for every error. */
export async function compileModule(device: GPUDevice, stem: string, linked: Compiled): Promise<GPUShaderModule> {
  // Errors are reported below; without a scope they would count as the device's failure.
  device.pushErrorScope('validation')
  const module = device.createShaderModule({ label: stem, code: linked.code })
  void device.popErrorScope().catch(() => undefined) // rejects if the device is lost, which is reported elsewhere
  await reportErrors(device, stem, module, linked)
  return module
}

/** Throws with the author's file and line for every compilation error of `module`. */
async function reportErrors(
  device: GPUDevice,
  stem: string,
  module: GPUShaderModule,
  { code, origin = [] }: Compiled,
): Promise<void> {
  const { messages } = await patiently(device, `compiling ${stem}`, module.getCompilationInfo(), COMPILING_MS)
  const errors = messages.filter((m) => m.type === 'error')
  if (errors.length === 0) return
  const lines = errors.map((m) => {
    const from = origin[m.lineNum - 1]
    const text = code.split('\n')[m.lineNum - 1]?.trim() ?? ''
    return `${from ? `${from.file}:${from.line}:${m.linePos}` : stem}: ${m.message}\n    ${text}`
  })
  throw new ShaderError(`${stem} does not compile:\n${lines.join('\n')}`)
}
