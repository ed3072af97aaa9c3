/** Opens the requested adapter; only `auto` falls back to a software adapter. */
import { adapterName } from '../../src/gpu/device'
import { type AdapterChoice, chooseAdapter } from '../chrome/flags'
import { readMachine } from '../chrome/launch'
import { EXIT, HarnessError } from '../cli/errors'
import type { Runtime } from './runtime'

/** What to do if there is no adapter of kind `choice`. */
export const orSoftware = (choice: AdapterChoice): string =>
  choice === 'software' ? '' : ' Here --adapter software computes on the CPU.'

/** `code` of an error that another adapter may not have: there is no adapter, or its driver ended the process. */
export const NO_ADAPTER = 'noAdapter'

export interface AdapterSearch {
  warn(line: string): void
  /** The machine's GPU, judged by its device files; the driver may be missing. */
  looksLike: 'software' | 'hardware'
}

const systemSearch = (): AdapterSearch => ({
  warn: (line) => void process.stderr.write(`${line}\n`),
  looksLike: chooseAdapter('auto', readMachine()),
})

/**
 * Opens a runtime with the adapter of `choice`. `auto` allows a fallback: if the machine's GPU gives no adapter, it
 * warns and uses the software adapter.
 * @throws HarnessError 3 if there is none, or if `hardware` was requested and the browser gave a software adapter.
 */
export async function withAdapter<T extends Runtime>(
  choice: AdapterChoice,
  open: (adapter: AdapterChoice) => Promise<T>,
  { warn, looksLike }: AdapterSearch = systemSearch(),
): Promise<T> {
  let runtime: T
  try {
    runtime = await open(choice)
  } catch (error) {
    if (choice !== 'auto' || looksLike === 'software' || !isNoAdapter(error)) throw error
    warn(`WARNING: this machine shows a GPU, but it cannot be used: ${error.message}`)
    warn('Using the software adapter. --adapter hardware makes this an error; --adapter software requests it.')
    return open('software')
  }
  if (choice !== 'hardware' || !runtime.facts.software) return runtime
  await runtime.close()
  throw new HarnessError(
    `--adapter hardware: ${runtime.facts.browser} found no GPU and gave its software adapter, ${adapterName(runtime.facts)}. ` +
      "Install the GPU's Vulkan driver (vulkaninfo lists what there is), or use --adapter software.",
    EXIT.noWebGpu,
  )
}

const isNoAdapter = (error: unknown): error is HarnessError =>
  error instanceof HarnessError && error.code === NO_ADAPTER
