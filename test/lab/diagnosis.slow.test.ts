/** The lab says why a run does not learn. What it says, and when, is test/unit/diagnosis.test.ts's. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSite, type Site } from './site'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 180_000)
afterAll(() => site?.close())

test('too large steps: a sentence below the curve of returns, with its paragraph', async () => {
  const sizes = 'numEnvs=8&numSteps=32&numMinibatches=4&totalTimesteps=20000'
  const lab = await site.open(`#env=CartPole-v1&${sizes}&learningRate=0.1&hide=objective,focus,compare`)
  const found = await lab.page.waitForSelector('[data-chart=returnMean] [data-diagnosis]', { timeout: 120_000 })
  // Both at once: a later row may have nothing to say.
  const [text, link] = await found!.evaluate((line) => [
    line.textContent,
    line.querySelector('a')!.getAttribute('href'),
  ])
  expect(text).toMatch(/learningRate.*Why\?$/)
  expect(link).toMatch(/^docs\/troubleshooting\.md#[a-z0-9-]+$/)
  expect(lab.problems).toEqual([])
  await lab.page.close()
})
