/** The work on batches on this machine: by Chrome or dawn.node, which is started again when it is lost. */
import { availableParallelism } from 'node:os'
import { adapterName, isLavapipe, isSwiftShader } from '../../src/gpu/adapter'
import type { Adapter } from '../../src/plan/adapterclass'
import { agentsThatFit } from '../../src/sweep/fits'
import type { Machine } from '../../src/sweep/machine'
import { packageVersion } from '../checkout/root.js'
import { openRuntime } from '../runtime/open'
import type { RuntimeChoice, RuntimeFacts } from '../runtime/runtime'
import { type Outlived, outlive } from '../training/relaunch'

export interface HarnessMachine extends Machine {
  facts: RuntimeFacts
  /** Of the current browser, or of the process of dawn.node. */
  readonly pid: number
  close(): Promise<void>
}

/** @throws HarnessError with exit code 3 if there is no usable GPU runtime. */
export async function openMachine(choice: RuntimeChoice, warn: (line: string) => void): Promise<HarnessMachine> {
  const runtime = await openRuntime(choice)
  const { facts } = runtime
  const outlived: Outlived = { runtime, open: () => openRuntime(choice), warn, stopped: false }
  return {
    facts,
    get pid() {
      return outlived.runtime.pid
    },
    // Of the current runtime: another one may have another adapter.
    get fingerprint() {
      const { facts } = outlived.runtime
      return { adapter: adapterName(facts), browser: facts.browser, version: packageVersion() }
    },
    get software() {
      return outlived.runtime.facts.software
    },
    fits: (spec, config) => agentsThatFit(adapterOf(outlived.runtime.facts), spec, config, availableParallelism()),
    async train(population, events, signal) {
      signal.throwIfAborted()
      const stop = () => {
        outlived.stopped = true
        void outlived.runtime.call('stop', {}).catch(() => {})
      }
      signal.addEventListener('abort', stop)
      try {
        const { checkpoint } = await outlive(outlived, { ...population, keptDevice: true }, (event) => {
          if (event.type === 'rows') events.rows(event.rows, event.seconds)
          if (event.type === 'checkpoint') events.checkpoint(event.bytes)
        })
        if (signal.aborted && checkpoint) events.checkpoint(checkpoint)
        signal.throwIfAborted()
        return checkpoint!
      } catch (error) {
        signal.throwIfAborted()
        throw error
      } finally {
        signal.removeEventListener('abort', stop)
        outlived.stopped = false
      }
    },
    close: () => outlived.runtime.close(),
  }
}

/** As the page sees it; without a device, that of a software adapter with subgroups. */
function adapterOf(facts: RuntimeFacts): Adapter {
  const { software, limits } = facts
  const quads = software && isSwiftShader(facts) ? 1 : 0
  return { software, lavapipe: isLavapipe(facts), quads, limits: limits as unknown as Adapter['limits'] }
}
