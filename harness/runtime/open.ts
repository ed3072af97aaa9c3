/** Opens the requested runtime. */
import { openChrome } from './chrome'
import { openNode } from './node'
import type { Runtime, RuntimeChoice } from './runtime'

/** @throws HarnessError with exit code 3 if there is no usable WebGPU, with what to do. */
export const openRuntime = ({ runtime = 'chrome', adapter = 'auto', root }: RuntimeChoice = {}): Promise<Runtime> =>
  runtime === 'node' ? openNode({ adapter, root }) : openChrome({ adapter, root })
