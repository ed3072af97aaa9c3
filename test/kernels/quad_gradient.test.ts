import { expect, test } from 'vitest'
import type { PpoOptions } from '../../src/config'
import { minibatchSteps } from '../../src/fused'
import type { NetworkShape } from '../../src/network'
import { check, EPOCH, QUADS as form, launch, MINIBATCH, wide } from './gradients'

// Networks, coefficients and the algorithm are arguments: one compiled kernel serves them all.
test('20 observations, 7 actions: 65, 17 and 1 rows; networks of 1 to 3 hidden layers; clip and penalty', async () => {
  const { situations } = await check({ shape: wide, options: {}, numEnvs: 65, form })
  expect(Math.min(...situations)).toBeGreaterThan(0)
  const tanh: NetworkShape = { ...wide, activation: 'tanh' }
  await check({
    shape: { ...tanh, actorHidden: [1], criticHidden: [33] },
    options: { normAdv: false, clipVloss: true, vfClipCoef: 0.5, entCoef: 0.1, vfCoef: 2 },
    numEnvs: 17,
    form,
  })
  const shape: NetworkShape = { ...tanh, actorHidden: [48, 48], criticHidden: [1, 1, 1] }
  await check({ shape, options: { algorithm: 'penalty', targetKl: 0.01 }, numEnvs: 17, form })
  await check({ shape, options: { normAdv: false }, numEnvs: 1, form })
})

test('gaussian, 1 observation, 1 action, recorded permutations', async () => {
  const shape: NetworkShape = { ...wide, obsDim: 1, actionDim: 1, dist: 'gaussian', activation: 'tanh' }
  const square = { ...shape, actorHidden: [64, 64], criticHidden: [64, 64] }
  await check({ shape: square, options: { entCoef: 0.1 }, numEnvs: 65, form, givenOrder: true })
})

test('gaussian, 5 observations, 6 actions, penalty; ranges of partials change no bit', async () => {
  const shape: NetworkShape = { ...wide, obsDim: 5, actionDim: 6, dist: 'gaussian', activation: 'tanh' }
  const options: PpoOptions = { algorithm: 'penalty', targetKl: 0.01, entCoef: 0.1, clipVloss: true }
  const { partials, prepared } = await check({ shape, options, numEnvs: 67, form })
  const steps = (maxFlops: number) => minibatchSteps(prepared.run, EPOCH, MINIBATCH, maxFlops)
  const [whole] = steps(Number.POSITIVE_INFINITY)
  for (const [maxFlops, dispatches] of [
    [0.7 * whole.flops!, 2], // two of the three partials, then one
    [1, 3],
  ]) {
    expect(steps(maxFlops).map(({ stem }) => stem)).toEqual([
      ...Array(dispatches).fill('quad_gradient'),
      ...['fused_reduce', 'fused_adam'],
    ])
    expect((await launch(prepared, maxFlops)).partials).toEqual(partials)
  }
})
