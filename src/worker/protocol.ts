/** What the page and its Worker say to each other. Each call has a number; its answer, a result or an error, carries the same. */
import type { EnvSpec } from '../env/contract'
import type { MetricsRow } from '../metrics'
import type { NormaliserStats } from '../model/normaliser'
import type { BestPolicy, Hooks, PpoEvents, TrainOptions, TrainUpdate } from '../run/api'
import type { Preparing } from '../run/preparing'
import type { PpoWorker, PpoWorkerOptions } from './api'

/** What crosses of the options: no functions, no signal, no Worker. */
export type Creation = Omit<PpoWorkerOptions, 'env' | 'signal' | 'onPreparing' | 'worker'> & {
  env?: string | Omit<EnvSpec, 'twin'>
}

/** What a run says of itself once it is prepared. */
export type Facts = Pick<
  PpoWorker,
  'config' | 'iterations' | 'plan' | 'planReason' | 'dispatchesPerIteration' | 'adapter'
>

/** What crosses of the options of `train`: its hooks stay in the page. */
export type CrossingOptions = Omit<TrainOptions, 'signal' | keyof Hooks>

/** What the page may ask for. */
export interface Calls {
  create(options: Creation): Facts
  /** Answered when the loop ends; its updates come as events before. */
  train(options: CrossingOptions): null
  params(): Float32Array
  normalisers(): (NormaliserStats | null)[]
  policyFile(agent: number): Uint8Array
  best(agent: number): BestPolicy | null
  save(): Uint8Array
  dump(agent: number, row: MetricsRow): Uint8Array
  dispose(): null
}

/** What the page hears unasked. */
export interface Events extends PpoEvents {
  update: TrainUpdate
  preparing: Preparing
}

export type CallMessage = {
  [C in keyof Calls]: { call: C; id: number; args: Parameters<Calls[C]> }
}[keyof Calls]
/** `stop` ends the loop; it has no answer. */
export type ToWorker = CallMessage | { order: 'stop' }

export type FromWorker =
  | { id: number; result: unknown }
  | { id: number; error: CrossedError }
  | { [E in keyof Events]: { event: E; detail: Events[E] } }[keyof Events]

/** An error on its way: its name and message, and its own fields that can be copied. */
export interface CrossedError {
  name: string
  message: string
  fields: Record<string, string | number>
}

export function packError(error: unknown): CrossedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), fields: {} }
  const own = Object.entries(error).filter(([, value]) => typeof value === 'number' || typeof value === 'string')
  return { name: error.name, message: error.message, fields: Object.fromEntries(own) }
}
