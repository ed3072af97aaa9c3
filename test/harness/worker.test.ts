/** `createPpoWorker` in a page, from the built library, without a bundler. */
import { fileURLToPath } from 'node:url'
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildLibrary } from '../../harness/build/library.js'
import { launchChrome } from '../../harness/chrome/launch'
import { fromFolder, serveStatic } from '../support/static'

let chrome: Awaited<ReturnType<typeof launchChrome>>
let server: Awaited<ReturnType<typeof serveStatic>>
let page: Page

beforeAll(async () => {
  await buildLibrary()
  const built = fromFolder(fileURLToPath(new URL('../../dist', import.meta.url)))
  server = await serveStatic((path) => (path === '/' ? Buffer.from('<!doctype html><title>user</title>') : built(path)))
  chrome = await launchChrome()
  page = await chrome.browser.newPage()
  await page.goto(server.url)
})
afterAll(() => Promise.all([chrome?.close(), server?.close()]))

/** What a user's script makes; `lib` is the library, `sizes` are those of a small run. */
const inPage = <R>(body: string): Promise<R> =>
  page.evaluate(`(async () => {
    const lib = await import('./index.js')
    const sizes = { numEnvs: 4, numSteps: 16, numMinibatches: 2, updateEpochs: 1, totalTimesteps: 256, hidden: [8] }
    const caught = (promise) => promise.then(() => 'no error', (e) => ({ name: e.name, message: e.message, is: e instanceof (lib[e.name] ?? Error) }))
    ${body}
  })()`) as Promise<R>

const workers = () => page.workers().length

test('trains with the bits of the page, a built-in environment and one of its own; ends with its Worker', async () => {
  const result = await inPage<{ timesteps: number[][]; params: number[][]; acts: number[][]; late: object }>(`
    const own = { ...lib.cartPole, id: 'Own-v0' }
    const makers = [
      () => lib.createPpo({ env: lib.cartPole, seed: 3, ...sizes }),
      () => lib.createPpoWorker({ env: 'CartPole-v1', seed: 3, ...sizes }),
      () => lib.createPpoWorker({ env: own, preset: 'default', seed: 3, ...sizes }),
    ]
    const timesteps = [], params = [], acts = []
    let last
    for (const make of makers) {
      const ppo = last = await make()
      const seen = []
      const hooks = { metrics: { twice: (row) => 2 * row.timesteps }, onIteration: ([row]) => seen.push(row.own.twice / 2) }
      for await (const { rows } of ppo.train(hooks)) if (rows.some(([row]) => row.own.twice !== 2 * row.timesteps)) throw new Error('own')
      if (ppo.iterations !== 4) throw new Error('iterations ' + ppo.iterations)
      timesteps.push(seen)
      params.push(Array.from(new Uint32Array((await ppo.params()).buffer)))
      acts.push((await ppo.policy()).outputs([0.1, 0.2, -0.1, 0.3]))
      await ppo.dispose()
    }
    return { timesteps, params, acts, late: await caught(last.params()) }`)
  expect(result.timesteps).toEqual(Array(3).fill([64, 128, 192, 256]))
  expect(result.params[0].some((word) => word !== 0)).toBe(true)
  for (const other of [1, 2]) {
    expect(result.params[other]).toEqual(result.params[0])
    expect(result.acts[other]).toEqual(result.acts[0])
  }
  expect(result.late).toMatchObject({ name: 'Error', message: 'The run in the Worker was disposed of.' })
  await expect.poll(workers, { timeout: 20_000 }).toBe(0)
})

test('errors cross with their names and messages, and leave no Worker', async () => {
  const errors = await inPage<object[]>(`
    const signal = AbortSignal.abort()
    return [
      await caught(lib.createPpoWorker({ env: 'CartPole-v1', numEnvs: -1 })),
      await caught(lib.createPpoWorker({ env: 'CartPole-v9' })),
      await caught(lib.createPpoWorker({})),
      await caught(lib.createPpoWorker({ env: { ...lib.cartPole, picture: () => 0 } })),
      await caught(lib.createPpoWorker({ env: { ...lib.cartPole, wgsl: lib.cartPole.wgsl.replace('0.02', 'zero') } })),
      await caught(lib.createPpoWorker({ from: new Uint8Array(9) })),
      await caught(lib.createPpoWorker({ env: 'CartPole-v1', ...sizes, signal })),
      await caught(lib.createPpoWorker({ env: 'CartPole-v1', worker: new Worker('./nowhere.js') })),
    ]`)
  const [size, env, none, clone, shader, file, aborted, nowhere] = errors
  expect(size).toEqual({
    name: 'ConfigError',
    message: 'config.numEnvs: -1 is out of range. Use a whole number from 1 to 1048576.',
    is: true,
  })
  expect(env).toMatchObject({ name: 'ConfigError', message: expect.stringContaining('"CartPole-v9"'), is: true })
  expect(none).toMatchObject({ name: 'ConfigError', message: expect.stringContaining('env: missing'), is: true })
  expect(clone).toMatchObject({ name: 'ConfigError', message: expect.stringContaining('env: cannot be sent') })
  // In the package, too, the place is the author's.
  expect(shader).toMatchObject({
    name: 'ShaderError',
    message: expect.stringMatching(/envs\/cartpole\/cartpole\.wgsl:\d+:/),
    is: true,
  })
  expect(file).toMatchObject({ name: 'SafetensorsError', is: true })
  expect(aborted).toMatchObject({ name: 'AbortError' })
  expect(nowhere).toMatchObject({ message: expect.stringContaining('The Worker failed') })
  await expect.poll(workers, { timeout: 20_000 }).toBe(0)
})

test('stop, a signal and a break end the loop; the next one goes on, and so does a checkpoint, with the same bits', async () => {
  const result = await inPage<{
    first: number
    due: number
    rows: number[]
    params: number[][]
    second: object
    kept: number
  }>(`
    const options = { env: 'CartPole-v1', seed: 4, ...sizes, totalTimesteps: 64 * 600 }
    const ppo = await lib.createPpoWorker(options)
    const timesteps = []
    const loop = async (each, options) => {
      for await (const update of ppo.train({ ...options, checkpointEvery: { iterations: 10 } })) {
        if (update.checkpoint) due++
        for (const [row] of update.rows) timesteps.push(row.timesteps)
        if (each(update)) break
      }
    }
    let second, due = 0
    await loop((update) => { second ??= caught(ppo.train().next()); ppo.stop() })
    const first = ppo.iterations
    const kept = await ppo.save()
    const controller = new AbortController()
    await loop(() => controller.abort(), { signal: controller.signal })
    await loop(() => true)
    await loop(() => false)
    const params = [await ppo.params()]
    await ppo.dispose()
    const again = await lib.createPpoWorker({ from: kept })
    for await (const _ of again.train());
    params.push(await again.params())
    await again.dispose()
    return {
      first, due, rows: timesteps, second: await second, kept: kept.length,
      params: params.map((p) => Array.from(new Uint32Array(p.buffer))),
    }`)
  expect(result.first).toBeGreaterThan(0)
  expect(result.first).toBeLessThan(600)
  // Every row once, in order, whatever ended a loop.
  expect(result.rows).toEqual(Array.from({ length: 600 }, (_, i) => 64 * (i + 1)))
  expect(result.second).toMatchObject({ message: expect.stringContaining('train: a loop over it is under way') })
  expect(result.kept).toBeGreaterThan(1000)
  expect(result.due).toBeGreaterThan(0)
  expect(result.params[1]).toEqual(result.params[0])
  await expect.poll(workers, { timeout: 20_000 }).toBe(0)
})
