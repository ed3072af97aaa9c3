import { existsSync } from 'node:fs'
import puppeteer, { type Browser } from 'puppeteer'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { HarnessError } from '../../harness/cli/errors'
import type { TaskName } from '../../harness/protocol/protocol'
import { type ChromeRuntime, openChrome } from '../../harness/runtime/chrome'
import { openNode } from '../../harness/runtime/node'
import type { Runtime } from '../../harness/runtime/runtime'
import { resolveConfig } from '../../src/config/config'
import { eventually } from '../support/cli'
import { gpu } from '../support/gpu'

const config = resolveConfig({}, { numEnvs: 4, numSteps: 64, totalTimesteps: 2 ** 30 })

describe('a runtime', () => {
  test('says which adapter and browser compute', async () => {
    const { facts } = await gpu()
    expect(facts.browser).toMatch(/chrome|chromium/i)
    expect(facts.limits.maxStorageBuffersPerShaderStage).toBeGreaterThanOrEqual(8)
    expect(typeof facts.software).toBe('boolean')
  })

  test('carries several megabytes both ways', async () => {
    const n = 200_000
    const state = [0.01, -0.02, 0.03, 0.04]
    const states = Float32Array.from({ length: 4 * n }, (_, i) => state[i % 4])
    const result = await (await gpu()).call('transitions', {
      env: 'CartPole-v1',
      states,
      actions: new Float32Array(n),
      n,
    })
    expect(result.states).toHaveLength(4 * n)
    expect(result.states.slice(-4)).toEqual(result.states.slice(0, 4))
  })

  test('an error in the page keeps its name, message, place and exit code', async () => {
    const runtime = await gpu()
    const unknown = await runtime.call('train', { env: 'CartPole-v2', config }).catch((e) => e)
    expect(unknown).toMatchObject({ name: 'ConfigError', exitCode: 2 })
    expect(unknown.message).toContain('did you mean "CartPole-v1"')
    expect(unknown.pageStack).toContain('page.js')
    await expect(runtime.call('nonsense' as TaskName, {})).rejects.toThrow('no task "nonsense"')
  })

  test('gives up a call that stays silent', async () => {
    const runtime = await gpu()
    const training = runtime.call('train', { env: 'CartPole-v1', config }, undefined, { timeout: 1 })
    await expect(training).rejects.toMatchObject({ exitCode: 5, message: expect.stringContaining('train: no answer') })
    while (!(await runtime.call('stop', {}))) await new Promise((resolve) => setTimeout(resolve, 20))
  })
})

test.each([
  ['Chrome', openChrome],
  ['dawn.node', openNode],
] as const)('--adapter hardware never computes on a software adapter: %s', async (_, open) => {
  const opened = await open({ adapter: 'hardware', onConsole: () => {} }).catch((error: unknown) => error)
  if (opened instanceof HarnessError) expect(opened.exitCode).toBe(3)
  else {
    const { facts, close } = opened as Runtime
    await close()
    expect(facts.software).toBe(false)
  }
})

describe('a runtime of its own', () => {
  let runtime: ChromeRuntime
  afterEach(() => runtime.close())

  /** The result of the call if `act` happens a moment after its start, and how long after. */
  async function whileTraining(act: () => unknown): Promise<{ error: unknown; milliseconds: number }> {
    let acted = Number.NaN
    setTimeout(() => {
      acted = performance.now()
      act()
    }, 300)
    const error = await runtime.call('train', { env: 'CartPole-v1', config }).catch((e) => e)
    return { error, milliseconds: performance.now() - acted }
  }

  test('rejects at once when the page crashes, and stays broken', async () => {
    runtime = await openChrome()
    const { error, milliseconds } = await whileTraining(() => void runtime.page.goto('chrome://crash').catch(() => {}))
    expect(error).toMatchObject({ exitCode: 5, message: expect.stringContaining('crashed') })
    expect(milliseconds).toBeLessThan(5000)
    await expect(runtime.call('adapter', {})).rejects.toThrow('crashed')
  })

  test('rejects at once when the browser is killed; its profile is removed', async () => {
    runtime = await openChrome()
    const { error, milliseconds } = await whileTraining(() => runtime.page.browser().process()?.kill('SIGKILL'))
    expect(error).toMatchObject({ exitCode: 5 })
    expect(milliseconds).toBeLessThan(5000)
    await runtime.close()
    expect(await eventually(() => !existsSync(runtime.profile), 5)).toBe(true)
  })

  test('close rejects what is pending', async () => {
    runtime = await openChrome()
    const { error } = await whileTraining(() => void runtime.close())
    expect(error).toMatchObject({ exitCode: 75, message: 'chrome: the runtime was closed.' })
    await runtime.close()
    expect(existsSync(runtime.profile)).toBe(false)
  })
})

describe('what ends while the page opens is started again', () => {
  afterEach(() => void vi.restoreAllMocks())

  /** Opens a runtime; `strike` gets each browser that is started, before its page loads. */
  async function openWhile(strike: (browser: Browser, starts: number) => unknown) {
    const launch = puppeteer.launch.bind(puppeteer)
    let starts = 0
    vi.spyOn(puppeteer, 'launch').mockImplementation(async (options) => {
      const browser = await launch(options)
      void Promise.resolve(strike(browser, ++starts)).catch(() => {}) // it ends with the browser
      return browser
    })
    const warnings = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const result = await openChrome({ adapter: 'software' }).catch((error: unknown) => error)
    const works = !(result instanceof Error) && (await (result as Runtime).call('adapter', {})) !== undefined
    if (works) await (result as Runtime).close()
    return { result, works, starts, warned: warnings.mock.calls.map(([line]) => String(line)).join('') }
  }
  const crash = async (browser: Browser) => {
    const [page] = await browser.pages()
    const session = await page.createCDPSession()
    await session.send('Page.crash')
  }

  test('a page that crashes', async () => {
    const { works, starts, warned } = await openWhile((browser, starts) => starts === 1 && crash(browser))
    expect({ works, starts }).toEqual({ works: true, starts: 2 })
    expect(warned).toMatch(/^WARNING: chrome: the page .*Starting another browser\.\n$/)
  })

  test.each([0, 50, 150, 300])('a browser that ends %s ms after its start', async (ms) => {
    const { works, starts } = await openWhile((browser, starts) => {
      if (starts === 1) setTimeout(() => browser.process()?.kill('SIGKILL'), ms)
    })
    expect(works).toBe(true)
    expect(starts).toBeLessThanOrEqual(2)
  })

  test('but not for ever', async () => {
    const { result, starts } = await openWhile((browser) => browser.process()?.kill('SIGKILL'))
    expect(starts).toBe(3)
    expect(result).toMatchObject({ exitCode: 3, message: expect.stringContaining('Gave up after 3 browsers.') })
  })
})
