/** Opens a run on a device: used by the library, the commands, the lab and the tests. */
import type { PpoConfig } from '../config/config'
import type { Gpu } from '../gpu/device'
import type { SharedGpu } from '../gpu/shared'
import { networkShape } from '../model/network'
import type { Snapshot } from '../plan/kept'
import { checkObservation, compileSeconds, heldEntries, LONG_OBSERVATION } from '../plan/observation'
import type { Tuning } from '../plan/tuned'
import type { Calls, CreateOptions } from './api'
import { createRun, type RunOptions } from './createrun'
import { LastingRun } from './lasting'
import { telling } from './preparing'
import type { Prepare } from './recovery'
import type { Run } from './run'
import { Trainer } from './trainer'
import { type FirstPolicy, type Told, writeFirstWeights, writeWeights } from './weights'

/** The start of a run: new, or continued. */
export interface Beginning extends Pick<CreateOptions, 'env' | 'device' | 'gpu' | 'signal' | 'onPreparing'> {
  config: PpoConfig
  /** A device shared with others, in place of `device` and `gpu`. */
  shared?: SharedGpu
  snapshot?: Snapshot
  /** Initial weights of every agent, instead of random ones. */
  weights?: FirstPolicy
  /** Found by an earlier run on the same adapter. */
  tuning?: Tuning
  /** Tunes on a software adapter too, for tests. */
  tuneSoftware?: boolean
  /** Gets the trainer on each device, also after a loss, before it trains. */
  onTrainer?(trainer: Trainer, run: Run): void
}

/**
 * A run of a checked configuration that can train, and continues after the loss of its device.
 * @throws ConfigError if it does not fit the adapter, SnapshotError if the snapshot is of another run, GpuError.
 */
export function openRun(beginning: Beginning): Promise<LastingRun> {
  const { env, config, snapshot, weights, tuneSoftware, onTrainer, device, gpu, shared, signal } = beginning
  const tell = beginning.onPreparing
  let { tuning } = beginning
  let calls: Calls | undefined
  const prepare: Prepare = async (gpu, { snapshot, config }) => {
    const wanted = { spec: env, config, iterationsPerSubmit: 'auto', tuning, tuneSoftware, tell, signal } as const
    const run = await beginRun(gpu, { ...wanted, weights: snapshot ? null : weights })
    const trainer = new Trainer(run, calls)
    tuning = run.tuning
    calls = trainer.calls
    onTrainer?.(trainer, run)
    return { run, trainer }
  }
  return LastingRun.open({ device, gpu, shared }, prepare, config, snapshot ?? null)
}

export interface BeginOptions extends Omit<RunOptions, 'shape'>, Told {
  /** Initial weights of every agent, instead of random ones; null if they are written later. */
  weights?: FirstPolicy | null
}

/** A run on one device, with its initial weights: `compare` starts the same way as training. */
export async function beginRun(gpu: Gpu, { weights, tell, signal, ...options }: BeginOptions): Promise<Run> {
  const shape = networkShape(options.spec!, options.config)
  checkObservation(options.spec!, gpu.software)
  const held = heldEntries(options.spec!)
  const estimate = gpu.software && held >= LONG_OBSERVATION ? compileSeconds(held) : null
  const run = await telling('compiling', tell ?? (() => undefined), createRun(gpu, { ...options, shape }), estimate)
  if (weights) writeWeights(run, weights)
  else if (weights !== null) await writeFirstWeights(run, { tell, signal })
  return run
}
