/** Training on a device with the limits that every adapter has: each plan and kind of action. Planned: test/unit/portable.test.ts. */
import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { pendulum } from '../../envs/pendulum/spec'
import { resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { choiceEnv } from '../support/choice_env'
import { trainInPage } from '../support/train'
import { FORMS, trainOnce } from './portable'

describe.each(FORMS)('%s', { timeout: 300_000 }, (_, form, withoutSubgroups) => {
  test('a box, normalised', () => trainOnce(pendulum, { ...form, normObs: true, normReward: true }, withoutSubgroups))

  test('several masked choices, a shared trunk, the penalty, two agents', () => {
    const options = { sharedTrunk: true, algorithm: 'penalty', targetKl: 10, numAgents: 2 } as const
    return trainOnce(choiceEnv() as unknown as EnvSpec, { ...form, ...options }, withoutSubgroups)
  })
})

test('control: such a device has less than the adapter, and says how to request more', async () => {
  const config = resolveConfig({}, { numEnvs: 65_536, numSteps: 64, totalTimesteps: 2 ** 24 })
  const args = { env: cartPole.id, config, sharedDevice: false, ordinaryLimits: true }
  await expect(trainInPage(args)).rejects.toThrow(
    /maxStorageBufferBindingSize is 134217728 .* Request it with requiredLimits: \{ maxStorageBufferBindingSize: adapter\.limits\.maxStorageBufferBindingSize \}/,
  )
})
