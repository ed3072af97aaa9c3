/** What trains: the GPU, in headless Chrome or by dawn.node, or the CPU reference in this process. */

import type { PpoConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { adapterName } from '../../src/gpu/device'
import { initCost, initialising } from '../../src/model/init'
import { inPieces, type Pieces } from '../../src/model/pieces'
import { agentConfig } from '../../src/options/sweep'
import { createReferencePpo, layoutFor } from '../../src/reference/ppo'
import { type OnPreparing, tellOfWork } from '../../src/run/preparing'
import { EXIT, HarnessError } from '../cli/errors'
import type { Output } from '../cli/output'
import type { TrainEvent, TrainResult } from '../protocol/protocol'
import { openRuntime } from '../runtime/open'
import type { RuntimeChoice } from '../runtime/runtime'
import { announceAdapter } from '../setup/setup'
import { type Outlived, outlive, type Training } from './relaunch'

export interface Machine {
  /** Named in results, beside every number. */
  adapter: string
  /** For facts.json. */
  facts: Record<string, unknown>
  train(training: Training, onEvent: (event: TrainEvent) => void): Promise<TrainResult>
  /** Ends the training after the iterations under way. */
  stop(): void
  close(): Promise<void>
}

/** @throws HarnessError with exit code 3 when nothing with a GPU starts. */
export async function gpuMachine(choice: RuntimeChoice, output: Output): Promise<Machine> {
  const runtime = await openRuntime(choice)
  announceAdapter(output, runtime.facts)
  const outlived: Outlived = { runtime, open: () => openRuntime(choice), warn: output.warn, stopped: false }
  return {
    adapter: adapterName(runtime.facts),
    facts: { browser: runtime.facts.browser, adapter: runtime.facts },
    train: (training, onEvent) => outlive(outlived, training, onEvent),
    stop() {
      outlived.stopped = true
      void outlived.runtime.call('stop', {}).catch(() => {})
    },
    close: () => outlived.runtime.close(),
  }
}

/** Of every agent, with turns for signals in between. */
function firstWeights(
  spec: EnvSpec,
  config: PpoConfig,
  tell: OnPreparing,
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const layout = layoutFor(spec, config)
  const agents = Array.from({ length: config.numAgents }, (_, k) => agentConfig(config, k))
  const work = function* (): Pieces<Float32Array[]> {
    const all: Float32Array[] = []
    for (const own of agents) all.push(yield* initialising(layout, own))
    return all
  }
  const onTurn = tellOfWork('firstWeights', tell, agents.length * initCost(layout))
  return inPieces(work(), { onTurn, signal }).catch((error) => {
    if (!signal.aborted) throw error
    throw new HarnessError('Interrupted before the first iteration: there is nothing to save.', EXIT.interrupted)
  })
}

/** The plain TypeScript trainer: float64, one thread, no browser, no checkpoints. */
export function referenceMachine(): Machine {
  const stopped = new AbortController()
  return {
    adapter: `CPU reference, Node ${process.version}`,
    facts: { browser: null, adapter: null },
    async train({ spec, config }, onEvent) {
      const tell: OnPreparing = (detail) => onEvent({ type: 'preparing', detail })
      const ppo = createReferencePpo(spec, config, await firstWeights(spec, config, tell, stopped.signal))
      const start = performance.now()
      const seconds = () => (performance.now() - start) / 1000
      const reported = new Array<number>(config.numAgents).fill(0)
      let iterations = 0
      while (!ppo.done && !stopped.signal.aborted) {
        // An agent that has stopped repeats its last row; it is reported once.
        const rows = ppo.iterate().map((row, k) => (row.iteration > reported[k] ? row : null))
        for (const [k, row] of rows.entries()) if (row) reported[k] = row.iteration
        iterations++
        onEvent({ type: 'rows', rows: [rows], seconds: seconds() })
        await new Promise(setImmediate) // signals are heard between iterations
      }
      const params = Float32Array.from(reported.flatMap((_, k) => [...ppo.params(k)]))
      const calls = { submits: 0, mapAsyncs: 0, writeBuffers: 0 }
      const none = { tuning: null, dispatchesPerIteration: 0, hostMsPerIteration: 0, calls }
      const normalisers = ppo.agents.map(({ normaliser }) => normaliser?.stats ?? null)
      return { params, normalisers, checkpoint: null, iterations, seconds: seconds(), plan: 'reference', ...none }
    },
    stop: () => stopped.abort(),
    close: async () => {},
  }
}
