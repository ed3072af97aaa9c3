/** Every panel of the lab, light and dark, and the moving pictures of the lab and of the gallery. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { animatedWebp } from './animation'
import { galleryMovie } from './gallerymovie'
import { type LabPage, openSite, type Site, toNumber } from './site'

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url))
const SCHEMES = ['light', 'dark'] as const
const QUALITY = 85
/** Of the moving picture of the lab: frames, milliseconds of each, and the page's size before it is scaled to 640 x 400. */
const MOVIE = { frames: 32, ms: 400, width: 1200, height: 750, scale: 640 / 1200, quality: 55 }

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** @param only `gallery`: its moving picture alone. */
export async function takeScreenshots(only?: string): Promise<void> {
  await galleryMovie(`${DOCS}gallery.webp`)
  if (only === 'gallery') return
  const site = await openSite()
  try {
    mkdirSync(`${DOCS}panels`, { recursive: true })
    await movie(site)
    await panels(site)
    await filters(site)
  } finally {
    await site.close()
  }
}

async function movie(site: Site): Promise<void> {
  const lab = await site.open('#seed=1&hide=population,runs,compare')
  const { frames, ms, width, height, scale, quality } = MOVIE
  await lab.page.setViewport({ width, height, deviceScaleFactor: scale })
  await lab.until('iteration', (text) => toNumber(text) > 0, 60)
  const pictures: Uint8Array[] = []
  for (let i = 0; i < frames; i++) {
    pictures.push(await lab.page.screenshot({ type: 'webp', quality }))
    await pause(ms)
  }
  writeFileSync(`${DOCS}lab.webp`, animatedWebp(pictures, ms))
  await lab.page.close()
}

/** A run, an earlier run behind it, a comparison with the CPU, and a sweep. */
async function panels(site: Site): Promise<void> {
  const lab = await site.open('#seed=1')
  await lab.page.setViewport({ width: 1360, height: 900 })
  await trained(lab, 24_000)
  await lab.click('new-seed')
  await lab.until('iteration', (text) => toNumber(text) === 0)
  await trained(lab, 40_000)
  await lab.click('play')
  await shoot(lab, ['stage', 'focus', 'charts', 'objective', 'controls', 'runs'])
  await lab.click('compare')
  await lab.page.waitForSelector('[data-compared]', { timeout: 120_000 })
  await shoot(lab, ['compare'])
  await lab.click('sweep')
  await lab.click('play')
  await trained(lab, 16_000)
  await lab.click('play')
  await shoot(lab, ['population'])
  if (lab.problems.length > 0) throw new Error(lab.problems.join('\n'))
  await lab.page.close()
}

/** MinAtar's Breakout after some learning. */
async function filters(site: Site): Promise<void> {
  const lab = await site.open('#env=MinAtar/Breakout-v1&seed=1&count=16')
  await lab.page.setViewport({ width: 1360, height: 900 })
  await trained(lab, 16_000)
  await lab.page.waitForSelector('.panel.filters')
  await lab.click('play')
  await shoot(lab, ['filters'])
  await lab.page.close()
}

const trained = (lab: LabPage, steps: number) => lab.until('timesteps', (text) => toNumber(text) >= steps, 120)

async function shoot(lab: LabPage, names: string[]): Promise<void> {
  // The header stays visible, and would cover the element that is scrolled to; so would a message.
  await lab.page.$eval('.top', (header) => (header as HTMLElement).style.setProperty('position', 'static'))
  await lab.page.$eval('.toast', (toast) => (toast as HTMLElement).style.setProperty('visibility', 'hidden'))
  for (const scheme of SCHEMES) {
    await lab.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    await pause(1500)
    for (const name of names) {
      const panel = (await lab.page.$(`.panel.${name}`))!
      await panel.screenshot({ path: `${DOCS}panels/${name}-${scheme}.webp`, type: 'webp', quality: QUALITY })
    }
  }
}
