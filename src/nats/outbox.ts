/** Results on their way to the server: in memory until they are stored there. */
import type { JetStreamClient } from '@nats-io/jetstream'
import type { Batch, TrialResult } from '../sweep/types'
import { ownerOf } from './merge'
import { keySubject, resultKey, resultProof } from './names'
import { createSubject, persistently } from './requests'

export interface Outbox {
  put(result: TrialResult): void
  /** Resolves when all are stored. @throws what a store failed with for good. */
  empty(): Promise<void>
}

/**
 * @param batches What the results belong to.
 * @param stored Is called for each result that is the first of its trial.
 */
export function openOutbox(
  batches: readonly Batch[],
  js: JetStreamClient,
  signal: AbortSignal,
  stored: () => void,
): Outbox {
  const underWay: Promise<void>[] = []
  async function store(result: TrialResult): Promise<void> {
    const { sweep, id, ticket } = ownerOf(batches, result.trial)
    // Everybody may read it: in place of the ticket is the proof that the writer has it.
    const told = { ...result, batch: id, ticket: resultProof(ticket, result.trial) }
    const subject = keySubject(resultKey(sweep, ticket, result.trial))
    const data = new TextEncoder().encode(JSON.stringify(told))
    if (await persistently(() => createSubject(js, subject, data), signal)) stored()
  }
  return {
    put(result) {
      const one = store(result)
      one.catch(() => undefined) // told by `empty`
      underWay.push(one)
    },
    async empty() {
      await Promise.all(underWay)
    },
  }
}
