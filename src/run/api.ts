/** The types of the library: options and results of `createPpo` and `loadPpo`. */

import type { PpoConfig, PpoOptions } from '../config/config'
import type { AnyEnvSpec } from '../env/contract'
import type { Gpu } from '../gpu/device'
import type { DeviceSource } from '../gpu/source'
import type { MetricsRow } from '../metrics'
import type { NormaliserStats } from '../model/normaliser'
import type { Plan } from '../plan/kernels'
import type { Tuning } from '../plan/tuned'
import type { Policy } from '../policy/policy'
import type { OnPreparing } from './preparing'

export interface CreateOptions extends PpoOptions {
  /** The environment, such as `cartPole`. */
  env: AnyEnvSpec
  /** The initial options: `default` (the environment's own) or a name in PRESETS; default `default`. */
  preset?: string
  /**
   * Your own device, or a function that returns one; its limits are used as they are, and it is not destroyed. After a
   * loss the function is called again and training continues; if a plain device is lost, `train` throws.
   */
  device?: DeviceSource
  /** Where to request an adapter if there is no `device`; default navigator.gpu. */
  gpu?: GPU
  /** Ends the preparation with an AbortError while initial weights are computed; `train` has its own signal. */
  signal?: AbortSignal
  /**
   * Called every second with the current stage of a long preparation before the first row: initial weights, compiling.
   */
  onPreparing?: OnPreparing
}

/** How often: every so many iterations (of the run, so 10 means 10, 20, ...), or seconds. */
export interface Every {
  iterations?: number
  seconds?: number
}

/** Counts of the host's work during training. */
export interface Calls {
  submits: number
  iterations: number
  /** Milliseconds that the host spent encoding and submitting. */
  hostMs: number
}

/** Events of a run's device. */
export interface PpoEvents {
  /** The device was lost or does not answer. */
  deviceLost: { message: string; iterations: number }
  /** Training continues: from the snapshot after iteration `from`, `ms` milliseconds after the loss. */
  recovered: { from: number; iterations: number; ms: number; sameAdapter: boolean }
}

/** What `train` yields: the first agent's latest row, the steps per second, and the rows of all agents. */
export interface TrainUpdate extends MetricsRow {
  /** Environment steps per second of all agents together, including training, since the start of this call. */
  sps: number
  /** [iteration][agent]: every row since the last update; null for an agent that had stopped before. */
  rows: (MetricsRow | null)[][]
  /** A requested checkpoint (`checkpointEvery`): of the latest of these iterations, or of an earlier one; else null. */
  checkpoint: Uint8Array | null
}

/**
 * Functions that hear of what was read back, each of it once and in order, also after a lost device; `train` waits for
 * the promises that they return, and the GPU goes on meanwhile. If one throws, `train` throws a HookError with its name;
 * nothing is lost: the next loop over `train` gives the update that it stopped in, and goes on.
 */
export interface Hooks {
  /** Gets the rows of each iteration, [agent]; null for an agent that had stopped before. */
  onIteration?(rows: readonly (MetricsRow | null)[]): unknown
  /** Gets the rows of each iteration with an evaluation (`evalEvery`), after `onIteration`. */
  onEvaluation?(rows: readonly (MetricsRow | null)[]): unknown
  /** Gets each requested checkpoint (`checkpointEvery`), after the rows of its iteration. */
  onCheckpoint?(checkpoint: Uint8Array): unknown
  /**
   * Your own metrics, by name: a number computed from each row, or null. They are `own` of the row, and of every hook's
   * and update's rows.
   */
  metrics?: Record<string, (row: MetricsRow, agent: number) => number | null>
}

export interface TrainOptions extends Hooks {
  /**
   * Stop after this many timesteps per agent (rounded down to whole iterations) instead of the configuration's total.
   */
  totalTimesteps?: number
  /** Ends the loop after the iterations that are already submitted. */
  signal?: AbortSignal
  /** How often to make a checkpoint. It is read while training continues, and arrives in a later update. */
  checkpointEvery?: Every
}

/** The best policy of an agent so far, by the mean return of its evaluations (`evalEvery`); of equal ones the first. */
export interface BestPolicy {
  /** The iteration after which it was evaluated, and the timesteps until then. */
  iteration: number
  timesteps: number
  /**
   * The mean return of that evaluation. It was chosen as the largest of many, so it is too good on average; play other
   * episodes for a fair number.
   */
  evalReturnMean: number
  /** A policy file. */
  file: Uint8Array
}

export interface Ppo {
  config: PpoConfig
  /** Iterations whose metrics have been read back. */
  readonly iterations: number
  /**
   * How the computation is split into dispatches (ARCHITECTURE.md), why, and the number of dispatches per iteration.
   */
  readonly plan: Plan
  readonly planReason: string
  readonly dispatchesPerIteration: number
  /** Threads of the fused kernels: measured, or from a table (option `autotune`). */
  readonly tuning: Tuning
  /** Submits, iterations and milliseconds of the host, counted since creation. */
  readonly calls: Calls
  /** The current device; after a loss, another one. */
  readonly gpu: Gpu
  /**
   * Trains until the configuration's end, until every agent has stopped, or until `signal` is aborted.
   * @throws GpuError 5 if the device is lost and not replaced.
   */
  train(options?: TrainOptions): AsyncGenerator<TrainUpdate, void, void>
  /** Current parameters, padded: f32 [numAgents][paramStride] (src/model/network.ts). */
  params(): Promise<Float32Array>
  /** The statistics that normalise each agent's observations and rewards; null without normObs and normReward. */
  normalisers(): Promise<(NormaliserStats | null)[]>
  /** The policy of one agent, for the CPU. */
  policy(agent?: number): Promise<Policy>
  /** The policy of one agent as a safetensors file. */
  policyFile(agent?: number): Promise<Uint8Array>
  /** The best policy of one agent so far; null before its first evaluation, and without `evalEvery`. */
  best(agent?: number): Promise<BestPolicy | null>
  /**
   * A checkpoint: the whole state of training, bit-identical, as a safetensors file for `loadPpo`. Inside the loop over
   * `train` it is some iterations ahead of the rows; after the loss of a plain `device` it is the last stored snapshot.
   */
  save(): Promise<Uint8Array>
  /**
   * The inputs of the first non-finite value of an agent, as a safetensors file that `verify` replays. `row` is the
   * agent's last row, with `notFinite`.
   */
  dump(agent: number, row: MetricsRow): Promise<Uint8Array>
  /** Calls `listener` at each event of this kind; returns a function that removes it. */
  on<E extends keyof PpoEvents>(event: E, listener: (detail: PpoEvents[E]) => void): () => void
  /** Frees all buffers; destroys the device unless it was the caller's. */
  dispose(): void
}
