/** What the workers say of themselves. */
import type { NatsConnection } from '@nats-io/nats-core'
import { statusSubject } from '../../src/nats/names'
import { readStatus } from '../../src/sweep/check'
import type { WorkerStatus } from '../../src/sweep/types'

/** Milliseconds after which a silent worker counts as gone: they speak every 10 s. */
const SILENT_MS = 15_000
/** More are not counted. */
const MOST_WORKERS = 100_000

export function watchStatuses(nc: NatsConnection): {
  list(): WorkerStatus[]
  /** Of `list`, when it was made last. */
  readonly count: number
} {
  const heard = new Map<string, { status: WorkerStatus; at: number }>()
  nc.subscribe(statusSubject('*'), {
    callback: (error, message) => {
      if (error) return
      try {
        const status = readStatus(message.string())
        const isNew = !heard.has(status.id)
        if (message.subject !== statusSubject(status.id) || (isNew && heard.size >= MOST_WORKERS)) return
        heard.set(status.id, { status, at: Date.now() })
      } catch {
        // Whoever says something else is no worker of this version.
      }
    },
  })
  return {
    get count() {
      return heard.size
    },
    list() {
      for (const [id, { at }] of heard) if (Date.now() - at > SILENT_MS) heard.delete(id)
      return [...heard.values()].map(({ status }) => status)
    },
  }
}
