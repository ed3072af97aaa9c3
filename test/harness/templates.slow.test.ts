/** The templates of examples/, from the packed package: built, served as they are meant to be, and used in Chrome. */
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'puppeteer-core'
import { build, createServer } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChrome } from '../../harness/chrome/launch'
import { layoutNetwork } from '../../src/model/network'
import { policyFile } from '../../src/policy/policyfile'
import { installInto, packInto } from '../support/packed'
import { fromFolder, serveStatic } from '../support/static'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ppo-webgpu-templates-'))
const [html, vite] = [join(folder, 'html'), join(folder, 'vite')]
let chrome: Awaited<ReturnType<typeof launchChrome>>

beforeAll(async () => {
  const tarballs = packInto(folder)
  for (const project of [html, vite]) {
    cpSync(join(root, 'examples', basename(project)), project, { recursive: true })
    // Vite itself is the checkout's: no registry is asked.
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }))
    installInto(project, tarballs)
    symlinkSync(join(root, 'node_modules/vite'), join(project, 'node_modules/vite'))
  }
  chrome = await launchChrome()
}, 240_000)
afterAll(async () => {
  await chrome?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Trains until there are rows, then stops. Returns what the page says at the end. */
async function trainAndStop(page: Page): Promise<string> {
  await page.click('#start')
  await page.waitForFunction(() => /\d+ steps, return/.test(document.querySelector('output')!.value), {
    timeout: 100_000,
  })
  expect(page.workers()).toHaveLength(1)
  await page.click('#stop')
  await page.waitForFunction(() => !document.querySelector<HTMLButtonElement>('#start')!.disabled, { timeout: 60_000 })
  await expect.poll(() => page.workers().length, { timeout: 20_000 }).toBe(0)
  return page.$eval('output', (output) => output.value)
}

async function open(url: string): Promise<Page> {
  const page = await chrome.browser.newPage()
  await page.goto(url)
  return page
}

test('plain HTML trains in a Worker and uses the policy', async () => {
  const server = await serveStatic(fromFolder(html))
  try {
    const page = await open(server.url)
    expect(await trainAndStop(page)).toMatch(/^\d+ steps, return [\d.-]+, \d+ steps\/s\. .*: push (left|right)\.$/)
    await page.close()
  } finally {
    await server.close()
  }
}, 200_000)

const shape = {
  ...{ obsDim: 4, actionDim: 2, actorHidden: [8], criticHidden: [8] },
  ...{ activation: 'tanh' as const, dist: 'categorical' as const },
}

async function usesVite(page: Page): Promise<void> {
  expect(await trainAndStop(page)).toMatch(/^\d+ steps, return [\d.-]+, \d+ steps\/s$/)
  const points = await page.$eval('polyline', (line) => line.getAttribute('points')!)
  expect(points).toMatch(/^[\d.]+,[\d.]+( [\d.]+,[\d.]+)*$/)
  expect(await page.$eval('#save', (link) => (link as HTMLAnchorElement).href)).toMatch(/^blob:/)
  const file = join(folder, 'policy.safetensors')
  writeFileSync(file, policyFile('CartPole-v1', shape, new Float32Array(layoutNetwork(shape).paramStride)))
  await (await page.$('input[type=file]'))!.uploadFile(file)
  await page.waitForFunction(() => document.querySelector('output')!.value.startsWith('CartPole-v1: '))
}

test('Vite: built, below any path', async () => {
  await build({ root: vite, logLevel: 'warn' })
  const built = fromFolder(join(vite, 'dist'))
  const server = await serveStatic((path) => (path.startsWith('/some/path/') ? built(path.slice(10)) : undefined))
  try {
    const page = await open(`${server.url}some/path/`)
    await usesVite(page)
    await page.close()
  } finally {
    await server.close()
  }
}, 200_000)

test('Vite: in its dev server', async () => {
  const server = await createServer({ root: vite, logLevel: 'warn', server: { host: '127.0.0.1', port: 0 } })
  try {
    await server.listen()
    const page = await open(server.resolvedUrls!.local[0])
    await usesVite(page)
    await page.close()
  } finally {
    await server.close()
  }
}, 200_000)
