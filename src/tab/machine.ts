/** The GPU of a tab. */
import { version } from '../../package.json'
import { gpuName } from '../gpu/device'
import { SharedGpu } from '../gpu/shared'
import { adapterOf } from '../plan/adapterclass'
import { agentsThatFit } from '../sweep/fits'
import type { Machine } from '../sweep/machine'
import { openPopulation } from '../sweep/open'
import { browserName } from './browser'

/** @throws GpuError 3 without usable WebGPU. */
export async function tabMachine(): Promise<Machine> {
  const shared = new SharedGpu()
  let gpu = await shared.get()
  const browser = await browserName()
  return {
    get fingerprint() {
      return { adapter: gpuName(gpu), browser, version }
    },
    get software() {
      return gpu.software
    },
    fits: (spec, config) => agentsThatFit(adapterOf(gpu), spec, config, navigator.hardwareConcurrency),
    async train(population, events, signal) {
      signal.throwIfAborted()
      const ppo = await openPopulation(population, shared, { signal })
      try {
        const start = performance.now()
        const { untilTimesteps: totalTimesteps, checkpointEvery } = population
        for await (const { rows, checkpoint } of ppo.train({ signal, totalTimesteps, checkpointEvery })) {
          events.rows(rows, (performance.now() - start) / 1000)
          if (checkpoint) events.checkpoint(checkpoint)
        }
        if (signal.aborted) events.checkpoint(await ppo.save())
        signal.throwIfAborted()
        gpu = ppo.gpu
        return await ppo.save()
      } finally {
        ppo.dispose()
      }
    },
  }
}
