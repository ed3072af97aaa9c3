/** The work on a batch: on any machine, with any way to reach its GPU. */

import type { EnvSpec } from '../env/contract'
import type { MetricsRow } from '../metrics'
import type { PpoConfig } from '../options/options'
import type { Every } from '../run/api'
import type { Batch, FileStore, Fingerprint, TrialResult } from './types'

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
  /** [iteration][agent], null for an agent that had stopped before. `seconds` since the start. */
  rows(rows: (MetricsRow | null)[][], seconds: number): void
  checkpoint(bytes: Uint8Array): void
}

/** What has a GPU. */
export interface Machine {
  fingerprint: Fingerprint
  software: boolean
  /** The most agents of `config` that fit, at least 1 if one does; 0 if not even one does. */
  fits(spec: EnvSpec, config: PpoConfig): number
  /** Resolves to the checkpoint at the end. @throws AbortError after `signal`, GpuError if the device is lost. */
  train(population: Population, events: PopulationEvents, signal: AbortSignal): Promise<Uint8Array>
}

export interface Work {
  /** The environment of the batch, which the machine already has: of the same id and hash. */
  spec: EnvSpec
  machine: Machine
  files: FileStore
  /** Checkpoints of populations of this batch that another worker left behind; the latest of each agent counts. */
  found?: Uint8Array[]
  /** Gets a checkpoint of the population in training, to be found by others. */
  leave?(bytes: Uint8Array): Promise<void>
  /** Environment steps per second of the population in training. */
  speed?(sps: number, agents: number): void
  /** Gets the result of each trial as soon as there is one. */
  result(result: TrialResult): Promise<void>
  signal: AbortSignal
}

/**
 * Trains the agents of a batch, packed into populations as large as the machine takes.
 * @throws AbortError after `signal`; GpuError if the device is lost for good. Trials without a result are then still open.
 */
export async function workOn(_batch: Batch, _work: Work): Promise<void> {
  throw new Error('not there yet')
}
