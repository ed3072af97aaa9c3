import { expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { pendulum } from '../../envs/pendulum/spec'
import type { EnvSpec } from '../../src/env/contract'
import { uniform } from '../../src/env/rng'
import { envSlots } from '../../src/plan/kernels'
import { resetDraws } from '../../src/reference/reset_draws'
import { expectUntouched, runKernel, unwrittenWords } from '../support/kernel'
import { driftEnv } from './envs'

/** Draws until a number is below 0.8: the number of draws varies between initial states. */
const choosy: EnvSpec = {
  ...(driftEnv as unknown as EnvSpec),
  wgsl: driftEnv.wgsl.replace('return EnvState(2.0', 'while (rng_uniform(rng) > 0.8) {}\n  return EnvState(2.0'),
  twin: {
    ...(driftEnv as unknown as EnvSpec).twin!,
    reset(rng) {
      while (uniform(rng) > 0.8);
      return { x: 2 * uniform(rng) - 1, count: 0 }
    },
  },
}

test.each([
  ['CartPole-v1', cartPole as EnvSpec, 1, [4]],
  ['Pendulum-v1', pendulum as EnvSpec, 65, [2]],
  ['one that draws as long as it likes', choosy, 123, [2, 3, 4, 5]],
] as [string, EnvSpec, number, number[]][])('reset_draws: $0, $2 environments', async (_, spec, numEnvs, counts) => {
  const [seeds, seed] = [3, 0xfffffffe] // the third is 0
  const buffers = { draws: unwrittenWords(seeds * numEnvs) }
  const { draws } = await runKernel({
    stem: 'reset_draws',
    slots: envSlots(spec),
    args: { numEnvs, seed },
    buffers,
    outputs: ['draws'],
    workgroups: [Math.ceil(numEnvs / 64), seeds, 1],
  })
  const expected = resetDraws(spec, seed, seeds, numEnvs)
  expect([...draws.subarray(0, expected.length)]).toEqual([...expected])
  for (const count of counts) expect(expected).toContain(count)
  expectUntouched('reset_draws.draws', draws, buffers.draws, (i) => i < expected.length)
})
