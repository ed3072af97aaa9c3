/** MinAtar in its colours, played by a person at the keyboard, and then by the policy again. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharesOf } from './colours'
import { openSite, type Site } from './site'

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
  /** The action in a step from now on, and in all of the next ones. */
  const settles = async (action: string) => {
    for (let tries = 0; (await taken()) !== action && tries < 40; tries++) await pause(250)
    for (let look = 0; look < 8; look++) {
      expect(await taken()).toBe(action)
      await pause(150)
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
  expect(lab.problems).toEqual([])
  await lab.page.close()
})
