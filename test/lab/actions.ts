/** What the tests of the lab do with a page: press, lose, download, look. */
import { expect } from 'vitest'
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
  const { pole, card, all } = await look(lab)
  // The frame is 4.8 x 3.2 units; the pole 1 x 0.08, of which the cart hides nothing.
  expect(pole / all).toBeGreaterThan((0.5 * 0.08) / (4.8 * 3.2))
  expect(pole / all).toBeLessThan((1.3 * 0.08) / (4.8 * 3.2))
  expect(card / all).toBeGreaterThan(0.8)
  expect(lab.problems).toEqual([])
  await lab.page.close()
}

/** The picture on the canvas: how many of its pixels have the colour of CartPole's pole, of a card, of neither. */
const look = (lab: LabPage) =>
  lab.page.evaluate(async () => {
    const shown = await createImageBitmap(document.querySelector<HTMLCanvasElement>('.stage canvas')!)
    const canvas = new OffscreenCanvas(shown.width, shown.height)
    const context = canvas.getContext('2d')!
    context.drawImage(shown, 0, 0)
    const { data } = context.getImageData(0, 0, shown.width, shown.height)
    const near = (i: number, ...colour: number[]) => colour.every((c, k) => Math.abs(data[i + k] - c) < 12)
    let [pole, card] = [0, 0]
    for (let i = 0; i < data.length; i += 4) {
      if (near(i, 202, 152, 101)) pole++
      if (near(i, 255, 255, 255)) card++
    }
    return { pole, card, all: data.length / 4 }
  })
