/**
 * LunarLander in the lab: looks like Gymnasium's, its arrays and structs can be set by hand, and its parameters apply
 * at once.
 */
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharesOf } from './colours'
import { type LabPage, openSite, type Site, toNumber } from './site'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 180_000)
afterAll(() => site?.close())

const TIMEOUT = 600_000
const SMALL = 'env=LunarLander-v3&numEnvs=4&numSteps=16&numMinibatches=4&updateEpochs=1&hidden=8'
const isPositive = (text: string) => Number.parseFloat(text) > 0
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const COLOURS = {
  sky: [0, 0, 0],
  moon: [255, 255, 255],
  lander: [128, 102, 230],
  pennants: [204, 204, 0],
} satisfies Record<string, [number, number, number]>

const enter = (lab: LabPage, selector: string, value: string, event: 'change' | 'input') =>
  lab.page.$eval(
    selector,
    (field, value, event) => {
      ;(field as HTMLInputElement).value = value
      field.dispatchEvent(new Event(event, { bubbles: true }))
    },
    value,
    event,
  )

test('the picture, parameters that move at once, and handles', { timeout: TIMEOUT }, async () => {
  const lab = await site.open(`#${SMALL}&env.gravity=-2&draw=copy&layout=one&count=1&hide=charts,compare,objective`)
  await lab.until('fps', isPositive, 120)
  // A hull of some 34 x 27 of 600 x 400 pixels less its edge, two legs of 4 x 16. A lander may just be out of the picture.
  const whole = (34 * 27 + 2 * 64) / 240_000
  let seen = await sharesOf(lab, COLOURS)
  for (let tries = 0; seen.lander < 0.5 * whole && tries < 40; tries++) {
    await pause(500)
    seen = await sharesOf(lab, COLOURS)
  }
  const { sky, moon, lander, pennants } = seen
  if (process.env.LAB_SHOT) writeFileSync(process.env.LAB_SHOT, await lab.page.screenshot())
  expect(sky).toBeGreaterThan(0.5)
  expect(moon).toBeGreaterThan(0.1)
  expect(lander).toBeGreaterThan(0.5 * whole)
  expect(lander).toBeLessThan(1.3 * whole)
  // Two of 25 x 10 / 2.
  expect(pennants).toBeGreaterThan(0.5 * (250 / 240_000))
  expect(pennants).toBeLessThan(1.5 * (250 / 240_000))

  const gravity = () => lab.page.$eval('#param-gravity', (field) => (field as HTMLInputElement).value)
  expect(await gravity()).toBe('-2')
  await enter(lab, '[data-param-slider=gravity]', '-6', 'input')
  await lab.page.waitForFunction(() => location.hash.includes('env.gravity=-6'))
  expect(await gravity()).toBe('-6')
  expect(await lab.notice()).toBe('gravity is -6 from now on.')
  await enter(lab, '#param-gravity', 'uniform(-12,0)', 'change')
  await lab.page.waitForFunction(() => location.hash.includes('env.gravity=uniform(-12,0)'))
  await enter(lab, '#param-gravity', '-13', 'change')
  expect(await lab.notice()).toContain('config.envParams.gravity: -13 is out of range. Use a number from -12 to 0.')
  // The run continued all the while.
  const iteration = await lab.number('iteration')
  await lab.until('iteration', (text) => toNumber(text) > iteration, 60)

  // The number next to the slider is the GPU's own state. Without gravity it stays, unless the episode ends before it is
  // read; then it is set again.
  await enter(lab, '#param-gravity', '0', 'change')
  const rises = () =>
    lab.page.waitForFunction(
      () => {
        const slider = document.querySelector('[data-handle="bodies[0].velocity[1]"]')!
        return Number(slider.closest('label')!.querySelector('output')!.textContent!.replace('\u2212', '-')) > 3
      },
      { timeout: 10_000 },
    )
  // Handles belong to the policy's own environments, which may be compiled after the run began.
  await lab.page.waitForSelector('[data-handle]', { timeout: 240_000 })
  for (let tries = 1; ; tries++) {
    await enter(lab, '[data-handle="bodies[0].velocity[1]"]', '5', 'input')
    try {
      await rises()
      break
    } catch (error) {
      if (tries === 20) throw error
    }
  }
  expect(lab.problems).toEqual([])
  await lab.page.close()
})
