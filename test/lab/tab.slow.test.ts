/** A tab as a worker of sweeps, in a real browser, with a real nats-server. */
import { type AddressInfo, createServer } from 'node:net'
import type { Page } from 'puppeteer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import type { NatsChoice } from '../../harness/nats/address'
import { connectNats } from '../../harness/nats/connect'
import { natsPool } from '../../harness/nats/pool'
import type { Pool } from '../../harness/sweep/pool'
import { version } from '../../package.json'
import { resolveConfig } from '../../src/config/config'
import { sourceHash } from '../../src/env/source'
import type { Batch, TrialResult, WorkerStatus } from '../../src/sweep/types'
import { workOn } from '../../src/sweep/work'
import { batchOf, collecting, member, pageMachine } from '../support/batches'
import { makeCertificates } from '../support/certificates'
import { PASSWORDS, startDeployed } from '../support/deployed'
import type { NatsServer } from '../support/nats'
import { launchDefault, openSite, type Site } from './site'
import { openTab } from './tabs'

const SWEEP = '00112233aabbccdd'
const ACK_WAIT = 3

/** Chrome trusts it, as it would one of a public authority. */
const certificates = makeCertificates()

let site: Site
let server: NatsServer
let choice: NatsChoice
let pool: Pool
const seen = { results: [] as TrialResult[], problems: [] as string[], workers: [] as WorkerStatus[] }

beforeAll(async () => {
  server = await startDeployed(certificates)
  site = await openSite(() => launchDefault([`--ignore-certificate-errors-spki-list=${certificates.keyHash}`]))
  choice = {
    ...{ host: `localhost:${server.port}`, scheme: 'tls', ca: certificates.caText, user: 'coordinator' },
    ...{ pass: PASSWORDS.coordinator, ackWait: ACK_WAIT, warnings: [] },
  }
  pool = await natsPool(choice, () => undefined)(SWEEP, {
    result: (result) => seen.results.push(result),
    refused: (what) => seen.problems.push(what),
    failed: (error) => seen.problems.push(error.message),
    workers: (workers) => {
      seen.workers = workers
    },
  })
}, 120_000)
afterAll(async () => {
  await pool?.close(true)
  await site?.close()
  await server?.close()
  certificates.remove()
})

const BATCH = 8 * 32
/** Long enough to be interrupted, and quick to compile. */
const config = resolveConfig(
  {},
  { numEnvs: 8, numSteps: 32, numMinibatches: 2, hidden: [8], plan: 'layered', totalTimesteps: 400 * BATCH },
  cartPole,
)
let batches = 0
const makeBatch = (trials: number[], until = 20 * BATCH): Batch =>
  batchOf({
    ...{ sweep: SWEEP, id: `b-${++batches}`, ticket: `${batches}`.padStart(32, 'd') },
    ...{
      env: { id: cartPole.id, hash: sourceHash(cartPole) },
      config,
      until,
      keep: { checkpoint: true, policy: false },
    },
    members: trials.map((trial) => member(trial, { sweep: { learningRate: 1e-3 * (trial + 1) } })),
  })

/** What a worker of the command line comes to. */
async function alone(batch: Batch): Promise<Map<number, TrialResult>> {
  const work = collecting({ spec: cartPole, machine: pageMachine(2, version) })
  await workOn(batch, work)
  return new Map(work.results.map((result) => [result.trial, result]))
}

const good = () => `#server=${serverUrl()}&user=worker&pass=${PASSWORDS.worker}`
const serverUrl = () => `wss://localhost:${server.wsPort}`

async function until(what: string, condition: () => Promise<boolean> | boolean, seconds = 90): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`not after ${seconds} s: ${what}; ${seen.problems.join('; ')}`)
}
const resultsOf = (batch: Batch) => seen.results.filter((result) => result.batch === batch.id)
const hasAll = (batch: Batch) => () => resultsOf(batch).length === batch.members.length

/** Compares what must not depend on the worker. */
async function expectAsAlone(batch: Batch): Promise<void> {
  const wanted = await alone(batch)
  const found = resultsOf(batch)
  expect(found.map(({ trial }) => trial).sort()).toEqual(batch.members.map(({ trial }) => trial))
  for (const { trial, timesteps, score, status, weightsHash, curve, mixed } of found) {
    const own = wanted.get(trial)!
    expect({ timesteps, score, status, weightsHash, curve }).toEqual({
      ...{ timesteps: own.timesteps, score: own.score, status: own.status },
      ...{ weightsHash: own.weightsHash, curve: own.curve },
    })
    expect(mixed).toBe(false)
  }
}

describe('a tab that works', { timeout: 300_000 }, () => {
  test('a wrong password is said, and the tab can try again', async () => {
    const tab = await openTab(site, `#server=${serverUrl()}&user=worker&pass=wrong`)
    await tab.click('start')
    await until('an error', async () => (await tab.fact('error')) !== '', 60)
    expect(await tab.fact('error')).toMatch(/authorization/i)
    expect(await tab.fact('error')).not.toContain('wrong')
    expect(await tab.page.$('[data-action=start]')).not.toBeNull()
    await tab.page.close()
  })

  test('a certificate that the browser does not trust is said', async () => {
    const others = makeCertificates()
    const strange = await startDeployed(others)
    const tab = await openTab(site, `#server=wss://localhost:${strange.wsPort}&user=worker&pass=${PASSWORDS.worker}`)
    await tab.click('start')
    await until('an error', async () => (await tab.fact('error')) !== '', 60)
    expect(await tab.fact('error')).toMatch(/does this browser trust its certificate/)
    await tab.page.close()
    await strange.close()
    others.remove()
  })

  test('comes to the results of a command-line worker, hidden or not, and reaches no other server', async () => {
    const [first, second] = [makeBatch([0, 1, 2]), makeBatch([3, 4])]
    await pool.submit(first)
    const tab = await openTab(site, good())
    await tab.click('start')
    await until('work', async () => (await tab.fact('state')) === 'training')
    expect(await tab.fact('sweep')).toBe(SWEEP)
    await until('the environment', async () => (await tab.fact('env')) === 'CartPole-v1')
    await until('the first batch', hasAll(first))
    await expectAsAlone(first)
    await until('the worker in the list', () => seen.workers.some(({ kind }) => kind === 'tab'))
    expect(seen.workers[0]).toMatchObject({ kind: 'tab', software: true })

    // Another tab in front hides this one.
    const front = await site.browser.newPage()
    await front.bringToFront()
    await until('hidden', () => tab.page.evaluate(() => document.visibilityState === 'hidden'))
    await pool.submit(second)
    await until('the second batch', hasAll(second))
    expect(await tab.page.evaluate(() => document.visibilityState)).toBe('hidden')
    await front.close()
    await expectAsAlone(second)
    await until('the count', async () => (await tab.fact('given')) === '5')

    let asked = 0
    const other = createServer((socket) => {
      asked++
      socket.on('error', () => undefined).destroy()
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const reach = (url: string) =>
      new Promise<string>((resolve) => {
        try {
          const socket = new WebSocket(url)
          socket.onopen = () => resolve('open')
          socket.onerror = () => resolve('error')
        } catch (error) {
          resolve((error as Error).name)
        }
      })
    const others = [`wss://localhost:${port}`, `ws://localhost:${port}`, `ws://127.0.0.1:${port}`]
    const worker = tab.page.workers()[0]
    for (const place of [worker, tab.page] as Pick<Page, 'evaluate'>[]) {
      for (const url of others) expect(await place.evaluate(reach, url)).not.toBe('open')
      expect(await place.evaluate(reach, serverUrl())).toBe('open')
    }
    expect(asked).toBe(0)
    // Control: a page without the policy asks it.
    const plain = await site.browser.newPage()
    await plain.goto(`${site.url}own.css`)
    for (const url of others) await plain.evaluate(reach, url)
    expect(asked).toBeGreaterThanOrEqual(3)
    await plain.close()
    other.close()

    await tab.click('stop')
    await until('stopped', async () => (await tab.fact('state')) === 'stopped', 20)
    await until('no worker', () => tab.page.workers().length === 0, 10)
    await tab.page.close()
  })

  test('that is closed in the middle loses nothing: another one goes on', async () => {
    const batch = makeBatch([5, 6], 400 * BATCH)
    // The server tells of each batch that a worker gives back.
    const listener = await connectNats(choice, () => undefined)
    let given = 0
    listener.subscribe('$JS.EVENT.ADVISORY.CONSUMER.MSG_NAKED.PPO_WORK.workers', {
      callback: () => void given++,
    })
    await listener.flush()
    const doomed = await openTab(site, good())
    await doomed.click('start')
    await pool.submit(batch)
    await until('training', async () => Number((await doomed.fact('sps')).replaceAll(',', '')) > 0)
    expect(resultsOf(batch).length).toBeLessThan(2)
    expect(given).toBe(0)
    await doomed.page.close()
    await until('the batch is given back', () => given > 0, 10)
    await listener.close()
    const heir = await openTab(site, good())
    await heir.click('start')
    await until('the results', hasAll(batch))
    await expectAsAlone(batch)
    expect(seen.problems).toEqual([])
    await heir.page.close()
  })
})
