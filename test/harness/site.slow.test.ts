/** The static site of `npm run docs`: every link inside it leads somewhere. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildDocs } from '../../harness/build/docs.js'
import { launchChrome } from '../../harness/chrome/launch'
import { fromFolder, serveStatic } from '../support/static'

const site = fileURLToPath(new URL('../../dist/docs', import.meta.url))
const copy = mkdtempSync(join(tmpdir(), 'ppo-webgpu-site-'))
afterAll(() => rmSync(copy, { recursive: true, force: true }))
beforeAll(buildDocs, 240_000)

const decoded = (text: string) => decodeURIComponent(text.replaceAll('&amp;', '&'))

/** Links of the pages below `folder` that lead nowhere, or that only hold at the top of a server. */
function brokenLinks(folder: string): { links: number; broken: string[] } {
  const pages = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.html'))
  const text = new Map(pages.map((name) => [join(folder, name), readFileSync(join(folder, name), 'utf8')]))
  const svgs = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.svg'))
  const withIds = [
    ...text,
    ...svgs.map((name) => [join(folder, name), readFileSync(join(folder, name), 'utf8')] as const),
  ]
  const ids = new Map(
    withIds.map(([file, html]) => [
      file,
      new Set([...html.matchAll(/\b(?:id|name)="([^"]*)"/g)].map(([, id]) => decoded(id))),
    ]),
  )
  const broken: string[] = []
  let links = 0
  for (const [file, html] of text) {
    for (const [, , link] of html
      .replace(/<(script|style)\b[^>]*>[\s\S]+?<\/\1>/g, '')
      .matchAll(/\s(href|src)="([^"]*)"/g)) {
      if (/^(https?:|data:|mailto:)/.test(link)) continue
      links++
      const [path, anchor] = decoded(link).split('#')
      const target = resolve(dirname(file), path || file)
      const at = path.endsWith('/') ? join(target, 'index.html') : target
      const isThere = !path.startsWith('/') && existsSync(at) && statSync(at).isFile()
      const hasAnchor = !anchor || (ids.get(at)?.has(anchor) ?? false)
      if (!isThere || !hasAnchor) broken.push(`${relative(folder, file)}: ${link}`)
    }
  }
  return { links, broken }
}

test('every link inside the site is relative and leads to a file, and to its anchor', () => {
  const { links, broken } = brokenLinks(site)
  expect(broken).toEqual([])
  expect(links).toBeGreaterThan(2000)
})

test('control: links to nowhere are found', () => {
  cpSync(site, copy, { recursive: true })
  const index = join(copy, 'index.html')
  const links = ['nowhere.html', 'index.html#nowhere', '/index.html', '../outside.html']
  const html = links.map((link) => `<a href="${link}">x</a>`).join('')
  writeFileSync(index, readFileSync(index, 'utf8').replace('</body>', `${html}</body>`))
  expect(brokenLinks(copy).broken).toEqual(links.map((link) => `index.html: ${link}`))
})

test('from a static server below a path, pages load all they want, and the lab and the examples run', async () => {
  const read = fromFolder(site)
  const server = await serveStatic((path) => (path.startsWith('/any/path/') ? read(path.slice(9)) : undefined))
  const chrome = await launchChrome()
  try {
    const page = await chrome.browser.newPage()
    const failed: string[] = []
    page.on('requestfailed', (request) => failed.push(request.url()))
    page.on('response', (response) => {
      if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`)
    })
    const titles: string[] = []
    for (const path of [
      'index.html',
      'documents/Library.html',
      'functions/ppo-webgpu.createPpo.html',
      'lab/index.html',
    ]) {
      await page.goto(`${server.url}any/path/${path}`, { waitUntil: 'load' })
      titles.push(await page.title())
    }
    await page.goto(`${server.url}any/path/examples/pointmass/index.html`)
    await page.waitForFunction(() => document.querySelector('output')?.textContent?.startsWith('PointMass-v0: OK'), {
      timeout: 60_000,
    })
    expect(failed).toEqual([])
    expect(titles.every((title) => title !== '')).toBe(true)
  } finally {
    await Promise.all([chrome.close(), server.close()])
  }
}, 120_000)
