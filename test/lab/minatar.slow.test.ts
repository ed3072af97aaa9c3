/** MinAtar in its colours, played by a person at the keyboard, then by the policy again; its filters and feature maps. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { colourOf, numberAt, SCALES, type Tiles } from '../../src/lab/diverging'
import { short } from '../../src/lab/format'
import type { ConvLayer } from '../../src/model/conv/layout'
import { layoutNetwork } from '../../src/model/network'
import { TWINS } from '../../src/model/twins'
import { readPolicy } from '../../src/policy/policyfile'
import { downloaded } from './actions'
import { sharesOf } from './colours'
import { type LabPage, openSite, type Site } from './site'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 180_000)
afterAll(() => site?.close())

const SMALL =
  'env=MinAtar/Breakout-v1&numEnvs=4&numSteps=16&numMinibatches=4&updateEpochs=1&network=mlp&hidden=8&play=0'
/** Channels of envs/minatar/breakout.wgsl. */
const COLOURS = {
  board: [0, 0, 0],
  brick: [193, 202, 243],
  paddle: [22, 61, 78],
} satisfies Record<string, [number, number, number]>
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('Breakout', { timeout: 600_000 }, async () => {
  const lab = await site.open(`#${SMALL}&draw=copy&layout=one&count=4&hide=charts,compare,objective`)
  await lab.until('fps', (text) => Number.parseFloat(text) > 0, 120)
  await lab.page.waitForSelector('.facts', { timeout: 240_000 })
  let seen = await sharesOf(lab, COLOURS)
  for (let tries = 0; seen.brick === 0 && tries < 40; tries++) {
    await pause(500)
    seen = await sharesOf(lab, COLOURS)
  }
  // 100 cells, of which 30 are bricks, a few of them gone, in a canvas that is 1.1 times as wide as high.
  expect(seen.brick).toBeGreaterThan(0.15)
  expect(seen.brick).toBeLessThan(0.3 / 1.1)
  expect(seen.board).toBeGreaterThan(0.4)
  expect(seen.paddle).toBeGreaterThan(0.004)
  expect(seen.paddle).toBeLessThan(0.012)

  const taken = () => lab.page.$eval('.facts .taken th', (cell) => cell.textContent)
  /** Until the action is this one for more than a second; steps that are on their way may still show another. */
  const settles = async (action: string) => {
    const looks: (string | null)[] = []
    for (let same = 0; same < 8; await pause(150)) {
      looks.push(await taken())
      same = looks.at(-1) === action ? same + 1 : 0
      if (looks.length === 100) throw new Error(`Wanted ${action} for eight looks, saw: ${looks.join(', ')}`)
    }
  }
  await lab.click('keys')
  await settles('none')
  await lab.page.keyboard.down('ArrowRight')
  await settles('right')
  await lab.page.keyboard.down('ArrowLeft')
  await settles('left')
  await lab.page.keyboard.up('ArrowLeft')
  await settles('right')
  await lab.page.keyboard.up('ArrowRight')
  await settles('none')
  // A key that is no action of this game keeps its own meaning: learning begins.
  expect(await lab.fact('state')).toBe('only watching')
  await lab.page.keyboard.press(' ')
  await lab.until('state', (text) => text === 'learning')
  // The policy goes on, and it is nearly untrained: it takes every action.
  await lab.click('keys')
  const actions = new Set<string | null>()
  for (let tries = 0; actions.size < 3 && tries < 200; tries++) {
    actions.add(await taken())
    await pause(100)
  }
  expect(actions).toEqual(new Set(['none', 'left', 'right']))
  // A perceptron has no filters.
  expect(await lab.page.$('.panel.filters')).toBeNull()
  expect(lab.problems).toEqual([])
  await lab.page.close()
})

/** A picture of the panel as it is on the page: its pixels, and the limit of its scale. */
const pictureOf = (lab: LabPage, name: string) =>
  lab.page.$eval(`[data-maps="${name}"]`, (figure) => {
    const canvas = figure.querySelector('canvas')!
    const { width, height } = canvas
    const pixels = [...canvas.getContext('2d')!.getImageData(0, 0, width, height).data]
    return { width, height, pixels, limit: Number((figure as HTMLElement).dataset.limit) }
  })

/** Numbers whose pixel does not have their colour, within 1 of 255; those between two maps must have none. */
function wrongPixels({ width, height, pixels, limit }: Awaited<ReturnType<typeof pictureOf>>, tiles: Tiles): number {
  let wrong = 0
  let found = 0
  for (let i = 0; i < width * height; i++) {
    if (pixels[4 * i + 3] === 0) continue
    found++
    const { map, y, x } = numberAt(tiles, i % width, Math.floor(i / width))
    const colour = colourOf(tiles.values[(map * tiles.height + y) * tiles.width + x], limit, SCALES.light)
    if (colour.some((c, k) => Math.abs(c - pixels[4 * i + k]) > 1)) wrong++
  }
  expect(found).toBe(tiles.values.length)
  return wrong
}

test('filters and feature maps are those of the weights and of the observation on screen', async () => {
  const calm = { name: 'prefers-reduced-motion', value: 'reduce' }
  const lab = await site.open(
    '#env=MinAtar/Breakout-v1&numEnvs=4&numSteps=16&numMinibatches=4&updateEpochs=1&learningRate=0.02&play=0&count=1' +
      '&hide=charts,compare,objective,population,controls',
    (page) => page.emulateMediaFeatures([calm]),
  )
  await lab.page.waitForSelector('[data-maps="conv 3 × 3, relu"]', { timeout: 240_000 })
  /** Of the weights that the page has now: pictures of the filters as they should be, [channel][filter], and the layer. */
  const expected = async () => {
    const { shape, params } = readPolicy((await downloaded(lab, 'save')).bytes)
    const conv = layoutNetwork(shape).actor[0] as ConvLayer
    const filters = Float32Array.from({ length: 4 * 16 * 9 }, (_, i) => {
      const [channel, filter, place] = [Math.floor(i / 144), Math.floor(i / 9) % 16, i % 9]
      return params[conv.weight + (filter * 9 + place) * 4 + channel]
    })
    return { conv, params, filters: { values: filters, height: 3, width: 3, count: 64, columns: 16 } }
  }
  const before = await expected()
  expect(wrongPixels(await pictureOf(lab, 'filters'), before.filters)).toBe(0)
  const shownBefore = await pictureOf(lab, 'conv 3 × 3, relu')

  // One iteration changes the weights, and with them the pictures; the environment stands still.
  await lab.page.keyboard.press('.')
  await lab.until('iteration', (text) => text === '1')
  const after = await expected()
  for (let tries = 0; wrongPixels(await pictureOf(lab, 'filters'), after.filters) > 0 && tries < 40; tries++)
    await pause(250)
  expect(wrongPixels(await pictureOf(lab, 'filters'), after.filters)).toBe(0)
  expect(wrongPixels(await pictureOf(lab, 'filters'), before.filters)).toBeGreaterThan(100)

  // The observation: a paddle in the last row, a ball, its trail, three rows of bricks.
  const seen = await pictureOf(lab, 'observation')
  const observation = new Float32Array(400)
  const x = new Float64Array(after.conv.inStride)
  for (let y = 0; y < 10; y++) {
    for (let i = 0; i < 40; i++) {
      const channel = Math.floor(i / 10)
      const [red] = seen.pixels.slice(4 * (y * seen.width + 11 * channel + (i % 10)))
      observation[channel * 100 + y * 10 + (i % 10)] = x[(y * 10 + (i % 10)) * 4 + channel] = red < 218 ? 1 : 0
    }
  }
  expect(seen.limit).toBe(1)
  expect(wrongPixels(seen, { values: observation, height: 10, width: 10, count: 4, columns: 4 })).toBe(0)
  const ones = [0, 1, 2, 3].map((c) => observation.slice(100 * c, 100 * c + 100).reduce((a, b) => a + b))
  expect(ones).toEqual([1, 1, 1, 30])
  expect(observation.slice(90, 100)).toContain(1)

  const y = new Float64Array(after.conv.outStride)
  TWINS.conv.forward(after.conv, after.params, x, 1, y)
  const maps = Float32Array.from({ length: 1024 }, (_, i) => y[(i % 64) * 16 + Math.floor(i / 64)])
  const tiles = { values: maps, height: 8, width: 8, count: 16, columns: 8 }
  expect(wrongPixels(await pictureOf(lab, 'conv 3 × 3, relu'), tiles)).toBe(0)
  expect(wrongPixels(shownBefore, tiles)).toBeGreaterThan(50)

  // A keyboard reads single numbers.
  await lab.page.focus('[data-maps=filters] canvas')
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowRight'] as const)
    await lab.page.keyboard.press(key)
  const read = await lab.page.$eval('[data-maps=filters] output', (output) => output.textContent)
  const number = after.filters.values[16 * 9 + 1]
  expect(read).toBe(`filter 1, channel 2, row 1, column 2: ${short(number)}`)
  expect(lab.problems).toEqual([])
  await lab.page.close()
})
