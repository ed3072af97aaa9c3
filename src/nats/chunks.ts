/** Bytes of any length as messages of a stream, one subject for each chunk. */
import type { JetStreamClient } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { createSubject, persistently, readSubject } from './requests'

/** Below every server's `max_payload`, which is 1 MiB unless it is set. */
const CHUNK = 512 * 1024
/** Requests in flight. */
const AT_ONCE = 8

type SubjectOf = (chunk: number) => string

async function inParallel(count: number, one: (i: number) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < count) await one(next++)
  }
  await Promise.all(Array.from({ length: Math.min(count, AT_ONCE) }, lane))
}

/** SHA-256 in hexadecimal. */
export async function hashOf(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Replaces what the subjects held. An empty file has one empty chunk. */
export async function overwriteChunks(
  js: JetStreamClient,
  subjectOf: SubjectOf,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  await inParallel(Math.max(1, Math.ceil(bytes.length / CHUNK)), async (i) => {
    await persistently(() => js.publish(subjectOf(i), bytes.subarray(i * CHUNK, (i + 1) * CHUNK)), signal)
  })
}

/**
 * Stores bytes under subjects that hold nothing, or the same: an attempt whose answer was lost is repeated.
 * @returns whether they are stored; false if others are there.
 */
export async function createChunks(
  nc: NatsConnection,
  js: JetStreamClient,
  stream: string,
  subjectOf: SubjectOf,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<boolean> {
  let isOurs = true
  await inParallel(Math.max(1, Math.ceil(bytes.length / CHUNK)), async (i) => {
    const chunk = bytes.subarray(i * CHUNK, (i + 1) * CHUNK)
    if (await persistently(() => createSubject(js, subjectOf(i), chunk), signal)) return
    const there = await persistently(() => readSubject(nc, stream, subjectOf(i)), signal)
    if (there === null || there.length !== chunk.length || there.some((byte, k) => byte !== chunk[k])) isOurs = false
  })
  return isOurs
}

/** So many bytes, or null if they are not there: fewer, more, or none. Never holds more than one chunk too many. */
export async function readChunks(
  nc: NatsConnection,
  stream: string,
  subjectOf: SubjectOf,
  bytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const read = (i: number) => persistently(() => readSubject(nc, stream, subjectOf(i)), signal)
  const first = await read(0)
  if (first === null || first.length > bytes || (first.length === 0 && bytes > 0)) return null
  if (first.length === bytes) return first
  const all = new Uint8Array(bytes)
  all.set(first)
  let isWhole = true
  await inParallel(Math.ceil(bytes / first.length) - 1, async (k) => {
    const at = (k + 1) * first.length
    const chunk = isWhole ? await read(k + 1) : null
    if (chunk?.length === Math.min(first.length, bytes - at)) all.set(chunk, at)
    else isWhole = false
  })
  return isWhole ? all : null
}
