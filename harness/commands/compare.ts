/** `compare`: the GPU against the CPU reference, stage by stage. */
import type { Command } from '../args'
import { HarnessError } from '../errors'
import { CONFIG_FLAGS, readAdapter, readSetup } from '../setup'

export const compare: Command = {
  name: 'compare',
  summary: 'Compare the GPU with the CPU reference, stage by stage.',
  flags: { ...CONFIG_FLAGS, json: { help: 'Print the result as one line of JSON, the last of stdout.' } },
  async run(given) {
    readSetup(given)
    readAdapter(given)
    throw new HarnessError('compare: not available yet.')
  },
}
