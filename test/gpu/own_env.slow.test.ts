import { expect, test } from 'vitest'
import { inPage } from './userpage'

test('its own page prints the check and then a row of training', async () => {
  const text = "document.querySelector('output').textContent"
  const shown = `/return/.test(${text}) && ${text}`
  const printed = await inPage<string>('examples/pointmass/main.ts', shown, '<output></output>')
  expect(printed).toMatch(/^PointMass-v0: OK, 64 environments x 200 steps, seed 1; /)
  expect(printed).toMatch(/\n2048 steps {2}return /)
})
