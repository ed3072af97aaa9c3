/** SwiftShader's Vulkan, that of the Chrome or Chromium here, for another program. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, isAbsolute, join } from 'node:path'
import { LOADER, SWIFTSHADER, swiftShaderFolder, vulkanLoaders } from '../../harness/node/vulkan'

export interface Vulkan {
  /** The environment in which a program finds this driver, and no other. */
  env: Record<string, string>
  /** @returns the environment for uncompiled.c around it: pipelines cost the driver nothing, and cannot run. */
  uncompiled(): Record<string, string>
  close(): void
}

export function softwareVulkan(): Vulkan {
  const driver = swiftShaderFolder()
  if (!driver)
    throw new Error(`vulkan: no SwiftShader (${SWIFTSHADER.join(', ')}) is beside a Chrome or Chromium here.`)
  // The browser's loader serves where the system has none. It is linked alone: beside it are libraries of the browser.
  const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-vulkan-'))
  const loader = vulkanLoaders().find((path) => isAbsolute(path) && basename(path) === LOADER)
  if (loader) symlinkSync(loader, join(folder, LOADER))
  const file = join(driver, SWIFTSHADER[0])
  const path = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':')
  // Vulkan loaders before 1.3.207 read the second one.
  const envOf = (file: string) => ({ VK_DRIVER_FILES: file, VK_ICD_FILENAMES: file, LD_LIBRARY_PATH: path })
  return {
    env: envOf(file),
    uncompiled() {
      const library = join(folder, 'libuncompiled.so')
      buildLibrary(join(import.meta.dirname, 'uncompiled.c'), library)
      const own = join(folder, 'uncompiled.json')
      const ICD = { api_version: '1.1.0', library_path: library }
      writeFileSync(own, JSON.stringify({ file_format_version: '1.0.0', ICD }))
      return { ...envOf(own), UNCOMPILED_DRIVER: join(driver, SWIFTSHADER[1]) }
    },
    close: () => rmSync(folder, { recursive: true }),
  }
}

/** @throws Error that says what the compiler said, and what to do. */
function buildLibrary(source: string, library: string): void {
  try {
    const stdio = ['ignore', 'ignore', 'pipe'] as const
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], {
      stdio: [...stdio],
      encoding: 'utf8',
    })
  } catch (error) {
    const { code, stderr, message } = error as { code?: string; stderr?: string; message: string }
    const why = code === 'ENOENT' ? "there is no C compiler, cc: install Debian's gcc and libc6-dev" : stderr || message
    throw new Error(`vulkan: cannot build ${source}: ${why}`)
  }
}
