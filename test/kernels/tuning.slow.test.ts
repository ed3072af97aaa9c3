import { expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/config'
import { gpu } from '../support/gpu'

const SIZES = { numEnvs: 5, numSteps: 8, numMinibatches: 2, updateEpochs: 1, hidden: [8], normObs: true }

test('a tuned run has the bits of one that takes the table; the choice is told, and --no-autotune is heeded', {
  timeout: 600_000,
}, async () => {
  const config = resolveConfig({}, { ...SIZES, totalTimesteps: 80, plan: 'fused' })
  const runtime = await gpu()
  const args = { env: 'CartPole-v1', config, withoutSubgroups: true }
  const tuned = await runtime.call('train', { ...args, tuneSoftware: true })
  expect(tuned.tuning).toMatchObject({ source: 'measured', reason: null })
  for (const stem of ['fused_rollout', 'fused_gradient']) {
    const times = tuned.tuning!.measured[stem]
    expect(Object.keys(times)).toEqual(['32', '64', '128', '256'])
    const best = Object.entries(times).reduce((a, b) => (b[1] < a[1] ? b : a))
    expect(tuned.tuning!.threads[stem]).toBe(Number(best[0]))
  }
  const table = await runtime.call('train', args)
  expect(table.tuning).toMatchObject({ source: 'table', reason: 'a software adapter', measured: {} })
  expect(tuned.params).toEqual(table.params)
  const off = await runtime.call('train', { ...args, config: { ...config, autotune: false }, tuneSoftware: true })
  expect(off.tuning).toMatchObject({ source: 'table', reason: 'asked not to' })
  expect(off.params).toEqual(table.params)
})
