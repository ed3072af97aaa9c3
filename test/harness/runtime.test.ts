import { expect, test } from 'vitest'
import { gpu } from '../support/gpu'

test('the page has an adapter and says which', async () => {
  const { facts } = await gpu()
  expect(facts.browser).toMatch(/chrome|chromium/i)
  expect(facts.limits.maxStorageBuffersPerShaderStage).toBeGreaterThanOrEqual(8)
})
