/** The lab in Firefox, whose compiler is naga: it starts, trains and draws, by both plans. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { downloaded, isPositive, pause } from '../lab/actions'
import { type LabPage, openSite, type Site, toNumber } from '../lab/site'
import { launchFirefox } from './firefox'

let site: Site
beforeAll(async () => {
  site = await openSite(launchFirefox)
}, 300_000)
afterAll(() => site?.close())

const SIZES = 'numEnvs=8&numSteps=64&numMinibatches=4&stopWhenSolved=false&layout=one&hide=compare'

describe.each(['layered', 'fused'])('the %s plan', (plan) => {
  let lab: LabPage
  beforeAll(async () => {
    lab = await site.open(`#${SIZES}&plan=${plan}`)
  })
  afterAll(() => lab.page.close())

  it('trains: a row of metrics for each iteration, and the return rises', async () => {
    expect(await site.browser.version()).toMatch(/^firefox/i)
    await lab.until('timesteps', (text) => toNumber(text) >= 6_000, 240)
    await lab.click('play')
    await lab.until('state', (text) => text === 'only watching')
    const [head, ...lines] = new TextDecoder()
      .decode((await downloaded(lab, 'csv')).bytes)
      .trimEnd()
      .split('\n')
    const rows = lines.map((line) =>
      Object.fromEntries(line.split(',').map((cell, i) => [head.split(',')[i], Number(cell)])),
    )
    expect(rows).toHaveLength(await lab.number('iteration'))
    expect(rows.map(({ timesteps }) => timesteps)).toEqual(rows.map((_, i) => 512 * (i + 1)))
    for (const name of ['pgLoss', 'vLoss', 'entropy', 'approxKl', 'gradNorm'])
      for (const row of rows) expect(Number.isFinite(row[name]), name).toBe(true)
    const mean = (some: typeof rows): number => some.reduce((sum, { returnMean }) => sum + returnMean, 0) / some.length
    expect(mean(rows.slice(-3))).toBeGreaterThan(1.5 * mean(rows.slice(0, 3)))
    expect(lab.problems).toEqual([])
  })

  it('draws: the pole and the card of an enlarged CartPole', async () => {
    await lab.until('fps', isPositive)
    await pause(1000)
    const stage = (await lab.page.$('.stage canvas'))!
    const shown = await stage.screenshot({ encoding: 'base64' })
    const { pole, card } = await lab.page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!
      context.drawImage(bitmap, 0, 0)
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height)
      const share = (colour: number[]): number => {
        let count = 0
        for (let i = 0; i < data.length; i += 4) if (colour.every((c, k) => Math.abs(data[i + k] - c) < 12)) count++
        return count / (data.length / 4)
      }
      return { pole: share([202, 152, 101]), card: share([255, 255, 255]) }
    }, shown)
    // The frame is 4.8 x 3.2 units; the pole 1 x 0.08, of which the cart hides nothing.
    expect(pole).toBeGreaterThan((0.5 * 0.08) / (4.8 * 3.2))
    expect(pole).toBeLessThan((1.3 * 0.08) / (4.8 * 3.2))
    expect(card).toBeGreaterThan(0.8)
    expect(lab.problems).toEqual([])
  })
})
