/** What the tests of the lab do with a page: press, lose, download, look. */
import { spawn } from 'node:child_process'
import type { Page } from 'puppeteer'
import { expect } from 'vitest'
import { sharesOf } from './colours'
import { type LabPage, type Site, toNumber } from './site'

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
export const isPositive = (text: string) => toNumber(text) > 0

/** Presses the button unless learning is paused already. */
export async function pauseLearning(lab: LabPage): Promise<void> {
  await lab.until('iteration', isPositive)
  if ((await lab.fact('state')) === 'learning') await lab.click('play')
  await lab.until('state', (text) => text === 'only watching')
}

/** The device is lost during the next call on it, also one for pictures. */
export const loseDevice = (lab: LabPage) =>
  lab.page.workers()[0].evaluate(() => {
    const { createCommandEncoder } = GPUDevice.prototype
    GPUDevice.prototype.createCommandEncoder = function (...args) {
      GPUDevice.prototype.createCommandEncoder = createCommandEncoder
      this.destroy()
      return createCommandEncoder.apply(this, args)
    }
  })

/** The file that a button downloads. */
export async function downloaded(lab: LabPage, action: string): Promise<{ name: string; bytes: Uint8Array }> {
  const { name, bytes } = await lab.page.evaluate(async (action) => {
    const { createObjectURL } = URL
    const { click } = HTMLAnchorElement.prototype
    let latest: Blob | undefined
    URL.createObjectURL = (blob: Blob) => {
      latest = blob
      return createObjectURL(blob)
    }
    const file = await new Promise<{ name: string; blob: Blob }>((resolve) => {
      HTMLAnchorElement.prototype.click = function () {
        resolve({ name: this.download, blob: latest! })
      }
      document.querySelector<HTMLElement>(`[data-action=${action}]`)!.click()
    })
    Object.assign(URL, { createObjectURL })
    Object.assign(HTMLAnchorElement.prototype, { click })
    return { name: file.name, bytes: [...new Uint8Array(await file.blob.arrayBuffer())] }
  }, action)
  return { name, bytes: Uint8Array.from(bytes) }
}

/** One enlarged CartPole, drawn in this way, looks like Gymnasium's. */
export async function expectPicture(site: Site, draw: 'direct' | 'copy'): Promise<void> {
  const lab = await site.open(`#draw=${draw}&layout=one&play=0&hide=charts,compare`)
  await lab.until('fps', isPositive)
  await pause(1000)
  const { pole, card } = await sharesOf(lab, { pole: [202, 152, 101], card: [255, 255, 255] })
  // The frame is 4.8 x 3.2 units; the pole 1 x 0.08, of which the cart hides nothing.
  expect(pole).toBeGreaterThan((0.5 * 0.08) / (4.8 * 3.2))
  expect(pole).toBeLessThan((1.3 * 0.08) / (4.8 * 3.2))
  expect(card).toBeGreaterThan(0.8)
  expect(lab.problems).toEqual([])
  await lab.page.close()
}

/** What a page has looked like while it opened: iterations, and the share of the canvas that has a picture. */
export interface Look {
  ms: number
  iterations: number
  drawn: number
}

/** Looks at the page ten times per second from its beginning on, until `iterations` are shown. */
export const lookWhileItOpens = (page: Page, iterations: number) =>
  page.evaluateOnNewDocument((iterations) => {
    const looks: Look[] = []
    Object.assign(globalThis, { looks })
    const small = new OffscreenCanvas(40, 25).getContext('2d', { willReadFrequently: true })!
    const look = async () => {
      const shown = Number(document.querySelector('[data-fact=iteration]')?.textContent?.replaceAll(',', '') ?? 0)
      let drawn = 0
      try {
        small.clearRect(0, 0, 40, 25)
        small.drawImage(document.querySelector<HTMLCanvasElement>('.stage canvas')!, 0, 0, 40, 25)
        const { data } = small.getImageData(0, 0, 40, 25)
        for (let i = 3; i < data.length; i += 4) if (data[i] > 200) drawn += 1 / 1000
      } catch {} // there is no canvas yet
      looks.push({ ms: performance.now(), iterations: shown, drawn })
      if (shown < iterations) setTimeout(look, 100)
    }
    addEventListener('DOMContentLoaded', () => void look())
  }, iterations)

export const looksOf = ({ page }: LabPage): Promise<Look[]> =>
  page.evaluate(() => (globalThis as unknown as { looks: Look[] }).looks)

/** Keeps `processes` processors busy until the returned function is called. */
export function keepBusy(processes: number): () => void {
  const busy = Array.from({ length: processes }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  )
  return () => {
    for (const one of busy) one.kill('SIGKILL')
  }
}
