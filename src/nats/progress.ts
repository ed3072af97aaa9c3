/**
 * What workers leave of a batch that is not finished: checkpoints, in a ring of slots whose oldest is overwritten, and
 * how often a worker has died at it.
 */
import type { JetStreamClient } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { hashOf, overwriteChunks, readChunks } from './chunks'
import { PROGRESS_STREAM, progressSubject } from './names'
import { persistently, readSubject } from './requests'

/** Of a batch. Several, since each is of a part of its agents, and the newest may be half written. */
const SLOTS = 4
/** The largest checkpoint of a population that is left: without it the next worker begins earlier. */
const MOST_BYTES = 2 ** 29

/** A batch, for those who have its ticket. */
export interface Held {
  sweep: string
  ticket: string
}

interface Head {
  bytes: number
  sha256: string
}

export interface Progress {
  /** The checkpoints that are whole. */
  find(batch: Held): Promise<Uint8Array[]>
  /** Puts one there, for each of the batches. */
  leave(batches: readonly Held[], bytes: Uint8Array): Promise<void>
  /** How many workers have begun the batch, and neither left a checkpoint nor ended in order. */
  deaths(batch: Held): Promise<number>
  setDeaths(batch: Held, count: number): Promise<void>
}

export function natsProgress(nc: NatsConnection, js: JetStreamClient, signal: AbortSignal): Progress {
  let slot = Math.floor(Math.random() * SLOTS)
  const read = (subject: string) => persistently(() => readSubject(nc, PROGRESS_STREAM, subject), signal)
  const subjectsOf = ({ sweep, ticket }: Held, slot: number) => ({
    head: progressSubject(sweep, ticket, `${slot}.head`),
    chunk: (i: number) => progressSubject(sweep, ticket, `${slot}.${i}`),
  })
  async function findIn(batch: Held, slot: number): Promise<Uint8Array | null> {
    const { head, chunk } = subjectsOf(batch, slot)
    const told = readHead(await read(head))
    if (told === null) return null
    const bytes = await readChunks(nc, PROGRESS_STREAM, chunk, told.bytes, signal)
    return bytes && (await hashOf(bytes)) === told.sha256 ? bytes : null
  }
  return {
    async find(batch) {
      const all = await Promise.all(Array.from({ length: SLOTS }, (_, slot) => findIn(batch, slot)))
      return all.filter((bytes) => bytes !== null)
    },
    async leave(batches, bytes) {
      if (bytes.length > MOST_BYTES) return
      const head = JSON.stringify({ bytes: bytes.length, sha256: await hashOf(bytes) } satisfies Head)
      slot = (slot + 1) % SLOTS
      for (const batch of batches) {
        const subjects = subjectsOf(batch, slot)
        await overwriteChunks(js, subjects.chunk, bytes, signal)
        await persistently(() => js.publish(subjects.head, head), signal)
      }
    },
    async deaths({ sweep, ticket }) {
      const bytes = await read(progressSubject(sweep, ticket, 'deaths.0'))
      const count = Number(bytes === null ? 0 : new TextDecoder().decode(bytes.subarray(0, 10)))
      return Number.isInteger(count) && count > 0 ? count : 0
    },
    async setDeaths({ sweep, ticket }, count) {
      await persistently(() => js.publish(progressSubject(sweep, ticket, 'deaths.0'), String(count)), signal)
    },
  }
}

function readHead(data: Uint8Array | null): Head | null {
  if (data === null || data.length > 200) return null
  try {
    const { bytes, sha256 } = JSON.parse(new TextDecoder().decode(data)) as Head
    return Number.isInteger(bytes) && bytes >= 0 && bytes <= MOST_BYTES && /^[0-9a-f]{64}$/.test(sha256)
      ? { bytes, sha256 }
      : null
  } catch {
    return null
  }
}
