/** What a worker is given, and what it says of itself. */
import type { NatsConnection } from '@nats-io/nats-core'
import type { EnvSpec } from '../env/contract'
import type { Batch, WorkerStatus } from '../sweep/types'
import type { Machine, Work } from '../sweep/work'
import { statusSubject } from './names'

export interface NatsWorker {
  nc: NatsConnection
  machine: Machine
  kind: WorkerStatus['kind']
  /** The environments that it may train. */
  envs: readonly EnvSpec[]
  /** A line for the person whose machine it is. */
  say(line: string): void
  /** What the server is told every few seconds, also before it is told. */
  status?(status: WorkerStatus): void
  /** Ends after so many seconds without work; unless given it waits for ever. */
  leaveWhenIdle?: number
  /** `workOn` of src/sweep/work.ts. */
  workOn(batch: Batch, work: Work): Promise<void>
  /** Ends the work: what is there is stored, and batches go back to the queue. */
  signal: AbortSignal
  /** The batches go back at once, since there is no time for more. */
  hurry?: AbortSignal
}

/** Seconds between two statuses. */
const SPEAK = { working: 2, waiting: 10 }

export interface Speaker {
  /** What it works on, and how fast. */
  work(batch: Batch, sps: number): void
  rest(): void
  gave(): void
  given(): number
  end(): void
}

/** Says every few seconds what the worker does. */
export function speak({ nc, machine, kind, status: show }: NatsWorker): Speaker {
  const id = [...crypto.getRandomValues(new Uint8Array(8))].map((x) => x.toString(16).padStart(2, '0')).join('')
  const { fingerprint, software } = machine
  const resting = { sweep: null, trials: 0, rung: 0, sps: 0 }
  const status: WorkerStatus = { ...{ id, kind, fingerprint, software }, ...resting, given: 0 }
  let timer: ReturnType<typeof setTimeout>
  const tell = () => {
    clearTimeout(timer)
    show?.({ ...status })
    if (!nc.isClosed()) nc.publish(statusSubject(id), JSON.stringify(status))
    timer = setTimeout(tell, (status.sweep === null ? SPEAK.waiting : SPEAK.working) * 1000)
  }
  tell()
  return {
    work(batch, sps) {
      const isNew = status.sweep === null
      Object.assign(status, {
        sweep: batch.sweep,
        trials: batch.members.length,
        rung: batch.rung,
        sps: Math.round(sps),
      })
      if (isNew) tell()
    },
    rest() {
      if (status.sweep === null) return
      Object.assign(status, resting)
      tell()
    },
    gave: () => void status.given++,
    given: () => status.given,
    end: () => clearTimeout(timer),
  }
}
