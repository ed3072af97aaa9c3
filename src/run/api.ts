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

export interface TrainOptions {
  /**
   * Stop after this many timesteps per agent (rounded down to whole iterations) instead of the configuration's total.
   */
  totalTimesteps?: number
  /** Ends the loop after the iterations that are already submitted. */
  signal?: AbortSignal
  /** How often to make a checkpoint. It is read while training continues, and arrives in a later update. */
  checkpointEvery?: Every
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
