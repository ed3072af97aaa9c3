/** A robot that walks away stays in the picture: the camera follows it over the ground. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharesOf } from './colours'
import { openSite, type Site } from './site'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 180_000)
afterAll(() => site?.close())

const SMALL = 'env=HalfCheetah-v5&numEnvs=4&numSteps=16&numMinibatches=4&updateEpochs=1&hidden=8'
/** Of envs/half_cheetah/look.ts, and the ground's of envs/planar/picture.ts. */
const COLOURS = {
  torso: [242, 160, 75],
  lightGround: [159, 179, 168],
  darkGround: [138, 161, 150],
} satisfies Record<string, [number, number, number]>
/** Of the picture, 3.4 x 1.7 m: the torso and the head are 1 and 0.3 m long and 0.092 m wide; the ground is 0.35 m deep. */
const PICTURE = 3.4 * 1.7
const TORSO = (1.3 * 0.092) / PICTURE
const GROUND = 0.35 / 1.7
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('HalfCheetah and the ground, also after a push', { timeout: 600_000 }, async () => {
  const lab = await site.open(`#${SMALL}&draw=copy&layout=one&count=1&hide=charts,compare,objective`)
  await lab.until('fps', (text) => Number.parseFloat(text) > 0, 120)
  // The page has a picture a moment after the Worker has drawn it.
  let seen = await sharesOf(lab, COLOURS)
  for (let tries = 0; seen.torso === 0 && tries < 40; tries++) {
    await pause(500)
    seen = await sharesOf(lab, COLOURS)
  }
  expect(seen.torso).toBeGreaterThan(0.5 * TORSO)
  expect(seen.torso).toBeLessThan(1.5 * TORSO)
  // A tile of another colour may be in the picture.
  expect(seen.lightGround + seen.darkGround).toBeGreaterThan(0.5 * GROUND)
  expect(seen.lightGround + seen.darkGround).toBeLessThan(1.2 * GROUND)
  // Handles belong to the policy's own environments, which may be compiled after the run began.
  await lab.page.waitForSelector('[data-handle]', { timeout: 240_000 })
  await lab.page.$eval('[data-handle="qvel[0]"]', (field) => {
    ;(field as HTMLInputElement).value = '8'
    field.dispatchEvent(new Event('input', { bubbles: true }))
  })
  await pause(3000)
  expect((await sharesOf(lab, COLOURS)).torso).toBeGreaterThan(0.5 * TORSO)
  expect(lab.problems).toEqual([])
  await lab.page.close()
})
