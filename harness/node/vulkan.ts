/** Finds Vulkan on Linux: the loader, and SwiftShader, which Chrome and Chromium include. */
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageRoot } from '../checkout/root.js'
import { browserPlaces } from '../chrome/find'
import { systemProbes } from '../chrome/probes'

export const LOADER = 'libvulkan.so.1'
export const SWIFTSHADER = ['vk_swiftshader_icd.json', 'libvk_swiftshader.so']

/** Folders that may contain a loader and SwiftShader: that of `npm run pack`, then those of the browsers. */
function folders(): string[] {
  const browsers = browserPlaces(systemProbes()).filter((path) => existsSync(path))
  return [join(packageRoot(), 'vulkan'), ...new Set(browsers.map((path) => dirname(realpathSync(path))))]
}

/** Loaders to try, best first. A name without a path is the system's. */
export const vulkanLoaders = (): string[] => [
  LOADER,
  ...folders()
    .map((folder) => join(folder, LOADER))
    .filter((path) => existsSync(path)),
]

/** The folder of SwiftShader's driver, or null. */
export const swiftShaderFolder = (): string | null =>
  folders().find((folder) => SWIFTSHADER.every((name) => existsSync(join(folder, name)))) ?? null
