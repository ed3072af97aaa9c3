/** MuJoCo's WASM build as a rival in the bench: it takes the steps that are counted, and its row is its own. */
import { expect, test } from 'vitest'
import { besideRow, kernelRows, timesAsMany } from '../../harness/bench/beside'
import type { BenchRow } from '../../harness/cases/rows'
import { isMujocoTask, stepMujoco } from '../../harness/peers/mujoco'

const kernel = {
  ...{ case: 'env-step', who: 'ppo-webgpu', plan: 'layered', env: 'Hopper-v5', unit: 'steps', sps: 4000 },
  ...{ numEnvs: 16, numSteps: 32, adapter: 'an adapter', dispatches: 32 },
} as BenchRow

test('a row beside the kernel has its own name, sizes and times', () => {
  const times = { seconds: [2, 1, 4], units: 10, numEnvs: 1, numSteps: 200 }
  const row = besideRow(kernel, { ...times, who: 'MuJoCo', plan: 'one environment', adapter: 'CPU' })
  expect(row).toMatchObject({
    case: 'env-step Hopper-v5',
    who: 'MuJoCo',
    sps: 1000,
    spsMin: 500,
    spsMax: 2000,
    ms: 200,
  })
  expect(row).toMatchObject({ numEnvs: 1, numSteps: 200, iterations: 10, dispatches: null, adapter: 'CPU' })
  expect(timesAsMany(kernel, row, 'MuJoCo')).toBe(
    '  4,000 steps/s of the kernel on an adapter, 1,000 of MuJoCo: 4.00 times as many.',
  )
  expect(kernelRows([kernel, row, { ...kernel, plan: 'reference' }])).toEqual([kernel])
})

test('its tasks are the seven, and a measurement is of real steps', async () => {
  expect(['Hopper-v4', 'Swimmer-v5', 'CartPole-v1'].map(isMujocoTask)).toEqual([true, true, false])
  const { version, seconds, units, numSteps } = await stepMujoco('InvertedPendulum-v5', 2, 0.01)
  expect(version).toBe('3.14.0')
  expect(seconds).toHaveLength(2)
  const sps = (units * numSteps) / Math.max(...seconds)
  expect(sps).toBeGreaterThan(100)
  expect(sps).toBeLessThan(1e7)
})
