import { expect, test } from 'vitest'
import { readCheckpoint } from '../../src/checkpoint'
import { resolveConfig } from '../../src/config'
import { differences, trainInPage } from '../support/train'

const env = 'CartPole-v1'
const ITERATIONS = 8
const sizes = { numEnvs: 8, numSteps: 16, numMinibatches: 2, updateEpochs: 2, hidden: [16], seed: 9, numAgents: 2 }
const config = resolveConfig({}, { ...sizes, totalTimesteps: ITERATIONS * 8 * 16, learningRate: 1e-3 })

test.each([
  ['with a snapshot to go on from', { checkpointEvery: { iterations: 2 } }, [3, 6]],
  ['with none, from the beginning', { withoutSubgroups: true, anotherDevice: true }, [2]],
])(
  'a lost device is replaced, %s: same bits, every row once',
  { timeout: 240_000 },
  async (_, options, loseDeviceAt) => {
    const whole = await trainInPage({ env, config, ...options })
    const run = await trainInPage({ env, config, ...options, loseDeviceAt })
    expect(differences(run.params, whole.params)).toEqual([])
    expect(run.rows).toEqual(whole.rows)
    const snapshots = [run, whole].map(({ checkpoint }) => readCheckpoint(checkpoint!).snapshot)
    expect(snapshots[0]).toEqual(snapshots[1])
    const told = run.events.filter(({ type }) => type !== 'checkpoint').map(({ type }) => type)
    expect(told).toEqual(loseDeviceAt.flatMap(() => ['deviceLost', 'recovered']))
    for (const event of run.events) {
      if (event.type === 'recovered') expect(event.detail.sameAdapter).toBe(true)
    }
  },
)

test('a device of the caller that cannot be replaced ends the training, and says why', {
  timeout: 120_000,
}, async () => {
  const run = trainInPage({ env, config, withoutSubgroups: true, loseDeviceAt: [2] })
  await expect(run).rejects.toThrow('The GPU device was lost (destroyed)')
})
