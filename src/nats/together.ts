/** The work on batches of one shape, from what others left of them to the last stored result. */
import type { JetStreamClient } from '@nats-io/jetstream'
import type { EnvSpec } from '../env/contract'
import type { Batch, Member, TrialResult } from '../sweep/types'
import type { Work } from '../sweep/work'
import { natsFiles } from './files'
import { mergeBatches, publicName } from './merge'
import { keySubject, RESULTS_STREAM, resultKey } from './names'
import { openOutbox } from './outbox'
import { natsProgress, type Progress } from './progress'
import { NOT_FOR_US, type Taken } from './queue'
import { persistently, readSubject } from './requests'
import type { NatsWorker, Speaker } from './speaker'

/** So many workers may die at a batch before its trials count as failed. */
const MOST_DEATHS = 20
/** Seconds before a batch is tried again that broke the work in another way. */
const AFTER_ERROR = 5
/** Seconds that a worker which ends has, to stop the GPU and to store what it has. */
const LAST_SECONDS = 10

export interface Means {
  worker: NatsWorker
  js: JetStreamClient
  speaker: Speaker
}

/**
 * Ends each batch: done, or given back.
 * @throws GpuError if the device is lost for good, errors of the connection; the batches are then given back.
 */
export async function workTogether(taken: readonly Taken[], spec: EnvSpec, means: Means): Promise<void> {
  const { worker, js, speaker } = means
  const { nc, say, signal } = worker
  const batches = taken.map(({ batch }) => batch)
  const patience = later(signal, LAST_SECONDS)
  const progress = natsProgress(nc, js, patience.signal)
  const outbox = openOutbox(batches, js, patience.signal, speaker.gave)
  const lives = countLives(taken, progress)
  try {
    const open = await openTrials(batches, worker)
    const merged = mergeBatches(batches, ({ ticket }, { trial }) => open.has(`${ticket} ${trial}`))
    if (merged && (await lives.begin()) >= MOST_DEATHS) {
      const error = `${MOST_DEATHS} workers began this trial's batch, and each was lost without coming any further.`
      for (const member of merged.members) outbox.put(failedResult(merged, member, error, worker))
    } else if (merged) {
      speaker.work(merged, 0)
      await worker.workOn(merged, await makeWork(merged, taken, spec, means, { progress, outbox, lives }))
    }
    await outbox.empty()
    await Promise.all(taken.map((one) => one.done()))
  } catch (error) {
    const { name, message } = error as Error
    if (signal.aborted || name === 'DoesNotFit') {
      if (!signal.aborted) say(`Batch ${batches[0].id} is left to other workers: ${message}`)
      await Promise.allSettled([outbox.empty(), lives.end()])
      for (const one of taken) one.giveBack(signal.aborted ? 0 : NOT_FOR_US)
    } else {
      for (const one of taken) one.giveBack(AFTER_ERROR)
      if (name === 'GpuError' || name === 'HarnessError' || nc.isClosed()) throw error
      say(`Batch ${batches[0].id} is given back: ${message}`)
    }
  } finally {
    patience.end()
  }
}

interface Stores {
  progress: Progress
  outbox: { put(result: TrialResult): void }
  lives: Lives
}

async function makeWork(
  merged: Batch,
  taken: readonly Taken[],
  spec: EnvSpec,
  { worker, js, speaker }: Means,
  { progress, outbox, lives }: Stores,
): Promise<Work> {
  const { nc, machine, signal } = worker
  const batches = taken.map(({ batch }) => batch)
  const again = taken.filter(({ deliveries }) => deliveries > 1)
  const found = (await Promise.all(again.map(({ batch }) => progress.find(batch)))).flat()
  const files = natsFiles(nc, js, merged.sweep, signal)
  return {
    ...{ spec, machine, found, signal },
    files: { put: (name, bytes) => files.put(publicName(name, merged), bytes), get: files.get },
    async leave(bytes) {
      await progress.leave(batches, bytes)
      await lives.further()
    },
    speed: (sps) => speaker.work(merged, sps),
    result: async (result) => outbox.put(result),
  }
}

/** The trials without a stored result, as `<ticket> <trial>`. */
async function openTrials(batches: readonly Batch[], { nc, signal }: NatsWorker): Promise<Set<string>> {
  const open = new Set<string>()
  for (const { sweep, ticket, members } of batches) {
    await Promise.all(
      members.map(async ({ trial }) => {
        const subject = keySubject(resultKey(sweep, ticket, trial))
        const stored = await persistently(() => readSubject(nc, RESULTS_STREAM, subject), signal)
        if (stored === null) open.add(`${ticket} ${trial}`)
      }),
    )
  }
  return open
}

interface Lives {
  /** Resolves to how many workers died at one of the batches before. */
  begin(): Promise<number>
  /** There is a checkpoint: the next worker begins later. */
  further(): Promise<void>
  /** The worker gives the batches back in order. */
  end(): Promise<void>
}

/** Counts workers that die at a batch; nothing is written about one that is done at the first delivery. */
function countLives(taken: readonly Taken[], progress: Progress): Lives {
  const counts = taken.filter(({ deliveries }) => deliveries > 1).map(({ batch }) => ({ batch, count: 0 }))
  const write = async (more: number) => {
    for (const { batch, count } of counts) await progress.setDeaths(batch, count + more)
  }
  return {
    async begin() {
      for (const one of counts) one.count = await progress.deaths(one.batch)
      await write(1)
      return counts.reduce((most, { count }) => Math.max(most, count), 0)
    },
    async further() {
      if (counts.length === 0) return
      for (const one of counts) one.count = 0
      await write(0)
      counts.length = 0
    },
    end: () => write(0),
  }
}

const failedResult = (batch: Batch, { trial }: Member, error: string, { machine }: NatsWorker): TrialResult => ({
  ...{ version: 1, sweep: batch.sweep, batch: batch.id, ticket: batch.ticket, trial, rung: batch.rung },
  ...{ timesteps: 0, score: null, status: 'failed', curve: [], seconds: 0, weightsHash: null },
  ...{ fingerprint: machine.fingerprint, mixed: false, checkpoint: null, policy: null, error },
})

/** A signal that comes some seconds after another one. */
function later(signal: AbortSignal, seconds: number): { signal: AbortSignal; end(): void } {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const begin = () => {
    timer = setTimeout(() => controller.abort(), seconds * 1000)
  }
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin, { once: true })
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', begin)
    },
  }
}
