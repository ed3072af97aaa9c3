/** The kernels of MinAtar's games give every recorded step and reset, with the recorded draws. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GAMES } from '../../envs/minatar/spec'
import { verifyMinAtarGpu } from '../../harness/verify/minatar'
import { readMinAtar } from '../../harness/verify/minatarfile'
import { gpu } from '../support/gpu'

test.each(GAMES.map(({ game }) => game.name))('%s', async (name) => {
  const text = readFileSync(new URL(`../golden/MinAtar-${name}.json`, import.meta.url), 'utf8')
  const golden = readMinAtar(text)
  const checks = await verifyMinAtarGpu(golden, await gpu())
  expect(checks.map(({ side }) => side)).toEqual(Array(7).fill('gpu'))
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
  // Control: other rules, of which every file has steps, are found.
  const other = { ...golden, params: { ...golden.params, stickyActionProb: 0 } }
  expect((await verifyMinAtarGpu(other, await gpu())).some(({ ok }) => !ok)).toBe(true)
})
