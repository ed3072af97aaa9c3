/** The one way to a run on a device: for the library, the commands, the lab and the tests. */
import type { PpoConfig } from '../config/config'
import type { Gpu } from '../gpu/device'
import type { SharedGpu } from '../gpu/shared'
import { networkShape } from '../model/network'
import type { Snapshot } from '../plan/kept'
import type { Tuning } from '../plan/tuned'
import type { Calls, CreateOptions } from './api'
import { createRun, type RunOptions } from './createrun'
import { LastingRun } from './lasting'
import { telling } from './preparing'
import type { Prepare } from './recovery'
import type { Run } from './run'
import { Trainer } from './trainer'
import { type FirstPolicy, type Told, writeFirstWeights, writeWeights } from './weights'

/** What a run begins with, or goes on from. */
export interface Beginning extends Pick<CreateOptions, 'env' | 'device' | 'gpu' | 'signal' | 'onPreparing'> {
  config: PpoConfig
  /** A device that others use, too, in place of `device` and `gpu`. */
  shared?: SharedGpu
  snapshot?: Snapshot
  /** Of every agent, instead of random ones. */
  weights?: FirstPolicy
  /** Found by an earlier run on the same adapter. */
  tuning?: Tuning
  /** Tunes on a software adapter too, for tests. */
  tuneSoftware?: boolean
  /** Gets the trainer on each device, the first one and those after a loss, before it trains. */
  onTrainer?(trainer: Trainer, run: Run): void
}

/**
 * A run of a checked configuration that trains, and goes on when its device is lost.
 * @throws ConfigError when it does not fit the adapter, SnapshotError when the snapshot is of another run, GpuError.
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
  /** Of every agent, instead of random ones; null where others are put in their place next. */
  weights?: FirstPolicy | null
}

/** A run on one device, with the weights that it begins with: what is taken apart begins as what trains does. */
export async function beginRun(gpu: Gpu, { weights, tell, signal, ...options }: BeginOptions): Promise<Run> {
  const shape = networkShape(options.spec!, options.config)
  const run = await telling('compiling', tell ?? (() => undefined), createRun(gpu, { ...options, shape }))
  if (weights) writeWeights(run, weights)
  else if (weights !== null) await writeFirstWeights(run, { tell, signal })
  return run
}
