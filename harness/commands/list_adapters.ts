/** `--list-adapters`: what `--adapter` can name with dawn.node, and what Chrome offers. */
import { existsSync } from 'node:fs'
import { isLavapipe, isSwiftShader } from '../../src/gpu/adapter'
import { adapterName, isSoftware } from '../../src/gpu/device'
import { browserPlaces } from '../chrome/find'
import { type AdapterChoice, chooseAdapter } from '../chrome/flags'
import { readMachine } from '../chrome/launch'
import { systemProbes } from '../chrome/probes'
import { EXIT, HarnessError } from '../cli/errors'
import { makeOutput } from '../cli/output'
import { findDrivers } from '../node/drivers'
import { lavapipeIn } from '../node/lavapipe'
import { openChrome } from '../runtime/chrome'
import { listNodeAdapters } from '../runtime/node'

type Told = Parameters<typeof isSoftware>[0]
type Limits = Record<string, number>

/** Prints the list. The exit code is 3 where neither has an adapter. */
export async function listAdapters(): Promise<number> {
  const output = makeOutput(false)
  const node = await lines(listNode)
  const chrome = await lines(listChrome)
  output.say(['With --runtime node, --adapter takes a part of a name:', ...node.lines].join('\n'))
  output.say(['With --runtime chrome, --adapter takes auto, software or hardware:', ...chrome.lines].join('\n'))
  return node.some || chrome.some ? EXIT.done : EXIT.noWebGpu
}

/** The lines of a list, or why there is none. */
async function lines(list: () => Promise<string[]>): Promise<{ lines: string[]; some: boolean }> {
  try {
    const found = await list()
    return { lines: found.map((line) => `  ${line}`), some: found.length > 0 }
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error
    return { lines: [`  none: ${error.message}`], some: false }
  }
}

async function listNode(): Promise<string[]> {
  const { version, adapters } = await listNodeAdapters()
  const rows = adapters.map(({ name, info, limits, lanes }) => {
    const subgroups = lanes > 0 ? `subgroups of ${lanes}` : 'no subgroups'
    return `${name}: ${classText(info)}, ${subgroups}, ${limitText(limits)}`
  })
  const lavapipe = process.platform === 'linux' ? lavapipeIn(findDrivers()) : null
  const missing = lavapipe && 'why' in lavapipe ? [`lavapipe: ${lavapipe.why}`] : []
  if (rows.length === 0) rows.push(`dawn.node ${version} finds none.`)
  return [...rows, ...missing]
}

async function listChrome(): Promise<string[]> {
  const places = browserPlaces(systemProbes())
  if (!places.some((path) => existsSync(path))) {
    throw new HarnessError('no Chrome or Chromium is installed; a command that needs one installs it.', EXIT.noWebGpu)
  }
  const hasGpu = chooseAdapter('auto', readMachine()) === 'hardware'
  const rows: string[] = []
  for (const kind of ['software', ...(hasGpu ? ['hardware'] : [])] as AdapterChoice[]) rows.push(await chromeRow(kind))
  return hasGpu ? rows : [...rows, 'hardware: no GPU was found on this machine.']
}

async function chromeRow(kind: AdapterChoice): Promise<string> {
  try {
    const runtime = await openChrome({ adapter: kind, onConsole: () => undefined })
    const { facts } = runtime
    await runtime.close()
    return `${kind}: ${adapterName(facts)} of ${facts.browser}: ${classText(facts)}, ${limitText(facts.limits)}`
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error
    return `${kind}: none. ${error.message}`
  }
}

const classText = (info: Told): string =>
  !isSoftware(info) ? 'GPU' : isSwiftShader(info) ? 'SwiftShader' : isLavapipe(info) ? 'lavapipe' : 'other software'

const limitText = (limits: Limits): string =>
  `${limits.maxComputeWorkgroupStorageSize / 1024} KiB and ${limits.maxComputeInvocationsPerWorkgroup} threads a workgroup, ` +
  `${limits.maxStorageBuffersPerShaderStage} storage buffers of ${Math.floor(limits.maxStorageBufferBindingSize / 2 ** 20)} MiB`
