import { expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { pendulum } from '../../envs/pendulum/spec'
import type { EnvSpec } from '../../src/env/contract'
import { uniform } from '../../src/env/rng'
import { numberOf, readState, type StateObject, stateWords, writeWord } from '../../src/envcheck/state'
import { link } from '../../src/gpu/link'
import { reflectStruct } from '../../src/gpu/reflect'
import { SHADERS } from '../../src/gpu/shaders'
import { envSlots } from '../../src/plan/kernels'
import { resetDraws } from '../../src/reference/reset_draws'
import { expectUntouched, runKernel, unwrittenWords } from '../support/kernel'
import { previousEnv } from '../support/previous_env'
import { driftEnv, paramsFor } from './envs'

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
  ['one that goes on from the state before', previousEnv as unknown as EnvSpec, 7, [1]],
] as [string, EnvSpec, number, number[]][])('reset_draws: $0, $2 environments', async (_, spec, numEnvs, counts) => {
  const [seeds, seed] = [3, 0xfffffffe] // the third is 0
  const slots = envSlots(spec)
  const { code } = link('shaders/reset_draws.wgsl', SHADERS, slots)
  const [words, size] = [stateWords(code), reflectStruct(code, 'EnvState').size / 4]
  const last = Array.from({ length: seeds * numEnvs }, (_, i) => {
    const numbers = new Uint32Array(size)
    for (const [k, word] of words.entries()) writeWord(word, numbers, 0, (i % 5) + k)
    return readState(words, numbers, 0)
  })
  const env_states = unwrittenWords(seeds * numEnvs * size)
  for (const [i, state] of last.entries())
    for (const word of words) writeWord(word, env_states, i * size, numberOf(state, word)!)
  const buffers = { env_states: env_states.slice(), draws: unwrittenWords(seeds * numEnvs) }
  const hyper = paramsFor('reset_draws', slots, spec)
  const { draws, env_states: states } = await runKernel({
    stem: 'reset_draws',
    slots,
    args: { numEnvs, seed },
    buffers: { ...buffers, ...hyper },
    outputs: ['draws', 'env_states'],
    workgroups: [Math.ceil(numEnvs / 64), seeds, 1],
  })
  const next = [...last] as never[]
  const expected = resetDraws(spec, seed, seeds, numEnvs, {}, next)
  expect([...draws.subarray(0, expected.length)]).toEqual([...expected])
  for (const count of counts) expect(expected).toContain(count)
  for (const [i, state] of (next as StateObject[]).entries()) {
    const got = readState(words, states as Uint32Array, i * size)
    for (const word of words) expect(numberOf(got, word)).toBeCloseTo(numberOf(state, word)!, 5)
  }
  expectUntouched('reset_draws.env_states', states, env_states, (i) => i < seeds * numEnvs * size)
  expectUntouched('reset_draws.draws', draws, buffers.draws, (i) => i < expected.length)
})
