/** Sweeps over a real nats-server: the queue, the results and the files, with work that computes nothing. */

import { jetstream } from '@nats-io/jetstream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectNats } from '../../harness/nats/connect'
import { natsFiles } from '../../src/nats/files'
import { keySubject, resultKey, resultProof } from '../../src/nats/names'
import { type NatsServer, startNats } from '../support/nats'
import { batchOf, choiceOf, honest, messages, openPool, resultOf, SWEEP, startWorker, until } from '../support/natswork'

let server: NatsServer
beforeAll(async () => {
  server = await startNats()
})
afterAll(() => server?.close())

test('a worker without work leaves when it was told to, also where no sweep was ever started', async () => {
  const worker = await startWorker(choiceOf(server), honest, { leaveWhenIdle: 1 })
  expect(await worker.done).toBe(0)
  expect(worker.lines).toEqual(['No sweep has been started on this server yet. Waiting.'])
})

test('a worker works on batches; results come once, with files; the end removes everything', async () => {
  const { pool, seen } = await openPool(choiceOf(server))
  const batches = [batchOf(1, [0, 1, 2]), batchOf(2, [3])]
  for (const batch of batches) await pool.submit(batch)
  await pool.submit(batches[0])
  const worker = await startWorker(choiceOf(server), honest)
  await until(() => seen.results.length === 4 && seen.workers === 1, { seen, lines: worker.lines })
  expect(seen.results.map(({ trial }) => trial).toSorted()).toEqual([0, 1, 2, 3])
  const { checkpoint, ticket } = seen.results.find(({ trial }) => trial === 3)!
  expect(ticket).toBe(batches[1].ticket)
  expect((await pool.files.get(checkpoint!)).length).toBe(700_000)
  // One chunk, as a plain array: a Buffer of Node cannot cross to the page with the GPU.
  const small = await pool.files.put('small', new Uint8Array([1, 2]))
  expect(Object.getPrototypeOf(await pool.files.get(small))).toBe(Uint8Array.prototype)
  expect(checkpoint!.name).not.toContain(ticket)
  await pool.forget([checkpoint!.name])
  await expect(pool.files.get(checkpoint!)).rejects.toThrow(`file ${checkpoint!.name}: the server does not have it`)
  expect(await worker.stop()).toBe(4)
  await pool.close(true)
  expect([seen.refused, seen.failed, worker.lines]).toEqual([[], [], []])
  expect(await messages(choiceOf(server))).toEqual({ PPO_WORK: 0, KV_PPO_RESULTS: 0, PPO_FILES: 0, PPO_PROGRESS: 0 })
})

test('a worker in a hurry gives its batch back before its work ends', async () => {
  const { pool, seen } = await openPool({ ...choiceOf(server), ackWait: 30 })
  await pool.submit(batchOf(1, [0]))
  const hurry = new AbortController()
  let begun = false
  const stuck = await startWorker(
    choiceOf(server),
    () => {
      begun = true
      return new Promise<void>(() => undefined)
    },
    { hurry: hurry.signal },
  )
  await until(() => begun, stuck)
  hurry.abort()
  const heir = await startWorker(choiceOf(server), honest)
  await until(() => seen.results.length === 1, { seen, lines: heir.lines }, 10)
  await stuck.nc.close()
  await heir.stop()
  await pool.close(true)
})

test('of batches that wait a worker takes several of one shape at once', async () => {
  const { pool, seen } = await openPool(choiceOf(server))
  const batches = Array.from({ length: 12 }, (_, k) => batchOf(k, [2 * k, 2 * k + 1]))
  const other = batchOf(12, [24], { until: 4096 })
  for (const batch of [...batches, other]) await pool.submit(batch)
  const sizes: number[] = []
  const worker = await startWorker(choiceOf(server), async (batch, work) => {
    sizes.push(batch.members.length)
    await honest(batch, work)
  })
  await until(() => seen.results.length === 25, { seen, lines: worker.lines })
  await worker.stop()
  await pool.close(true)
  expect(sizes.toSorted((a, b) => b - a)[0]).toBeGreaterThan(2)
  expect(sizes.reduce((a, b) => a + b)).toBe(25)
  for (const { trial, batch, ticket } of seen.results) {
    const whose = trial === 24 ? other : batches[Math.floor(trial / 2)]
    expect([batch, ticket]).toEqual([whose.id, whose.ticket])
  }
  expect([seen.refused, seen.failed, worker.lines]).toEqual([[], [], []])
})

test('results that are wrong are discarded and named, and the sweep ends with right ones', async () => {
  const { pool, seen } = await openPool(choiceOf(server))
  const batch = batchOf(1, [0, 1, 2, 3, 4])
  const worker = await connectNats(choiceOf(server), () => undefined)
  const js = jetstream(worker)
  const right = await resultOf(batch, 0, { files: natsFiles(worker, js, SWEEP, new AbortController().signal) })
  const put = (trial: number, value: object, key = resultKey(SWEEP, batch.ticket, trial)) => {
    const ticket = resultProof(batch.ticket, trial)
    return js.publish(keySubject(key), JSON.stringify({ ...right, trial, ticket, ...value }))
  }
  await pool.submit(batch)
  await put(0, { score: 'high' })
  await put(1, { checkpoint: { ...right.checkpoint, name: 'a\u001b[2J' } })
  await put(2, { checkpoint: { ...right.checkpoint, bytes: 2 ** 40 } })
  await put(3, { checkpoint: { ...right.checkpoint, name: 'nowhere' } })
  await put(4, { trial: 3 })
  await put(7, {})
  await put(0, {}, `r.${SWEEP}.no-such.key`)
  await until(() => seen.refused.length >= 5, seen)
  const honestOne = await startWorker(choiceOf(server), honest)
  await until(() => seen.results.length === 5, seen)
  expect(seen.results.map(({ trial, score }) => [trial, score]).toSorted()).toEqual(
    [0, 1, 2, 3, 4].map((k) => [k, k / 2]),
  )
  await until(() => seen.refused.length === 7, seen, 45)
  const named = (trial: number) =>
    seen.refused.filter((line) => line.startsWith(`result of trial ${trial} of batch b-1: `))
  expect(named(0)[0]).toMatch(/result\.score/)
  expect(named(1)[0]).toMatch(/result\.checkpoint\.name/)
  expect(named(2)[0]).toMatch(/1099511627776 bytes|result\.checkpoint\.bytes/)
  expect(named(3)[0]).toMatch(/nowhere/)
  expect(named(4)[0]).toMatch(/trial is 3 instead of 4/)
  expect(seen.refused.filter((line) => line.includes('belongs to no batch'))).toHaveLength(2)
  // Whatever is in them, a terminal shows it as it is.
  expect(seen.refused.join('')).not.toMatch(/\p{Cc}/u)
  await honestOne.stop()
  await worker.close()
  await pool.close(true)
})
