/** Names of a NATS server's streams and subjects: one work queue, one bucket of results, one of files, for all sweeps. */

/** JetStream work queue: a message for each batch, on `ppo.work.<sweep>.<batch>`. */
export const WORK_STREAM = 'PPO_WORK'
export const workSubject = (sweep: string, batch: string): string => `ppo.work.${sweep}.${batch}`
/** The one durable consumer, from which all workers pull. */
export const WORK_CONSUMER = 'workers'

/** Key-value bucket; only `create` is used, so what is there first stays. */
export const RESULTS_BUCKET = 'PPO_RESULTS'
/** With the ticket, which only those know who hold the batch: nobody else can take the key first. */
export const resultKey = (sweep: string, ticket: string, trial: number): string => `r.${sweep}.${ticket}.${trial}`

/** Object store: checkpoints and policies. Every name is used once. */
export const FILES_BUCKET = 'PPO_FILES'

/** Core NATS: what a worker says of itself, a `WorkerStatus`. */
export const statusSubject = (worker: string): string => `ppo.status.${worker}`
