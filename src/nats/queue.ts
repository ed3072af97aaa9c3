/** Takes batches from the work queue. */
import type { NatsConnection } from '@nats-io/nats-core'
import { readBatch } from '../sweep/check'
import type { Batch } from '../sweep/types'
import { WORK_CONSUMER, WORK_STREAM } from './names'
import { isAway, pause } from './requests'

/** A batch in hand. The server hands it to another worker unless `working` or an end is told within the ack wait. */
export interface Taken {
  batch: Batch
  /** How often it has been handed out, this time included. */
  deliveries: number
  /** Batches that wait behind it. */
  waiting: number
  working(): void
  /** It is done. */
  done(): Promise<void>
  /** Gives it back; others get it after so many seconds. */
  giveBack(seconds: number): void
}

/** Seconds before another worker is asked to take what this one cannot. */
export const NOT_FOR_US = 30

export interface Queue {
  /** Seconds until a silent worker counts as dead. */
  ackWait: number
  /** Waits for a batch for so many seconds, at most; with 0 not at all. Null without one. */
  take(seconds: number): Promise<Taken | null>
}

/**
 * Waits until a coordinator has created the queue; null if there is none before `isLongEnough`.
 * @param say Is told, in one line, why a message is not taken.
 * @throws AbortError after `signal`; a PermissionViolationError.
 */
export async function openQueue(
  nc: NatsConnection,
  say: (line: string) => void,
  signal: AbortSignal,
  isLongEnough: () => boolean,
): Promise<Queue | null> {
  const ackWait = await readAckWait(nc, say, signal, isLongEnough)
  return ackWait === null ? null : { ackWait, take: (seconds) => take(nc, seconds, say, signal) }
}

async function readAckWait(
  nc: NatsConnection,
  say: (line: string) => void,
  signal: AbortSignal,
  isLongEnough: () => boolean,
): Promise<number | null> {
  for (let told = ''; !isLongEnough(); ) {
    signal.throwIfAborted()
    let why = 'The server does not answer.'
    try {
      const answer = await nc.request(`$JS.API.CONSUMER.INFO.${WORK_STREAM}.${WORK_CONSUMER}`, undefined, {
        timeout: 5000,
      })
      const { config, error } = answer.json<{ config?: { ack_wait: number }; error?: { code: number } }>()
      if (config) return config.ack_wait / 1e9
      why = error?.code === 404 ? 'No sweep has been started on this server yet.' : `The server says ${error?.code}.`
    } catch (error) {
      if (!isAway(error)) throw error
    }
    if (why !== told) say(`${why} Waiting.`)
    told = why
    await pause(2, signal)
  }
  return null
}

async function take(
  nc: NatsConnection,
  seconds: number,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Taken | null> {
  const wish = seconds > 0 ? { batch: 1, expires: seconds * 1e9 } : { batch: 1, no_wait: true }
  const subject = `$JS.API.CONSUMER.MSG.NEXT.${WORK_STREAM}.${WORK_CONSUMER}`
  // With an inbox of its own: a message keeps its subject, by which a shared inbox would not find the request.
  const asked = nc.request(subject, JSON.stringify(wish), { noMux: true, timeout: seconds * 1000 + 2000 })
  const stopped = new AbortController()
  const answer = await Promise.race([
    asked.catch((error) => {
      if (!isAway(error)) throw error
      return null
    }),
    pause(3600, AbortSignal.any([signal, stopped.signal])).then(() => null),
  ])
  stopped.abort()
  if (answer === null) {
    // What comes after the end goes back.
    if (signal.aborted)
      asked.then(({ reply }) => reply && !nc.isClosed() && nc.publish(reply, '-NAK')).catch(() => null)
    await pause(1, signal)
    return null
  }
  const status = answer.headers?.code ?? 0
  if (status !== 0) {
    // 404 and 408: there is none. 409: another limit, such as too many that wait.
    if (status !== 404 && status !== 408) await pause(1, signal)
    return null
  }
  const { deliveries, waiting } = readDelivery(answer.reply ?? '')
  // To a connection that is closed nothing is told any more; the server finds out by itself.
  const tell = (what: string) => void (nc.isClosed() || nc.publish(answer.reply!, what))
  const giveBack = (seconds: number) => tell(`-NAK ${JSON.stringify({ delay: seconds * 1e9 })}`)
  const refuse = (why: string) => {
    say(`Message ${JSON.stringify(answer.subject.slice(0, 120))} is left to other workers: ${why}`)
    giveBack(NOT_FOR_US)
    return null
  }
  let batch: Batch
  try {
    batch = readBatch(answer.string())
  } catch (error) {
    return refuse(`it is no batch that this version knows. ${(error as Error).message}`)
  }
  return {
    ...{ batch, deliveries, waiting, giveBack },
    working: () => tell('+WPI'),
    done: () =>
      nc.request(answer.reply!, '+ACK', { timeout: 5000 }).then(
        () => undefined,
        // The batch then comes again, and its results are found.
        () => undefined,
      ),
  }
}

/**
 * Of the subject on which a message is acknowledged:
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<its place>.<time>.<waiting>`, or with `<domain>.<account>.` behind
 * ACK and a token at the end.
 */
function readDelivery(reply: string): { deliveries: number; waiting: number } {
  const tokens = reply.split('.')
  const at = tokens.length > 9 ? 6 : 4
  return { deliveries: Number(tokens[at]) || 1, waiting: Number(tokens[at + 4]) || 0 }
}
