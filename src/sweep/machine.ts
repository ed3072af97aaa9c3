/** What a batch is worked on with: a machine, its files, and who is told. */
import type { EnvSpec } from '../env/contract'
import type { MetricsRow } from '../metrics'
import type { PpoConfig } from '../options/options'
import type { Every } from '../run/api'
import type { FileStore, Fingerprint, TrialResult } from './types'

/** A population to be trained. */
export interface Population {
  spec: EnvSpec
  /** With all agents: numAgents, and their values under `sweep` and `envParams`. */
  config: PpoConfig
  /** A checkpoint of them all to continue from. */
  from?: Uint8Array
  untilTimesteps: number
  /** How often `checkpoint` is called meanwhile. */
  checkpointEvery?: Every
}

export interface PopulationEvents {
  /** [iteration][agent], null for an agent that had stopped before; after a lost device some may come again. `seconds` since the start. */
  rows(rows: (MetricsRow | null)[][], seconds: number): void
  checkpoint(bytes: Uint8Array): void
}

/** What has a GPU. */
export interface Machine {
  fingerprint: Fingerprint
  software: boolean
  /** How many agents of `config` are best trained at once, at least 1 if one fits; 0 if not even one does. */
  fits(spec: EnvSpec, config: PpoConfig): number
  /**
   * Resolves to the checkpoint at the end. After `signal` there may be one more call of `checkpoint`, of where it stopped.
   * @throws AbortError after `signal`, GpuError if the device is lost.
   */
  train(population: Population, events: PopulationEvents, signal: AbortSignal): Promise<Uint8Array>
}

export interface Work {
  /** The environment of the batch, which the machine already has: of the same id and hash. */
  spec: EnvSpec
  machine: Machine
  files: FileStore
  /** What another worker left behind of this batch (`leave`); the latest state of each agent counts. */
  found?: Uint8Array[]
  /** Gets the population in training every 20 s and after `signal`, to be found by others: a checkpoint, and what goes with it. */
  leave?(bytes: Uint8Array): Promise<void>
  /** Environment steps per second of the population in training. */
  speed?(sps: number, agents: number): void
  /** Gets the result of each trial as soon as there is one. */
  result(result: TrialResult): Promise<void>
  signal: AbortSignal
}
