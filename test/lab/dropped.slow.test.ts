/** Files that are dropped on the built lab run in a sandboxed frame. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Frame } from 'puppeteer'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type LabPage, openSite, type Site } from './site'

const example = fileURLToPath(new URL('../../examples/pointmass', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-dropped-'))
let site: Site
let lab: LabPage
/** Another origin, and what was asked of it. */
const asked: string[] = []
let elsewhere: string
const other = createServer((request, response) => {
  asked.push(request.url!)
  response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end()
})
beforeAll(async () => {
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  site = await openSite()
  lab = await site.open('#play=0')
  await lab.until('state', (text) => text === 'only watching', 120)
}, 300_000)
afterAll(async () => {
  await site?.close()
  other.closeAllConnections()
  other.close()
  rmSync(folder, { recursive: true })
})

/** Drops a copy of the example, with `code` before its description; resolves to the frame. */
async function drop(name: string, code = ''): Promise<Frame> {
  const path = join(folder, name)
  cpSync(example, path, { recursive: true })
  writeFileSync(join(path, 'spec.ts'), code + readFileSync(join(path, 'spec.ts'), 'utf8'))
  const client = await lab.page.createCDPSession()
  // A busy page has not answered dragOver when drop comes, and then there is no drop: as with a hand that lets go too early.
  const dropped = async (): Promise<boolean> => {
    for (const type of ['dragEnter', 'dragOver', 'dragOver', 'drop'] as const) {
      const data = { items: [], files: [path], dragOperationsMask: 1 }
      await client.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data })
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    return (await lab.page.waitForSelector('.dropped iframe', { timeout: 5000 }).catch(() => null)) !== null
  }
  let tries = 1
  while (!(await dropped()))
    if (++tries > 6) throw new Error(`no frame: ${await lab.notice().catch(String)}; ${lab.problems}`)
  const element = await lab.page.$('.dropped iframe')
  const frame = (await element!.contentFrame())!
  await frame.waitForSelector('#lab > *', { timeout: 120_000 })
  return frame
}

const close = () => lab.page.evaluate(() => document.querySelector<HTMLElement>('[data-action=close-dropped]')?.click())
afterEach(close)
const fact = (frame: Frame, name: string) => frame.$eval(`[data-fact=${name}]`, ({ textContent }) => textContent ?? '')

test('a folder: it trains in a frame without an origin, while the page waits', { timeout: 400_000 }, async () => {
  const frame = await drop('pointmass')
  expect(await frame.evaluate(() => [self.origin, isSecureContext])).toEqual(['null', true])
  // As text: the test's own compiler would put names of its modules into a function.
  const trained = `Number.parseInt(document.querySelector('[data-fact=iteration]')?.textContent ?? '0') >= 2`
  await frame.waitForFunction(trained, { timeout: 300_000, polling: 500 })
  expect(await frame.$eval('header select', (select) => (select as HTMLSelectElement).value)).toBe('PointMass-v0')
  expect(await fact(frame, 'state')).toBe('learning')
  expect(await lab.fact('state')).toBe('only watching')
  await close()
  expect(await lab.page.$('.dropped')).toBeNull()
  expect(lab.problems).toEqual([])
})

test('an error names the dropped file and its line', async () => {
  const frame = await drop('wrong', 'const = 1\n')
  expect(await frame.$eval('.detail', ({ textContent }) => textContent)).toMatch(
    /^wrong\/spec\.ts:1:\d+: Unexpected token/,
  )
})

test('hostile code gets neither the network, nor storage, nor the page, and cannot leave', async () => {
  const tried = `const tries = {
    storage: () => localStorage.length,
    cookies: () => { document.cookie = 'a=b' },
    page: () => parent.document.title,
    top: () => { top.location.href = 'about:blank' },
    frame: () => new XMLHttpRequest().open('GET', 'x') ?? fetch('${elsewhere}/'),
  }
  const told = {}
  for (const [name, act] of Object.entries(tries)) {
    try { act(); told[name] = 'done' } catch (error) { told[name] = error.name }
  }
  globalThis.told = told
  globalThis.fetched = fetch('${elsewhere}/a').then(() => 'done', (error) => error.name)
  globalThis.image = new Promise((resolve) => {
    const image = new Image()
    image.onload = () => resolve('done')
    image.onerror = () => resolve('refused')
    image.src = '${elsewhere}/b.png'
  })
  globalThis.leave = () => { location.href = '${elsewhere}/c' }\n`
  const frame = await drop('hostile', tried)
  const result = await frame.evaluate(async () => {
    const { told, fetched, image } = globalThis as unknown as Record<string, unknown>
    return [told, await fetched, await image]
  })
  const [told, fetched, image] = result as [Record<string, string>, string, string]
  expect(told).toMatchObject({
    storage: 'SecurityError',
    cookies: 'SecurityError',
    page: 'SecurityError',
    top: 'SecurityError',
  })
  expect([fetched, image]).toEqual(['TypeError', 'refused'])
  await frame.evaluate('setTimeout(leave)')
  await new Promise((resolve) => setTimeout(resolve, 1500))
  await fetch(`${elsewhere}/here`)
  expect(asked).toEqual(['/here'])
  expect(lab.page.url()).toContain('#env=CartPole-v1')
})
