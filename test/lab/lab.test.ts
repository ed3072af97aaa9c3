/** The lab in a real browser: it starts by itself, learns, and does what its buttons say. */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LabPage, openSite, type Site, toNumber } from './site'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const isPositive = (text: string) => toNumber(text) > 0

describe('the built site', () => {
  test('is below 300 kB of JavaScript, compressed', () => {
    const scripts = [...site.files].filter(([name]) => name.endsWith('.js'))
    expect(scripts.length).toBeGreaterThan(1)
    const bytes = scripts.reduce((sum, [, file]) => sum + gzipSync(file).length, 0)
    expect(bytes).toBeLessThan(300_000)
  })

  test('names no other host and no absolute path', () => {
    const page = site.files.get('index.html')!.toString()
    const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address)
    expect(addresses.length).toBeGreaterThan(2)
    expect(addresses.filter((address) => !/^(\.\/|data:,$)/.test(address))).toEqual([])
  })
})

describe('a visit', () => {
  let lab: LabPage
  beforeAll(async () => {
    lab = await site.open()
  })
  afterAll(() => lab.page.close())
  const cell = (name: string) =>
    lab.page.evaluate((name) => document.querySelector(`[data-chart=${name}] strong`)?.textContent ?? '', name)

  test('starts by itself, and the return rises', async () => {
    await lab.until('iteration', isPositive)
    await lab.until('timesteps', (text) => toNumber(text) > 8000)
    const first = toNumber(await cell('returnMean'))
    expect(first).toBeGreaterThan(8)
    await lab.until('timesteps', (text) => toNumber(text) > 30_000)
    expect(toNumber(await cell('returnMean'))).toBeGreaterThan(1.5 * first)
    expect(lab.problems).toEqual([])
  })

  test('says that the adapter is software, and draws at most 5 pictures per second', async () => {
    expect(await lab.page.$eval('[data-notice=software]', (e) => e.textContent)).toContain('No GPU in use')
    expect(await lab.number('fps')).toBeGreaterThan(0)
    expect(await lab.number('fps')).toBeLessThanOrEqual(5)
  })

  test('a pause ends learning, and a step is one iteration', async () => {
    await lab.click('play')
    await lab.until('state', (text) => text === 'only watching')
    const paused = await lab.number('iteration')
    await pause(1000)
    expect(await lab.number('iteration')).toBe(paused)
    await lab.click('step')
    await lab.until('iteration', (text) => toNumber(text) === paused + 1)
    await pause(500)
    expect(await lab.number('iteration')).toBe(paused + 1)
    expect(await lab.fact('state')).toBe('only watching')
  })

  test('the policy goes on playing while learning is paused', async () => {
    const steps = () =>
      lab.page.evaluate(() => [...document.querySelectorAll('.facts .number')].map((cell) => cell.textContent).join())
    const before = await steps()
    await pause(1200)
    expect(await steps()).not.toBe(before)
  })

  test('a live option changes the running agent', async () => {
    const before = await lab.number('iteration')
    await lab.page.evaluate(() => {
      const anneal = document.querySelector<HTMLInputElement>('#option-annealLr')!
      if (anneal.checked) anneal.click()
      const rate = document.querySelector<HTMLInputElement>('#option-learningRate')!
      rate.value = '0.00123'
      rate.dispatchEvent(new Event('change', { bubbles: true }))
    })
    await lab.click('step')
    await lab.until('iteration', (text) => toNumber(text) > before)
    await pause(400)
    expect(await lab.number('iteration')).toBe(before + 1)
    expect(toNumber(await cell('learningRate'))).toBeCloseTo(0.00123, 5)
  })

  test('an option that is no live one begins a new run', async () => {
    await lab.page.evaluate(() => {
      const field = document.querySelector<HTMLInputElement>('#option-numSteps')!
      field.value = '32'
      field.dispatchEvent(new Event('change', { bubbles: true }))
    })
    expect(await lab.notice()).toContain('a new run has begun')
    await lab.until('iteration', (text) => text === '0')
    expect(await lab.page.evaluate(() => location.hash)).toContain('numSteps=32')
    expect(lab.problems).toEqual([])
  })
})
