import { expect, test } from 'vitest'
import { trainInPage } from '../support/train'
import { config, env, expectReplaced } from './recovery'

// More: recovery.slow.test.ts. Each loss costs another compilation, of the layered plan the shortest.
test('a lost device is replaced, with a snapshot to go on from: same bits, every row once', { timeout: 240_000 }, () =>
  expectReplaced({ config: { ...config, plan: 'layered' } }, [3, 6], { checkpointEvery: { iterations: 2 } }),
)

test('a device of the caller that cannot be replaced ends the training, and says why', {
  timeout: 120_000,
}, async () => {
  const run = trainInPage({ env, config, withoutSubgroups: true, loseDeviceAt: [2] })
  await expect(run).rejects.toThrow('The GPU device was lost (destroyed)')
})
