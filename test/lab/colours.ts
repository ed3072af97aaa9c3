/** What is on the lab's picture of one enlarged environment. */
import type { LabPage } from './site'

type Colours = Record<string, [red: number, green: number, blue: number]>

/** For each colour, the share of all pixels that are opaque and have it, within 12 of 255. */
export const sharesOf = <C extends Colours>(lab: LabPage, colours: C): Promise<Record<keyof C, number>> =>
  lab.page.evaluate(async (colours) => {
    const shown = await createImageBitmap(document.querySelector<HTMLCanvasElement>('.stage canvas')!)
    const canvas = new OffscreenCanvas(shown.width, shown.height)
    const context = canvas.getContext('2d')!
    context.drawImage(shown, 0, 0)
    const { data } = context.getImageData(0, 0, shown.width, shown.height)
    const counts = Object.entries(colours).map(([name, colour]) => {
      let count = 0
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] > 250 && colour.every((c, k) => Math.abs(data[i + k] - c) < 12)) count++
      }
      return [name, count / (data.length / 4)]
    })
    return Object.fromEntries(counts)
  }, colours)
