/** Sweeps over a real nats-server: the queue, the results and the files, with work that computes nothing. */

import { jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { connect } from '@nats-io/transport-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { natsPool } from '../../harness/nats/pool'
import { resolveConfig } from '../../src/config/config'
import { sourceHash } from '../../src/env/source'
import { workForSweeps } from '../../src/nats/worker'
import type { Batch, TrialResult } from '../../src/sweep/types'
import type { Machine, Work } from '../../src/sweep/work'
import { type NatsServer, startNats } from '../support/nats'

let server: NatsServer
beforeAll(async () => {
  server = await startNats()
})
afterAll(() => server?.close())

const SWEEP = '0123456789abcdef'
const fingerprint = { adapter: 'none', browser: 'none', version: '1' }
const machine: Machine = {
  ...{ fingerprint, software: true, fits: () => 64 },
  train: () => Promise.reject(new Error('not in this test')),
}

const batchOf = (id: number, trials: number[], more: Partial<Batch> = {}): Batch => ({
  ...{ version: 1, sweep: SWEEP, id: `b-${id}`, ticket: `${id}`.padStart(32, '0') },
  env: { id: cartPole.id, hash: sourceHash(cartPole) },
  config: resolveConfig(cartPole.preset, { seed: 1 }),
  ...{ rung: 0, until: 2048 },
  members: trials.map((trial) => ({ trial, seed: trial, sweep: {}, envParams: {}, from: null })),
  ...{ keep: { checkpoint: true, policy: false }, ...more },
})

const resultOf = async (batch: Batch, trial: number, { files }: Pick<Work, 'files'>): Promise<TrialResult> => ({
  ...{ version: 1, sweep: batch.sweep, batch: batch.id, ticket: batch.ticket, trial, rung: batch.rung },
  ...{ timesteps: batch.until, score: trial / 2, status: 'running', curve: [[2048, trial]], seconds: 1 },
  ...{ weightsHash: 'a'.repeat(64), fingerprint, mixed: false, policy: null, error: null },
  checkpoint: await files.put(`${batch.sweep}.${batch.ticket}.${trial}.x`, new Uint8Array(700_000).fill(trial)),
})

const choice = () => ({ host: `127.0.0.1:${server.port}`, scheme: 'nats' as const, ackWait: 1, warnings: [] })

async function openPool() {
  const seen = { results: [] as TrialResult[], refused: [] as string[], failed: [] as string[], workers: 0 }
  const pool = await natsPool(choice(), () => undefined)(SWEEP, {
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
async function until(condition: () => boolean, facts: object, seconds = 20): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !condition(); ) {
    if (Date.now() > end) throw new Error(`it did not come true: ${JSON.stringify(facts).slice(0, 2000)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A worker with `workOn`; `stop` ends it. */
async function startWorker(workOn: (batch: Batch, work: Work) => Promise<void>) {
  const nc = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 200 })
  const stopped = new AbortController()
  const lines: string[] = []
  const say = (line: string) => void lines.push(line)
  const done = workForSweeps({
    ...{ nc, machine, kind: 'command', envs: [cartPole], say, workOn, signal: stopped.signal },
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

const honest = async (batch: Batch, work: Work) => {
  for (const { trial } of batch.members) await work.result(await resultOf(batch, trial, work))
}

test('a worker works on batches; results come once, with files; the end removes everything', async () => {
  const { pool, seen } = await openPool()
  const batches = [batchOf(1, [0, 1, 2]), batchOf(2, [3])]
  for (const batch of batches) await pool.submit(batch)
  await pool.submit(batches[0])
  const worker = await startWorker(honest)
  await until(() => seen.results.length === 4 && seen.workers === 1, { seen, lines: worker.lines }, 8)
  expect(seen.results.map(({ trial }) => trial).toSorted()).toEqual([0, 1, 2, 3])
  const { checkpoint, ticket } = seen.results.find(({ trial }) => trial === 3)!
  expect(ticket).toBe(batches[1].ticket)
  expect((await pool.files.get(checkpoint!)).length).toBe(700_000)
  expect(checkpoint!.name).not.toContain(ticket)
  await pool.forget([checkpoint!.name])
  await expect(pool.files.get(checkpoint!)).rejects.toThrow(`file ${checkpoint!.name}: the server does not have it`)
  expect(await worker.stop()).toBe(4)
  await pool.close(true)
  expect([seen.refused, seen.failed, worker.lines]).toEqual([[], [], []])
  expect(await messages()).toEqual({ PPO_WORK: 0, KV_PPO_RESULTS: 0, PPO_FILES: 0, PPO_PROGRESS: 0 })
})

async function messages(): Promise<Record<string, number>> {
  const nc: NatsConnection = await connect({ servers: server.url })
  const jsm = await jetstream(nc).jetstreamManager()
  const counts: Record<string, number> = {}
  for (const name of ['PPO_WORK', 'KV_PPO_RESULTS', 'PPO_FILES', 'PPO_PROGRESS'])
    counts[name] = (await jsm.streams.info(name)).state.messages
  await nc.close()
  return counts
}
