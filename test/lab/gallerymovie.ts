/** The moving picture of the README: the policies of the gallery, each at the speed of its environment. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildGallery } from '../../harness/build/gallery.js'
import { launchChrome } from '../../harness/chrome/launch'
import { animatedWebp } from './animation'

/** Frames, milliseconds of each, and the size of the page before it is scaled. */
const MOVIE = { frames: 70, ms: 100, width: 960, scale: 2 / 3, quality: 60 }

/** Of each card its name and its picture; no card without a picture. */
const CSS = `
  :is(header, footer), article > :not(h2, iframe), article:not(:has(iframe)) { display: none !important }
  main { grid-template-columns: repeat(5, 1fr) !important }
  h2 { font-size: 0.85rem !important }`

export async function galleryMovie(file: string, frames = MOVIE.frames): Promise<void> {
  const site = mkdtempSync(join(tmpdir(), 'ppo-webgpu-gallery-'))
  const chrome = await launchChrome()
  try {
    await buildGallery(site)
    const page = await chrome.browser.newPage()
    await page.setBypassCSP(true)
    const { ms, width, scale, quality } = MOVIE
    await page.setViewport({ width, height: 2000, deviceScaleFactor: scale })
    await page.goto(pathToFileURL(join(site, 'index.html')).href)
    await page.addStyleTag({ content: CSS })
    const height = await page.$eval('main', (main) => Math.ceil(main.getBoundingClientRect().bottom + 16))
    await page.setViewport({ width, height, deviceScaleFactor: scale })
    const playing = page.frames().slice(1)
    for (const frame of playing) {
      await frame.waitForFunction('globalThis.ppoReplay')
      await frame.evaluate(`ppoReplay.show.playing = false; document.querySelector('.buttons').remove()`)
    }
    const pictures: Uint8Array[] = []
    for (let i = 0; i < frames; i++) {
      const until = (i * ms) / 1000
      // As many steps as there were in this time, and pictures of the last ones.
      await Promise.all(
        playing.map((frame) =>
          frame.evaluate(`(async () => {
            const { show } = ppoReplay
            globalThis.played ??= 0
            for (; globalThis.played < ${until} * show.fps; globalThis.played++) await show.step()
            for (let k = 0; k < 2; k++) await new Promise(requestAnimationFrame)
          })()`),
        ),
      )
      pictures.push(await page.screenshot({ type: 'webp', quality }))
    }
    writeFileSync(file, animatedWebp(pictures, ms))
  } finally {
    await chrome.close()
    rmSync(site, { recursive: true })
  }
}
