/** More of the lab in a real browser: what takes another page, and so another compilation, for a single question. */
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFilm } from '../support/ffmpeg'
import { downloaded, expectPicture, isPositive, loseDevice, pause, pauseLearning } from './actions'
import { type LabPage, openPage, openSite, type Site, toNumber } from './site'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 180_000)
afterAll(() => site?.close())

describe('state', () => {
  test('a hostile link changes nothing', async () => {
    const lab = await site.open('#env=CartPole-v1&learningRate=9&x=%3Cimg src=x onerror=alert(1)%3E')
    await lab.until('iteration', isPositive)
    expect(await lab.notice()).toContain('The link was not used')
    expect(await lab.page.$eval('#option-learningRate', (field) => (field as HTMLInputElement).value)).toBe('0.0025')
    expect(await lab.page.$$('img')).toHaveLength(0)
    expect(lab.problems).toEqual([])
    await lab.page.close()
  })

  test('a reload goes on, however the run is looked at by then; another tab begins its own', async () => {
    const lab = await site.open('')
    await lab.until('iteration', (text) => toNumber(text) >= 3)
    await pauseLearning(lab)
    await pause(3500) // a run is kept every 3 seconds
    const before = await lab.number('iteration')
    await lab.page.select('.stage select', 'ghosts')
    const second = await site.open('#play=0')
    await second.until('state', (text) => text === 'only watching')
    expect(await second.number('iteration')).toBe(0)
    await second.page.close()
    await lab.page.reload()
    await lab.page.waitForFunction(() =>
      document.querySelector('.toast [role=status]')!.textContent!.includes('Continued after'),
    )
    await lab.click('step')
    await lab.until('iteration', (text) => toNumber(text) === before + 1)
    expect(lab.problems).toEqual([])
    await lab.page.close()
  })
})

describe('for everyone', () => {
  test('a device that does not come back: what happened, what to do, and a way on', async () => {
    const lab = await site.open('#hide=compare&totalTimesteps=10000000&stopWhenSolved=false')
    await lab.until('iteration', (text) => toNumber(text) >= 3)
    await pause(3500) // a run is kept every 3 seconds
    const before = await lab.number('iteration')
    await lab.page.workers()[0].evaluate(() => {
      Object.defineProperty(navigator.gpu, 'requestAdapter', { value: async () => null })
    })
    await loseDevice(lab)
    await lab.page.waitForSelector('[data-reason=device]', { timeout: 180_000 })
    const told = await lab.page.$eval('main', (main) => main.textContent!)
    expect(told).toContain('The GPU device was lost (destroyed)')
    expect(told).toContain('What to do')
    expect(told).toContain('training continues from a few seconds before')
    await lab.page.locator('::-p-text(Try again)').click()
    await lab.page.waitForFunction(() =>
      document.querySelector('.toast [role=status]')?.textContent?.includes('Continued after'),
    )
    await lab.until('state', (text) => text === 'learning')
    await lab.until('iteration', (text) => toNumber(text) > before / 2)
    await lab.page.close()
  })
})

describe('a population', () => {
  test('the form begins one, and its scatter has a dot for every agent', async () => {
    const lab = await site.open('#numEnvs=8&numSteps=64&numMinibatches=4&hide=objective,focus')
    await lab.page.waitForSelector('[data-action=sweep]')
    await lab.until('iteration', isPositive)
    await lab.page.evaluate(() => {
      const agents = document.querySelector<HTMLInputElement>('.sweep input')!
      agents.value = '5'
      agents.dispatchEvent(new Event('input', { bubbles: true }))
    })
    await pause(100)
    await lab.click('sweep')
    expect(await lab.page.evaluate(() => location.hash)).toContain('numAgents=5&learningRate=log(0.0001,0.01)')
    await lab.until('timesteps', (text) => toNumber(text) >= 512 * 8, 40)
    await lab.page.waitForFunction(() => document.querySelectorAll('.scatter circle').length === 5, {
      timeout: 180_000,
    })
    const dots = await lab.page.$$eval('.scatter circle', (circles) =>
      circles.map((circle) => ({ x: Number(circle.getAttribute('cx')), title: circle.textContent ?? '' })),
    )
    // Equal ratios have equal distances on the logarithmic axis.
    const gaps = dots.slice(1).map(({ x }, i) => x - dots[i].x)
    for (const gap of gaps) expect(gap).toBeCloseTo(gaps[0], 1)
    expect(dots.map(({ title }) => Number(title.match(/learningRate (\S+):/)![1]))).toEqual([
      1e-4, 0.000316, 0.001, 0.00316, 0.01,
    ])
    expect(lab.problems).toEqual([])
    await lab.page.close()
  })
})

describe('a lost device is replaced in place', () => {
  const SIZES = 'numEnvs=8&numSteps=32&numMinibatches=4&totalTimesteps=5120&normObs=true&seed=5'
  const changed = ['learningRate', '0.00123']

  /** 20 iterations, the first ones step by step, with an option that changes in between; and their result. */
  async function trained(lab: LabPage, lose: () => Promise<void>, draw: string) {
    await lab.until('state', (text) => text === 'only watching')
    for (let i = 1; i <= 3; i++) {
      await lab.click('step')
      await lab.until('iteration', (text) => toNumber(text) === i)
    }
    await lose() // without a snapshot: from the beginning
    await lab.page.evaluate(([name, value]) => {
      const field = document.querySelector<HTMLInputElement>(`#option-${name}`)!
      field.value = value
      field.dispatchEvent(new Event('change', { bubbles: true }))
    }, changed)
    await lose() // the change is not lost
    await lab.click('play')
    await lab.until('iteration', (text) => toNumber(text) >= 6, 60)
    await lose()
    await lab.until('state', (text) => text === 'finished', 300)
    await lab.until('fps', isPositive, 60)
    expect(await lab.number('iteration'), draw).toBe(20)
    const csv = new TextDecoder().decode((await downloaded(lab, 'csv')).bytes)
    const [head, ...rows] = csv
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','))
    const sps = head.indexOf('sps')
    const bits = [...(await downloaded(lab, 'save')).bytes]
    return { rows: rows.map((row) => row.filter((_, i) => i !== sps)), bits }
  }

  test.each(['direct', 'copy'])(
    'drawn %s: the same rows and bits as without a loss',
    { timeout: 600_000 },
    async (draw) => {
      const open = () => site.open(`#${SIZES}&play=0&draw=${draw}&hide=compare`)
      const whole = await open()
      const unbroken = await trained(whole, async () => undefined, draw)
      await whole.page.close()

      const lab = await open()
      let losses = 0
      const run = await trained(
        lab,
        async () => {
          losses++
          await loseDevice(lab)
          const back = (n: number) =>
            document.querySelector('[data-recovered]')?.getAttribute('data-recovered') === String(n)
          await lab.page.waitForFunction(back, { timeout: 180_000 }, losses).catch(async ({ message }) => {
            const [state, fps, notice] = [await lab.fact('state'), await lab.fact('fps'), await lab.notice()]
            throw new Error(`loss ${losses}: ${message}; ${state}; ${fps} pictures/s; ${notice}; ${lab.problems}`)
          })
          expect(await lab.notice()).toMatch(/The GPU was lost and is back after [\d.]+ s; the run continues/)
        },
        draw,
      )
      expect(losses).toBe(3)
      expect(run.rows).toHaveLength(20)
      expect(run.rows).toEqual(unbroken.rows)
      expect(run.bits).toEqual(unbroken.bits)
      expect(lab.problems).toEqual([])
      await lab.page.close()
    },
  )
})

test('training goes on in a hidden tab, with Chrome’s throttling on', async () => {
  const lab = await site.open('#totalTimesteps=10000000&stopWhenSolved=false')
  await lab.until('iteration', (text) => toNumber(text) >= 3)
  const other = await site.browser.newPage()
  await other.bringToFront()
  expect(await lab.page.evaluate(() => document.visibilityState)).toBe('hidden')
  await pause(500)
  const before = await lab.number('timesteps')
  const start = performance.now()
  await pause(4000)
  const hidden = ((await lab.number('timesteps')) - before) / (performance.now() - start)
  await lab.page.bringToFront()
  expect(hidden * 1000).toBeGreaterThan(1000) // steps per second, on the slowest known machine
  expect(lab.problems).toEqual([])
  await other.close()
  await lab.page.close()
})

test('the comparison with the CPU: every stage is inside its limit', async () => {
  const lab = await site.open('#hide=charts&play=0&numSteps=16')
  await lab.page.waitForSelector('[data-action=compare]:not([disabled])')
  await lab.click('compare')
  await lab.page.waitForSelector('[data-compared]', { timeout: 180_000 })
  expect(await lab.page.$$eval('.compare tbody tr', (rows) => rows.length)).toBeGreaterThan(10)
  expect(await lab.page.$eval('[data-compared]', (table) => table.getAttribute('data-compared'))).toBe('true')
  expect(lab.problems).toEqual([])
  await lab.page.close()
})

test('npm start: a server on this machine’s own address only, under the same policy', async () => {
  const server = await createServer({ root: fileURLToPath(new URL('../../', import.meta.url)), server: { port: 0 } })
  await server.listen()
  try {
    expect((server.httpServer!.address() as { address: string }).address).toBe('127.0.0.1')
    const lab = await openPage(site.browser, server.resolvedUrls!.local[0], '#hide=charts')
    await lab.until('iteration', isPositive, 40)
    expect(lab.problems).toEqual([])
    await lab.page.close()
  } finally {
    await server.close()
  }
})

test('Record makes a film of the stage, with an encoder that is loaded only then', async () => {
  const asked: string[] = []
  const lab = await site.open('#play=0&draw=copy', async (page) => {
    page.on('request', (request) => asked.push(request.url()))
  })
  await lab.page.waitForFunction(() => !document.querySelector<HTMLButtonElement>('[data-action=record]')!.disabled)
  const writer = asked.filter((url) => /\/writer-[^/]*\.js$/.test(url))
  const film = downloaded(lab, 'record')
  await pause(3000)
  expect(await lab.page.$eval('[data-action=record]', ({ textContent }) => textContent)).toMatch(/^Stop \([1-9] s\)$/)
  await lab.click('record')
  const { name, bytes } = await film
  expect(name).toBe('CartPole-v1.mp4')
  const [, told, seconds] = /^Recorded (\d+) pictures in ([\d.]+) s, as mp4 \(H\.264\)\.$/.exec(await lab.notice())!
  const [canvas] = await lab.page.$$eval('.stage canvas', (all) => all.map(({ width, height }) => ({ width, height })))
  const size = { width: 2 * Math.round(canvas.width / 2), height: 2 * Math.round(canvas.height / 2) }
  const read = readFilm(bytes, size)
  expect([read.codec, read.pictures.length]).toEqual(['h264', Number(told)])
  expect(Number(told)).toBeGreaterThan(3)
  expect(Math.abs(read.seconds - Number(seconds))).toBeLessThan(0.3)
  // Black carts and poles on white cards; the page's own grey beside them.
  const shades = read.pictures[1].reduce(
    (all, value, i) => (i % 3 === 0 ? all.add(value >> 5) : all),
    new Set<number>(),
  )
  expect(shades.has(0) && shades.has(7)).toBe(true)
  expect(writer).toEqual([])
  expect(lab.problems).toEqual([])
  await lab.page.close()
})

describe('pictures', () => {
  test.each(['copy'] as const)('drawn %s: one enlarged CartPole looks like Gymnasium’s', (draw) =>
    expectPicture(site, draw),
  )
})
