/**
 * The files of a sweep on a NATS server: checkpoints and policies. They are chunks in a stream of their own instead of
 * NATS's object store: to read that one a client needs the right to create consumers. A consumer lists every name, and
 * the server takes one that delivers to a subject on which the client may not publish.
 */
import type { JetStreamClient } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { FILE_NAME, MOST_FILE } from '../sweep/shapes'
import type { FileRef, FileStore } from '../sweep/types'
import { createChunks, hashOf, readChunks } from './chunks'
import { FILES_STREAM, fileSubject } from './names'

/** @throws Error of `put` if another file has the name. */
export function natsFiles(nc: NatsConnection, js: JetStreamClient, sweep: string, signal: AbortSignal): FileStore {
  const check = (name: string) => {
    if (!FILE_NAME.test(name))
      throw new Error(`file ${JSON.stringify(name.slice(0, 200))}: names have letters, digits, ".", "-", "_".`)
  }
  const subjectOf = (name: string) => (chunk: number) => fileSubject(sweep, name, chunk)
  return {
    async put(name, bytes): Promise<FileRef> {
      check(name)
      if (bytes.length > MOST_FILE)
        throw new Error(`file ${name}: ${bytes.length} bytes; files have up to ${MOST_FILE}.`)
      if (!(await createChunks(nc, js, FILES_STREAM, subjectOf(name), bytes, signal)))
        throw new Error(`file ${name}: the server has another file of this name. Names are used once.`)
      return { name, bytes: bytes.length, sha256: await hashOf(bytes) }
    },
    async get({ name, bytes, sha256 }): Promise<Uint8Array> {
      check(name)
      if (!(bytes <= MOST_FILE)) throw new Error(`file ${name}: ${bytes} bytes; files have up to ${MOST_FILE}.`)
      const found = await readChunks(nc, FILES_STREAM, subjectOf(name), bytes, signal)
      if (found === null) throw new Error(`file ${name}: the server does not have it with ${bytes} bytes.`)
      if ((await hashOf(found)) !== sha256)
        throw new Error(`file ${name}: its SHA-256 is not ${sha256.slice(0, 16)}...; it is another file, or damaged.`)
      return found
    },
  }
}
