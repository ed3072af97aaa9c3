/** deploy/nats/nats-server.conf: what a worker may do there, and what it may not; tried with a client of its user. */
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { headers, type NatsConnection } from '@nats-io/nats-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NatsChoice } from '../../harness/nats/address'
import { connectNats } from '../../harness/nats/connect'
import { natsFiles } from '../../src/nats/files'
import { fileSubject, keySubject, resultKey } from '../../src/nats/names'
import { makeCertificates } from '../support/certificates'
import { PASSWORDS, startDeployed } from '../support/deployed'
import type { NatsServer } from '../support/nats'
import { batchOf, honest, messages, openPool, SWEEP, startWorker, until } from '../support/natswork'

const certificates = makeCertificates()
let server: NatsServer
let worker: NatsConnection

const choiceOf = (user: 'coordinator' | 'worker'): NatsChoice => ({
  ...{ host: `localhost:${server.port}`, scheme: 'tls', user, pass: PASSWORDS[user] },
  ...{ ca: certificates.caText, ackWait: null, warnings: [] },
})

beforeAll(async () => {
  server = await startDeployed(certificates)
  const { pool } = await openPool(choiceOf('coordinator'))
  await pool.close(false)
  worker = await connectNats(choiceOf('worker'), () => undefined)
})

afterAll(async () => {
  await worker?.close()
  await server?.close()
  certificates.remove()
})

const denied = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (answer) => `not denied: ${JSON.stringify(answer).slice(0, 200)}`,
    (error: Error) => (/permissions violation/i.test(`${error.message} ${error.cause}`) ? 'denied' : `${error.stack}`),
  )

const FORBIDDEN: Record<string, object> = {
  '$JS.API.STREAM.PURGE.PPO_WORK': {},
  '$JS.API.STREAM.PURGE.KV_PPO_RESULTS': {},
  '$JS.API.STREAM.DELETE.PPO_WORK': {},
  '$JS.API.STREAM.DELETE.PPO_FILES': {},
  '$JS.API.STREAM.UPDATE.PPO_WORK': { name: 'PPO_WORK', subjects: ['other'] },
  '$JS.API.STREAM.MSG.DELETE.PPO_FILES': { seq: 1 },
  '$JS.API.STREAM.MSG.GET.PPO_WORK': { seq: 1 },
  '$JS.API.DIRECT.GET.PPO_FILES': { seq: 1 },
  '$JS.API.DIRECT.GET.KV_PPO_RESULTS': { seq: 1 },
  '$JS.API.STREAM.INFO.PPO_FILES': { subjects_filter: '>' },
  '$JS.API.STREAM.NAMES': {},
  '$JS.API.CONSUMER.CREATE.PPO_FILES': { stream_name: 'PPO_FILES', config: { deliver_subject: 'ppo.work.a.b' } },
  '$JS.API.CONSUMER.DELETE.PPO_WORK.workers': {},
  'ppo.work.0123456789abcdef.b-9': batchOf(9, [9]),
  '$KV.PPO_RESULTS.other': {},
  '$KV.PPO_RESULTS.s.a.b.1': {},
  'ppo.other': {},
}

test.each(Object.entries(FORBIDDEN))('a worker may not ask for %s', async (subject, payload) => {
  expect(await denied(worker.request(subject, JSON.stringify(payload), { timeout: 2000 }))).toBe('denied')
})

test.each(['ppo.work.>', '$KV.>', '_INBOX.>', 'ppo.status.*', '>'])(
  'a worker may not listen to %s',
  async (subject) => {
    const ended = await worker.subscribe(subject).closed
    expect(String(ended)).toMatch(/permissions violation/i)
  },
)

test('what was written first stays: neither a key nor a file is written over or marked as deleted', async () => {
  const js = jetstream(worker)
  const file = await natsFiles(worker, js, SWEEP, new AbortController().signal).put('first', new Uint8Array([1]))
  const subjects = [fileSubject(SWEEP, 'first', 0), keySubject(resultKey(SWEEP, 'a'.repeat(32), 1))]
  await js.publish(subjects[1], '1')
  const rollup = headers()
  rollup.set('Nats-Rollup', 'sub')
  const purge = headers()
  purge.set('KV-Operation', 'PURGE')
  for (const subject of subjects) {
    for (const more of [undefined, rollup, purge]) {
      const error = await js.publish(subject, '2', { headers: more }).catch((error) => error)
      expect(error.message).toMatch(/maximum messages per subject exceeded|rollup not permitted/)
    }
  }
  const coordinator = await connectNats(choiceOf('coordinator'), () => undefined)
  const { direct } = await jetstreamManager(coordinator)
  expect((await direct.getMessage('KV_PPO_RESULTS', { last_by_subj: subjects[1] }))!.string()).toBe('1')
  await coordinator.close()
  expect(await natsFiles(worker, js, SWEEP, new AbortController().signal).get(file)).toEqual(new Uint8Array([1]))
})

test('the same user does the work of a worker, checkpoints included', async () => {
  const { pool, seen } = await openPool(choiceOf('coordinator'))
  await pool.submit(batchOf(1, [0, 1]))
  await pool.submit(batchOf(2, [2]))
  const one = await startWorker(choiceOf('worker'), async (batch, work) => {
    await work.leave!(new Uint8Array(3))
    await honest(batch, work)
  })
  await until(() => seen.results.length === 3 && seen.workers === 1, { seen, lines: one.lines })
  await one.stop()
  expect(await messages(choiceOf('coordinator'))).toMatchObject({ PPO_WORK: 0, PPO_PROGRESS: 4 })
  await pool.close(true)
  expect([seen.refused, seen.failed, one.lines]).toEqual([[], [], []])
  expect(await messages(choiceOf('coordinator'))).toMatchObject({ PPO_WORK: 0, PPO_PROGRESS: 0 })
})
