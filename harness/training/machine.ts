/** Where training runs: on the GPU, in headless Chrome or by dawn.node, or in the CPU reference in this process. */

import { derivedSizes } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { adapterName } from '../../src/gpu/device'
import { actionScale } from '../../src/model/actions'
import { networkShape } from '../../src/model/network'
import { policyFile } from '../../src/policy/policyfile'
import { createReferencePpo, layoutFor, type ReferenceAgent } from '../../src/reference/ppo'
import type { BestPolicy } from '../../src/run/api'
import type { OnPreparing } from '../../src/run/preparing'
import { makeFirstWeights } from '../../src/run/weights'
import { packageVersion } from '../checkout/root.js'
import { EXIT, HarnessError } from '../cli/errors'
import type { Output } from '../cli/output'
import type { TrainEvent, TrainResult } from '../protocol/protocol'
import { openRuntime } from '../runtime/open'
import type { RuntimeChoice } from '../runtime/runtime'
import { announceAdapter } from '../setup/setup'
import { type Outlived, outlive, type Training } from './relaunch'

export interface Machine {
  /** Its name in results, next to every number. */
  adapter: string
  /** For facts.json. */
  facts: Record<string, unknown>
  train(training: Training, onEvent: (event: TrainEvent) => void): Promise<TrainResult>
  /** Ends the training after the submitted iterations. */
  stop(): void
  close(): Promise<void>
}

/** @throws HarnessError with exit code 3 if there is no usable GPU runtime. */
export async function gpuMachine(choice: RuntimeChoice, output: Output): Promise<Machine> {
  const runtime = await openRuntime(choice)
  announceAdapter(output, runtime.facts)
  const outlived: Outlived = { runtime, open: () => openRuntime(choice), warn: output.warn, stopped: false }
  return {
    adapter: adapterName(runtime.facts),
    facts: { browser: runtime.facts.browser, adapter: runtime.facts },
    train: (training, onEvent) => unlessStopped(outlive(outlived, training, onEvent), () => outlived.stopped),
    stop() {
      outlived.stopped = true
      void outlived.runtime.call('stop', {}).catch(() => {})
    },
    close: () => outlived.runtime.close(),
  }
}

/** If the user interrupts while initial weights are computed, ends with the exit code for it. */
const unlessStopped = (training: Promise<TrainResult>, stopped: () => boolean): Promise<TrainResult> =>
  training.catch((error) => {
    if (!stopped() || error.name !== 'AbortError') throw error
    throw new HarnessError('Interrupted before the first iteration: there is nothing to save.', EXIT.interrupted)
  })

/** The best policy of an agent of the reference. */
function bestOf(spec: EnvSpec, { best, config }: ReferenceAgent<unknown>): BestPolicy | null {
  if (best.params === null) return null
  const { batchSize } = derivedSizes(config)
  const { iteration, returnMean: evalReturnMean, params, normaliser } = best
  const timesteps = iteration * batchSize
  const origin = {
    library: packageVersion(),
    adapter: REFERENCE,
    seed: config.seed,
    steps: timesteps,
    score: null,
    config,
  }
  const shape = networkShape(spec, config)
  const file = policyFile(spec, shape, Float32Array.from(params), normaliser, actionScale(spec, config), origin)
  return { iteration, timesteps, evalReturnMean, file }
}

const REFERENCE = `CPU reference, Node ${process.version}`

/** The plain TypeScript trainer: float64, one thread, no browser, no checkpoints. */
export function referenceMachine(): Machine {
  const stopped = new AbortController()
  return {
    adapter: REFERENCE,
    facts: { browser: null, adapter: null },
    train: (training, onEvent) =>
      unlessStopped(trainReference(training, onEvent, stopped.signal), () => stopped.signal.aborted),
    stop: () => stopped.abort(),
    close: async () => {},
  }
}

async function trainReference(
  { spec, config, first }: Training,
  onEvent: (event: TrainEvent) => void,
  signal: AbortSignal,
): Promise<TrainResult> {
  const weights: Float32Array[] = []
  const take = (params: Float32Array) => void weights.push(params)
  const tell: OnPreparing = (detail) => onEvent({ type: 'preparing', detail })
  if (first) for (let k = 0; k < config.numAgents; k++) take(first.params)
  else await makeFirstWeights(layoutFor(spec, config), config, take, { tell, signal })
  const ppo = createReferencePpo(spec, config, weights)
  for (const { normaliser } of ppo.agents) {
    for (const key of ['obs', 'returns'] as const) {
      const running = first?.normaliser?.[key]
      if (normaliser?.stats[key] && running) normaliser.stats[key] = structuredClone(running)
    }
  }
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  const reported = new Array<number>(config.numAgents).fill(0)
  let iterations = 0
  while (!ppo.done && !signal.aborted) {
    // An agent that has stopped repeats its last row; the row is reported once.
    const rows = ppo.iterate().map((row, k) => (row.iteration > reported[k] ? row : null))
    for (const [k, row] of rows.entries()) if (row) reported[k] = row.iteration
    iterations++
    onEvent({ type: 'rows', rows: [rows], seconds: seconds() })
    await new Promise(setImmediate) // signals are handled between iterations
  }
  const params = Float32Array.from(reported.flatMap((_, k) => [...ppo.params(k)]))
  const calls = { submits: 0, mapAsyncs: 0, writeBuffers: 0 }
  const none = { tuning: null, dispatchesPerIteration: 0, hostMsPerIteration: 0, calls }
  const normalisers = ppo.agents.map(({ normaliser }) => normaliser?.stats ?? null)
  const best = config.evalEvery > 0 ? ppo.agents.map((agent) => bestOf(spec, agent)) : []
  return { params, normalisers, best, checkpoint: null, iterations, seconds: seconds(), plan: 'reference', ...none }
}
