/** Requests to a server that may be away for a while. */
import { JetStreamApiError, type JetStreamClient } from '@nats-io/jetstream'
import { headers, type NatsConnection } from '@nats-io/nats-core'

/** Seconds between two attempts, at most. */
const LONGEST_WAIT = 5

/** Errors that another attempt does not cure. */
const FOR_GOOD = [
  ...['AuthorizationError', 'ClosedConnectionError', 'InvalidArgumentError', 'InvalidSubjectError'],
  ...['PermissionViolationError', 'UserAuthenticationExpiredError'],
]

/** Whether the server is only away, or out of resources. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error) || error.name === 'AbortError') return false
  if (error instanceof JetStreamApiError) return error.status === 503
  const cause = error.cause instanceof Error ? error.cause.name : ''
  const known = /^(TimeoutError|RequestError|NoRespondersError|JetStreamNotEnabled|ConnectionError|DisconnectedError)$/
  return known.test(error.name) && !FOR_GOOD.includes(cause)
}

/** Whether somebody has stored a message under this subject before. */
export const isTaken = (error: unknown): boolean =>
  error instanceof JetStreamApiError && [10071, 10077, 10164].includes(error.code)

/** Resolves after `seconds`, or earlier with the signal. */
export function pause(seconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, seconds * 1000)
    signal.addEventListener('abort', end)
  })
}

/**
 * Tries until the server answers, for ever.
 * @throws AbortError after `signal`; what `attempt` throws if another attempt does not cure it.
 */
export async function persistently<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let wait = 0.25; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (!isAway(error)) throw error
    }
    await pause(wait, signal)
  }
}

/** Tries for some seconds, where a server may just be starting again. @throws what the last attempt threw. */
export async function forSeconds<T>(
  seconds: number,
  attempt: () => Promise<T>,
  isWorthIt: (error: unknown) => boolean = isAway,
): Promise<T> {
  for (const end = performance.now() + 1000 * seconds; ; ) {
    try {
      return await attempt()
    } catch (error) {
      if (!isWorthIt(error) || performance.now() > end) throw error
    }
    await pause(0.25, new AbortController().signal)
  }
}

/**
 * The latest message of a subject, null if there is none. By subject alone: a worker may read what it can name, and may
 * not list what there is.
 */
export async function readSubject(nc: NatsConnection, stream: string, subject: string): Promise<Uint8Array | null> {
  const message = await nc.request(`$JS.API.DIRECT.GET.${stream}.${subject}`, undefined, { timeout: 5000 })
  const status = message.headers?.code ?? 0
  if (status === 404) return null
  if (status !== 0) throw new Error(`NATS: reading ${subject} failed: ${status} ${message.headers!.description}.`)
  // In Node the data is a Buffer, which cannot cross to the page with the GPU.
  return new Uint8Array(message.data)
}

/** Stores a message under a subject that has none yet; false if it has one. */
export async function createSubject(js: JetStreamClient, subject: string, data: Uint8Array): Promise<boolean> {
  try {
    await js.publish(subject, data, { expect: { lastSubjectSequence: 0 }, headers: headers() })
    return true
  } catch (error) {
    if (isTaken(error)) return false
    throw error
  }
}
