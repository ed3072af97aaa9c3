/** The adapter that was asked for, or with `auto` the one that there is: falls back to software, and never unasked. */
import { adapterName } from '../../src/gpu/device'
import { type AdapterChoice, chooseAdapter } from '../chrome/flags'
import { readMachine } from '../chrome/launch'
import { EXIT, HarnessError } from '../cli/errors'
import type { Runtime } from './runtime'

/** What to do where there is no adapter of kind `choice`. */
export const orSoftware = (choice: AdapterChoice): string =>
  choice === 'software' ? '' : ' Here --adapter software computes on the CPU.'

/** `code` of an error that another adapter may not have: none was given, or its driver took the process down. */
export const NO_ADAPTER = 'noAdapter'

export interface AdapterSearch {
  warn(line: string): void
  /** What the machine looks like; a device file may be there without a driver. */
  looksLike: 'software' | 'hardware'
}

const systemSearch = (): AdapterSearch => ({
  warn: (line) => void process.stderr.write(`${line}\n`),
  looksLike: chooseAdapter('auto', readMachine()),
})

/**
 * Opens a runtime with the adapter of `choice`. `auto` is consent to fall back: where the GPU that the machine shows gives
 * no adapter, it warns and takes the software adapter.
 * @throws HarnessError 3 when there is none, or when `hardware` was asked for and a software adapter came.
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
    warn('Going on with the software adapter. --adapter hardware makes this an error; --adapter software asks for it.')
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
