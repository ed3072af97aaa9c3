/** The lab says why a run does not learn. What it says, and when, is test/unit/diagnosis.test.ts's. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSite, type Site } from './site'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 180_000)
afterAll(() => site?.close())

test('too large steps: a sentence below the charts, with its paragraph', async () => {
  const sizes = 'numEnvs=8&numSteps=32&numMinibatches=4&totalTimesteps=20000'
  const lab = await site.open(`#env=CartPole-v1&${sizes}&learningRate=0.1&hide=objective,focus,compare`)
  const found = await lab.page.waitForSelector('.diagnosis [data-diagnosis]', { timeout: 120_000 })
  const text = await found!.evaluate((line) => line.textContent)
  expect(text).toMatch(/learningRate.*Why\?$/)
  const links = await lab.page.$$eval('.diagnosis a', (all) => all.map((a) => a.getAttribute('href')))
  expect(links[0]).toMatch(/^docs\/troubleshooting\.md#[a-z0-9-]+$/)
  expect(lab.problems).toEqual([])
  await lab.page.close()
})
