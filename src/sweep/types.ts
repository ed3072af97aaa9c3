/**
 * What a sweep hands out and gets back. All of it is data without code; between machines it is JSON, and files travel
 * beside it.
 */
import type { PpoConfig, SweepKey } from '../options/options'
import type { ParamSetting } from '../options/params'

/** A value of an option, or of a parameter of the environment under the name `env.<parameter>`. */
export type TrialValue = number | boolean | string | null | number[]

/** One choice of hyperparameters; it is trained as one agent. */
export interface Trial {
  /** From 0. */
  id: number
  /** Its training seed. */
  seed: number
  /** What was searched, by name; the other options are those of the sweep. */
  values: Record<string, TrialValue>
}

/** A file beside the data. A reader checks size and hash. */
export interface FileRef {
  name: string
  bytes: number
  /** Hexadecimal. */
  sha256: string
}

/** Where files are put and found. Names: letters, digits, `.`, `-`, `_`, at most 200 characters. */
export interface FileStore {
  put(name: string, bytes: Uint8Array): Promise<FileRef>
  /** @throws Error if there is none, or its size or hash is another. */
  get(ref: FileRef): Promise<Uint8Array>
}

/** An agent of a batch. */
export interface Member {
  trial: number
  seed: number
  /** Its values of options that may differ between agents. */
  sweep: Partial<Record<SweepKey, number>>
  /** Its parameters of the environment. */
  envParams: Record<string, ParamSetting>
  /** Its checkpoint at the end of the rung before, of one agent; null for a trial that begins. */
  from: FileRef | null
}

/**
 * Agents of one shape, to be trained up to the same timesteps. They may be packed into populations of any size: no bit
 * of an agent depends on the others.
 */
export interface Batch {
  version: 1
  /** Of the sweep: 16 hexadecimal digits, a hash of its definition. */
  sweep: string
  /** Unique in the sweep, and the same when the same batch is made again: letters, digits and `-`. */
  id: string
  /** 32 hexadecimal digits that only those know who were given the batch. */
  ticket: string
  /** `hash` is `sourceHash`. */
  env: { id: string; hash: string }
  /** Of one agent (numAgents 1, no sweep), with the whole schedule: totalTimesteps is the largest budget. */
  config: PpoConfig
  rung: number
  /** Timesteps per agent at which the rung ends; a whole number of iterations. */
  until: number
  members: Member[]
  /** Which files of each agent are wanted with the result. */
  keep: { checkpoint: boolean; policy: boolean }
}

/** The same bits are promised only between equal ones. */
export interface Fingerprint {
  adapter: string
  browser: string
  /** Of this library. */
  version: string
}

/** What came of a trial in a rung. */
export interface TrialResult {
  version: 1
  sweep: string
  batch: string
  ticket: string
  trial: number
  rung: number
  /** Timesteps trained so far, over all rungs. */
  timesteps: number
  /**
   * The mean return of the latest episodes, at least 100 where so many have ended; null if none has ended, or at a
   * value that is not finite.
   */
  score: number | null
  status: 'running' | 'finished' | 'notFinite' | 'failed'
  /** [timesteps, return], this rung, thinned to at most 50. */
  curve: [number, number][]
  /** Seconds of training in this rung, divided among the agents that trained side by side. */
  seconds: number
  /** SHA-256 of the agent's padded parameters. */
  weightsHash: string | null
  fingerprint: Fingerprint
  /** Whether parts of this trial were computed with another fingerprint. */
  mixed: boolean
  checkpoint: FileRef | null
  policy: FileRef | null
  /** With status `failed`: why it cannot be trained. */
  error: string | null
}

/** What a worker says of itself. */
export interface WorkerStatus {
  /** Letters, digits, `-`. */
  id: string
  kind: 'command' | 'tab'
  fingerprint: Fingerprint
  software: boolean
  /** The sweep and the trials that it is training; empty while it waits. */
  sweep: string | null
  trials: number
  rung: number
  /** Environment steps per second of all its agents. */
  sps: number
  /** Trials that it has given results of, since it began. */
  given: number
}
