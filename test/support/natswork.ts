/** A pool and workers over a NATS server, with work that computes nothing. */
import { jetstream } from '@nats-io/jetstream'
import { cartPole } from '../../envs/cartpole/spec'
import type { NatsChoice } from '../../harness/nats/address'
import { connectNats } from '../../harness/nats/connect'
import { natsPool } from '../../harness/nats/pool'
import { resolveConfig } from '../../src/config/config'
import { sourceHash } from '../../src/env/source'
import { type NatsWorker, workForSweeps } from '../../src/nats/worker'
import type { Batch, TrialResult } from '../../src/sweep/types'
import type { Machine, Work } from '../../src/sweep/work'

export const SWEEP = '0123456789abcdef'
const fingerprint = { adapter: 'none', browser: 'none', version: '1' }
const machine: Machine = {
  ...{ fingerprint, software: true, fits: () => 64 },
  train: () => Promise.reject(new Error('not in this test')),
}

export const batchOf = (id: number, trials: number[], more: Partial<Batch> = {}): Batch => ({
  ...{ version: 1, sweep: SWEEP, id: `b-${id}`, ticket: `${id}`.padStart(32, '0') },
  env: { id: cartPole.id, hash: sourceHash(cartPole) },
  config: resolveConfig(cartPole.preset, { seed: 1 }),
  ...{ rung: 0, until: 2048 },
  members: trials.map((trial) => ({ trial, seed: trial, sweep: {}, envParams: {}, from: null })),
  ...{ keep: { checkpoint: true, policy: false }, ...more },
})

export const resultOf = async (batch: Batch, trial: number, { files }: Pick<Work, 'files'>): Promise<TrialResult> => ({
  ...{ version: 1, sweep: batch.sweep, batch: batch.id, ticket: batch.ticket, trial, rung: batch.rung },
  ...{ timesteps: batch.until, score: trial / 2, status: 'running', curve: [[2048, trial]], seconds: 1 },
  ...{ weightsHash: 'a'.repeat(64), fingerprint, mixed: false, policy: null, error: null },
  checkpoint: await files.put(`${batch.sweep}.${batch.ticket}.${trial}.x`, new Uint8Array(700_000).fill(trial)),
})

/** A server on loopback that lets everybody in. */
export const choiceOf = ({ port }: { port: number }): NatsChoice => ({
  ...{ host: `127.0.0.1:${port}`, scheme: 'nats', ackWait: 1, warnings: [] },
})

export async function openPool(choice: NatsChoice) {
  const seen = { results: [] as TrialResult[], refused: [] as string[], failed: [] as string[], workers: 0 }
  const pool = await natsPool(choice, () => undefined)(SWEEP, {
    result: (result) => seen.results.push(result),
    refused: (what) => seen.refused.push(what),
    failed: (error) => seen.failed.push(error.message),
    workers: (workers) => {
      seen.workers = workers.length
    },
  })
  return { pool, seen }
}

/** Waits for the condition; an error shows `facts`. */
export async function until(condition: () => boolean, facts: object, seconds = 20): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !condition(); ) {
    if (Date.now() > end) throw new Error(`it did not come true: ${JSON.stringify(facts).slice(0, 2000)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A worker with `workOn`; `stop` ends it. */
export async function startWorker(
  choice: NatsChoice,
  workOn: (batch: Batch, work: Work) => Promise<void>,
  more: Pick<NatsWorker, 'leaveWhenIdle' | 'hurry'> = {},
) {
  const lines: string[] = []
  const say = (line: string) => void lines.push(line)
  const nc = await connectNats(choice, say)
  const stopped = new AbortController()
  const done = workForSweeps({
    ...{ nc, machine, kind: 'command', envs: [cartPole], say, workOn, signal: stopped.signal, ...more },
  }).finally(() => nc.close())
  done.catch((error) => lines.push(String(error.stack)))
  return {
    ...{ nc, lines, done },
    stop: () => {
      stopped.abort()
      return done
    },
  }
}

export const honest = async (batch: Batch, work: Work) => {
  for (const { trial } of batch.members) await work.result(await resultOf(batch, trial, work))
}

/** How many messages each stream has. */
export async function messages(choice: NatsChoice): Promise<Record<string, number>> {
  const nc = await connectNats(choice, () => undefined)
  const jsm = await jetstream(nc).jetstreamManager()
  const counts: Record<string, number> = {}
  for (const name of ['PPO_WORK', 'KV_PPO_RESULTS', 'PPO_FILES', 'PPO_PROGRESS'])
    counts[name] = (await jsm.streams.info(name)).state.messages
  await nc.close()
  return counts
}
