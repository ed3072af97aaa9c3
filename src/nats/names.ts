/**
 * Names of a NATS server's streams and subjects: one work queue, one bucket of results, one store of files, for all
 * sweeps. Whoever holds a batch has its ticket; a name that is made of a hash of the ticket cannot be guessed by others,
 * and does not tell it.
 */
import { sha256 } from '../files/sha256'

/** JetStream work queue: a message for each batch, on `ppo.work.<sweep>.<batch>`. */
export const WORK_STREAM = 'PPO_WORK'
export const workSubject = (sweep: string, batch: string): string => `ppo.work.${sweep}.${batch}`
/** The one durable consumer, from which all workers pull. */
export const WORK_CONSUMER = 'workers'

/** Key-value bucket. A key can be written once: what is there first stays. */
export const RESULTS_BUCKET = 'PPO_RESULTS'
export const RESULTS_STREAM = `KV_${RESULTS_BUCKET}`
/** Stands in the stored result in place of the ticket: proves that the writer has it, for this trial only. */
export const resultProof = (ticket: string, trial: number): string => hashed(`${ticket}.${trial}`)
export const resultKey = (sweep: string, ticket: string, trial: number): string =>
  `r.${sweep}.${resultProof(ticket, trial)}.${trial}`
export const keySubject = (key: string): string => `$KV.${RESULTS_BUCKET}.${key}`

/** Checkpoints and policies, in chunks. A name can be used once. */
export const FILES_STREAM = 'PPO_FILES'
export const fileSubject = (sweep: string, name: string, chunk: number | '*'): string =>
  `ppo.files.${sweep}.${name.replaceAll('.', '=')}.${chunk}`

/** What workers leave of unfinished batches; the latest few of each batch. */
export const PROGRESS_STREAM = 'PPO_PROGRESS'
/** `part`: `<slot>.<chunk>`, `<slot>.head`, or `deaths.0`. */
export const progressSubject = (sweep: string, ticket: string, part: string): string =>
  `ppo.progress.${sweep}.${hashed(`${ticket}.progress`)}.${part}`

/** Core NATS: what a worker says of itself, a `WorkerStatus`. */
export const statusSubject = (worker: string): string => `ppo.status.${worker}`

const hashed = (text: string): string => sha256(new TextEncoder().encode(text)).slice(0, 32)
