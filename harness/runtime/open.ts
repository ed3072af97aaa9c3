/** Opens the requested runtime. */
import { suggest } from '../../src/options/suggest'
import { ADAPTER_CHOICES, type AdapterChoice, type AdapterWish } from '../chrome/flags'
import { UsageError } from '../cli/errors'
import { openChrome } from './chrome'
import { openNode } from './node'
import type { Runtime, RuntimeChoice } from './runtime'

/** @throws HarnessError with exit code 3 if there is no usable WebGPU, with what to do. */
export async function openRuntime({
  runtime = 'chrome',
  adapter = 'auto',
  root,
}: RuntimeChoice = {}): Promise<Runtime> {
  if (runtime === 'node') return openNode({ adapter, root })
  return openChrome({ adapter: forChrome(adapter), root })
}

/** @throws UsageError for a name: Chrome takes its adapter itself. */
export function forChrome(adapter: AdapterWish): AdapterChoice {
  if (typeof adapter === 'string') return adapter
  const { named } = adapter
  throw new UsageError(
    `--adapter: ${JSON.stringify(named)} is not one of ${ADAPTER_CHOICES.join(', ')}${suggest(named, ADAPTER_CHOICES)}. Chrome takes its adapter ` +
      'itself; a part of a name works with --runtime node. --list-adapters lists what there is.',
  )
}
