/** Which Vulkan drivers dawn.node may use, by `--adapter`: variables for its process. */
import { join } from 'node:path'
import { type AdapterWish, chooseAdapter, type Machine } from '../chrome/flags'
import { readMachine } from '../chrome/launch'
import { EXIT, HarnessError, UsageError } from '../cli/errors'
import { type DriverSearch, findDrivers, isLavapipeDriver, onlyDrivers } from '../node/drivers'
import { lavapipeIn, meansLavapipe, shaderCache } from '../node/lavapipe'
import { SWIFTSHADER, swiftShaderFolder } from '../node/vulkan'
import { NO_ADAPTER, orSoftware } from './adapter'

export interface DriverFacts {
  search: DriverSearch
  machine: Machine
  /** The folder of SwiftShader's driver. */
  swiftShader: string | null
  warn(line: string): void
}

const systemFacts = (): DriverFacts => ({
  search: findDrivers(),
  machine: readMachine(),
  swiftShader: process.platform === 'linux' ? swiftShaderFolder() : null,
  warn: (line) => void process.stderr.write(`${line}\n`),
})

/** @throws HarnessError 3 if a driver is missing, with what to install. */
export function vulkanDrivers(adapter: AdapterWish, facts: DriverFacts = systemFacts()): Record<string, string> {
  if (typeof adapter !== 'string') return driversFor(adapter.named, facts)
  const { search, machine, warn } = facts
  const others = search.drivers.filter((driver) => !isLavapipeDriver(driver)).map(({ file }) => file)
  const hasLavapipe = others.length < search.drivers.length
  if (adapter === 'auto' && search.variable !== null) {
    if (!hasLavapipe) return {}
    if (others.length > 0) return onlyDrivers(others)
    warn(`${search.variable} names lavapipe, which --adapter auto never takes: --adapter lavapipe asks for it.`)
    return swiftShaderDriver(facts)
  }
  if (chooseAdapter(adapter, machine) === 'software') return swiftShaderDriver(facts)
  if (machine.platform !== 'linux' || !hasLavapipe) return {}
  if (others.length > 0) return onlyDrivers(others)
  throw new HarnessError(
    `webgpu: the only Vulkan driver here is lavapipe's (${search.drivers[0].file}), which computes on the CPU. Install the ` +
      `GPU's own.${orSoftware(adapter)} --adapter lavapipe asks for lavapipe.`,
    EXIT.noWebGpu,
    { code: NO_ADAPTER },
  )
}

/** All drivers: of the system or of the variable, and SwiftShader's. */
export function systemDrivers(facts: DriverFacts = systemFacts()): Record<string, string> {
  const { search, machine, swiftShader } = facts
  if (machine.platform !== 'linux') return {}
  const own = swiftShader === null || search.variable !== null ? [] : [join(swiftShader, SWIFTSHADER[0])]
  const lavapipe = search.drivers.some(isLavapipeDriver) ? shaderCache().env : {}
  return { ...onlyDrivers([...search.drivers.map(({ file }) => file), ...own]), ...lavapipe }
}

function driversFor(named: string, facts: DriverFacts): Record<string, string> {
  if (!meansLavapipe(named)) return systemDrivers(facts)
  if (facts.machine.platform !== 'linux') {
    throw new UsageError(
      `--adapter ${named}: lavapipe is looked for on Linux only, and this is ${facts.machine.platform}.`,
    )
  }
  const found = lavapipeIn(facts.search)
  if ('why' in found) throw new HarnessError(`--adapter ${named}: ${found.why}`, EXIT.noWebGpu)
  return { ...onlyDrivers(found.drivers.map(({ file }) => file)), ...shaderCache().env }
}

function swiftShaderDriver({ swiftShader }: DriverFacts): Record<string, string> {
  if (swiftShader !== null) return onlyDrivers([join(swiftShader, SWIFTSHADER[0])])
  throw new HarnessError(
    'webgpu: with --runtime node the software adapter is the SwiftShader of an installed Chrome or Chromium, on Linux; ' +
      `none was found (${SWIFTSHADER.join(', ')}). Install one, set PPO_WEBGPU_CHROME to it, or use --adapter hardware.`,
    EXIT.noWebGpu,
  )
}
