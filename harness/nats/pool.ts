/** Workers on other machines as the pool of a sweep, through a NATS server. */
import { DeliverPolicy, type JetStreamClient, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { natsFiles } from '../../src/nats/files'
import {
  FILES_STREAM,
  fileSubject,
  keySubject,
  PROGRESS_STREAM,
  RESULTS_STREAM,
  WORK_STREAM,
  workSubject,
} from '../../src/nats/names'
import { createSubject, pause, persistently, readSubject } from '../../src/nats/requests'
import type { Batch, FileRef } from '../../src/sweep/types'
import { HarnessError } from '../cli/errors'
import { type OpenPool, type Pool, type PoolEvents, roomFor } from '../sweep/pool'
import type { NatsChoice } from './address'
import { filesOf, makeBook, type OpenBatch, readSent } from './book'
import { checkJetStream, connectNats, whyEnded } from './connect'
import { watchStatuses } from './statuses'
import { prepareStreams, whenBack } from './streams'

/** Milliseconds after which a batch without results is put into the queue again, if it is not there any more. */
const OVERDUE_MS = 60_000
/** Milliseconds that a key which belongs to no batch is waited with before it is refused. */
const STRANGE_MS = 10_000
/** Results that are checked, and files that are removed, at once. */
const LANES = 8
/** A batch as JSON. */
const MOST_BATCH = 900_000

/** @param say Lines about the connection. */
export const natsPool =
  (choice: NatsChoice, say: (line: string) => void): OpenPool =>
  async (sweep, events) => {
    const nc = await connectNats(choice, say)
    try {
      await checkJetStream(nc, choice)
      const jsm = await whenBack(() => jetstreamManager(nc))
      await prepareStreams(jsm, choice.ackWait)
      return await openPool(nc, jsm, sweep, events, choice)
    } catch (error) {
      await nc.close()
      throw error
    }
  }

async function openPool(
  nc: NatsConnection,
  jsm: JetStreamManager,
  sweep: string,
  events: PoolEvents,
  choice: NatsChoice,
): Promise<Pool> {
  const js = jsm.jetstream()
  const ending = new AbortController()
  const { signal } = ending
  const files = natsFiles(nc, js, sweep, signal)
  const book = makeBook()
  /** Keys that belong to no batch that was submitted, and since when; 0 for those from before this session. */
  const strange = new Map<string, number>()
  const fail = (error: unknown) => {
    if (!signal.aborted) events.failed(error as Error)
  }
  const purge = (stream: string, filter: string) => persistently(() => jsm.streams.purge(stream, { filter }), signal)

  async function check(key: string, data: Uint8Array, open: OpenBatch, trial: number): Promise<void> {
    try {
      const result = readSent(data, open, trial)
      for (const ref of filesOf(result, open.batch)) await files.get(ref as FileRef)
      if (book.find(key) === 'done') return
      book.close(key)
      events.result(result)
    } catch (error) {
      if (signal.aborted) return
      events.refused(`result of trial ${trial} of batch ${open.batch.id}: ${(error as Error).message}`)
      // The key is free again, and the batch is handed out again.
      await purge(RESULTS_STREAM, keySubject(key))
      open.queuedAt = 0
    }
  }
  const lanes = Array.from({ length: LANES }, () => Promise.resolve())
  let lane = 0
  function take(key: string, data: Uint8Array, since: number): void {
    const found = book.find(key)
    if (found === 'done') return
    if (found === null) {
      strange.set(key, since)
      return
    }
    lane = (lane + 1) % LANES
    lanes[lane] = lanes[lane].then(() => check(key, data, found.open, found.trial)).catch(fail)
  }

  async function queue(open: OpenBatch): Promise<void> {
    open.queuedAt = Date.now()
    const data = new TextEncoder().encode(JSON.stringify(open.batch))
    const most = Math.min(MOST_BATCH, nc.info?.max_payload ?? MOST_BATCH)
    if (data.length > most) {
      throw new HarnessError(
        `Batch ${open.batch.id} of ${open.batch.members.length} trials has ${data.length} bytes; the server takes ${most}. ` +
          'Use smaller batches.',
      )
    }
    // False: it is still there.
    await persistently(() => createSubject(js, workSubject(sweep, open.batch.id), data), signal)
  }

  const stopWatch = await watchResults(js, sweep, signal, (key, data, isOld) => take(key, data, isOld ? 0 : Date.now()))
  const statuses = watchStatuses(nc)
  let largest = 1
  const tick = async () => {
    while (!signal.aborted) {
      events.workers(statuses.list())
      for (const open of book.overdue(Date.now() - OVERDUE_MS)) await queue(open)
      for (const [key, since] of strange) {
        if (since === 0 || Date.now() - since < STRANGE_MS) continue
        strange.delete(key)
        events.refused(`result under ${JSON.stringify(key)}, which belongs to no batch of this sweep`)
      }
      await pause(1, signal)
    }
  }
  void tick().catch(fail)
  void nc.closed().then((error) => {
    const { message } = whyEnded(nc, error, choice)
    fail(new HarnessError(`The connection to the NATS server was ended. ${message} The same command then goes on.`))
  })

  return {
    files,
    get room() {
      return roomFor(statuses.count, largest)
    },
    async submit(batch: Batch) {
      largest = Math.max(largest, batch.members.length)
      const open = book.add(batch)
      for (const trial of [...open.left]) {
        const key = book.keyOf(batch, trial)
        if (!strange.delete(key)) continue
        const data = await persistently(() => readSubject(nc, RESULTS_STREAM, keySubject(key)), signal)
        if (data !== null) await check(key, data, open, trial)
      }
      if (open.left.size > 0) await queue(open)
    },
    async forget(names) {
      const each = names.values()
      const lane = async () => {
        for (const name of each) await purge(FILES_STREAM, fileSubject(sweep, name, '*'))
      }
      await Promise.all(Array.from({ length: LANES }, lane))
    },
    async close(finished) {
      await Promise.all(lanes)
      if (finished) {
        await purge(WORK_STREAM, workSubject(sweep, '>'))
        await purge(RESULTS_STREAM, keySubject(`r.${sweep}.>`))
        await purge(FILES_STREAM, `ppo.files.${sweep}.>`)
        await purge(PROGRESS_STREAM, `ppo.progress.${sweep}.>`)
      }
      ending.abort()
      stopWatch()
      await nc.close()
    },
  }
}

/**
 * Calls `entry` with every result of the sweep: those that are stored, before it resolves, and those that come. A server
 * that goes away and comes back goes on where it was.
 */
async function watchResults(
  js: JetStreamClient,
  sweep: string,
  signal: AbortSignal,
  entry: (key: string, data: Uint8Array, isOld: boolean) => void,
): Promise<() => void> {
  const prefix = keySubject('')
  const wanted = { filter_subjects: keySubject(`r.${sweep}.>`), deliver_policy: DeliverPolicy.All }
  const consumer = await whenBack(() => js.consumers.get(RESULTS_STREAM, wanted))
  const { num_pending } = await whenBack(() => consumer.info())
  let old = num_pending
  const messages = await consumer.consume({ max_messages: 512 })
  await new Promise<void>((resolve, reject) => {
    if (old === 0) resolve()
    const read = async () => {
      for await (const message of messages) {
        entry(message.subject.slice(prefix.length), message.data, old > 0)
        if (old > 0 && --old === 0) resolve()
      }
      if (!signal.aborted) reject(new Error('The results are not watched any more.'))
    }
    void read().catch(reject)
  })
  return () => void messages.close()
}
