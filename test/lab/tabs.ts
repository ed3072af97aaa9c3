/** The page of a tab as a worker, and what it shows. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'puppeteer'
import type { Site } from './site'

export interface Tab {
  page: Page
  problems: string[]
  fact(name: string): Promise<string>
  click(action: string): Promise<void>
}

export async function openTab(site: Site, hash: string): Promise<Tab> {
  const page = await site.browser.newPage()
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(`page: ${error}`))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`)
  })
  await page.goto(`${site.url}worker.html${hash}`)
  await page.waitForSelector('[data-action=start], [data-trouble]')
  return {
    ...{ page, problems },
    fact: (name) => page.evaluate((name) => document.querySelector(`[data-fact=${name}]`)?.textContent ?? '', name),
    click: (action) => page.click(`[data-action=${action}]`),
  }
}

type Violation = { id: string; impact: string; nodes: { html: string }[] }

/** What axe finds serious in a page. */
export async function seriousIn(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }
    const { violations } = await axe.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
  })
}
