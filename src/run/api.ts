/** What the library gives and takes: the types of `createPpo`, `loadPpo` and what they return. */

import type { PpoConfig, PpoOptions } from '../config/config'
import type { EnvSpec } from '../env/contract'
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
  env: EnvSpec
  /** Which options to start from: `default` (the environment's own) or a name of PRESETS. */
  preset?: string
  /**
   * A device of your own, or a function that gets one; its limits are used as they are, and it is not destroyed. When it
   * is lost, a function is called again, and training goes on; after the loss of a plain device `train` throws.
   */
  device?: DeviceSource
  /** Where to look for an adapter, when there is no `device`; navigator.gpu unless given. */
  gpu?: GPU
  /** Ends the preparation with an AbortError while first weights are made; `train` has a signal of its own. */
  signal?: AbortSignal
  /** Hears every second what is under way before the first row, where it takes long: first weights, compiling. */
  onPreparing?: OnPreparing
}

/** When a snapshot is due: after so many iterations (of the run, so 10 means 10, 20, ...), or seconds. */
export interface Every {
  iterations?: number
  seconds?: number
}

/** What the host did while training. */
export interface Calls {
  submits: number
  iterations: number
  /** Milliseconds that the host spent encoding and submitting. */
  hostMs: number
}

/** What happens to a run's device. */
export interface PpoEvents {
  /** The device was lost or does not answer. */
  deviceLost: { message: string; iterations: number }
  /** Training goes on: from the snapshot of `from`, after so many milliseconds. */
  recovered: { from: number; iterations: number; ms: number; sameAdapter: boolean }
}

/** What `train` yields: the first agent's latest row, its steps per second, and the rows of all agents. */
export interface TrainUpdate extends MetricsRow {
  /** Environment steps per second of all agents together, training included, since the start of this call. */
  sps: number
  /** [iteration][agent]: every row since the last update; null for an agent that had stopped before. */
  rows: (MetricsRow | null)[][]
  /** A checkpoint that was due (`checkpointEvery`): of the latest of these iterations, or of one before. */
  checkpoint: Uint8Array | null
}

export interface TrainOptions {
  /** Stop after so many timesteps per agent (rounded down to whole iterations) instead of the configuration's total. */
  totalTimesteps?: number
  /** Ends the loop after the iterations that are already on their way. */
  signal?: AbortSignal
  /** When a checkpoint is due. It is read while training goes on, and comes with a later update. */
  checkpointEvery?: Every
}

export interface Ppo {
  config: PpoConfig
  /** Iterations whose metrics have come back. */
  readonly iterations: number
  /** How the mathematics is split into dispatches (ARCHITECTURE.md), why, and how many an iteration takes. */
  readonly plan: Plan
  readonly planReason: string
  readonly dispatchesPerIteration: number
  /** Threads of the fused kernels: measured, or from a table (option `autotune`). */
  readonly tuning: Tuning
  /** Submits, iterations and the host's own milliseconds, counted since creation. */
  readonly calls: Calls
  /** The device under way; another one after a loss. */
  readonly gpu: Gpu
  /** Trains until the configuration's end, every agent has stopped, or `signal`. */
  train(options?: TrainOptions): AsyncGenerator<TrainUpdate, void, void>
  /** Current parameters, padded: f32 [numAgents][paramStride] (src/model/network.ts). */
  params(): Promise<Float32Array>
  /** What each agent's observations and rewards are normalised by; null without normObs and normReward. */
  normalisers(): Promise<(NormaliserStats | null)[]>
  /** The policy of one agent, for the CPU. */
  policy(agent?: number): Promise<Policy>
  /** The policy of one agent as a safetensors file. */
  policyFile(agent?: number): Promise<Uint8Array>
  /**
   * A checkpoint: all that training goes on from, bit for bit, as a safetensors file for `loadPpo`. Inside the loop over
   * `train` it is some iterations ahead of the rows; after the loss of a plain `device` it is the latest that was kept.
   */
  save(): Promise<Uint8Array>
  /**
   * What the first number that was not finite came from, as a safetensors file that `verify` replays: of an agent whose
   * latest row is `row`, with `notFinite`.
   */
  dump(agent: number, row: MetricsRow): Promise<Uint8Array>
  /** Calls `listener` at each event of the kind; returns what ends it. */
  on<E extends keyof PpoEvents>(event: E, listener: (detail: PpoEvents[E]) => void): () => void
  /** Frees all buffers; destroys the device unless it was the caller's. */
  dispose(): void
}
