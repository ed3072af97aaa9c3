import { expect, test } from 'vitest'
import { rolloutSteps } from '../../src/fused'
import type { NetworkShape } from '../../src/network'
import { check, QUADS as form, launch, NUM_STEPS, wide } from './rollouts'

// Networks are arguments: one compiled kernel serves any of them.
test('20 observations, 7 actions: 65, 3 and 1 environments; networks of 1 to 3 hidden layers', async () => {
  const { ends, sawEnds } = await check({ shape: wide, numEnvs: 65, form })
  // The plan of the test: every kind of end, truncations on the first and the last step and several in one environment.
  expect(Math.min(...ends)).toBeGreaterThan(20)
  expect(sawEnds.first).toBeGreaterThan(5)
  expect(sawEnds.last).toBeGreaterThan(5)
  expect(sawEnds.several).toBeGreaterThan(1)
  await check({ shape: { ...wide, actorHidden: [1], criticHidden: [33], activation: 'tanh' }, numEnvs: 3, form })
  await check({ shape: { ...wide, actorHidden: [48, 48], criticHidden: [1, 1, 1] }, numEnvs: 1, form })
})

test('gaussian, 1 observation, 1 action', async () => {
  const shape: NetworkShape = { ...wide, obsDim: 1, actionDim: 1, dist: 'gaussian', activation: 'tanh' }
  await check({ shape: { ...shape, actorHidden: [64, 64], criticHidden: [64, 64] }, numEnvs: 65, form })
})

test('gaussian, 5 observations, 6 actions; cuts change no bit', async () => {
  const shape: NetworkShape = { ...wide, obsDim: 5, actionDim: 6, dist: 'gaussian', activation: 'tanh' }
  const { after, prepared } = await check({ shape, numEnvs: 19, form })
  const cut = (maxFlops: number) => rolloutSteps(prepared.run, maxFlops)
  const [whole] = cut(Number.POSITIVE_INFINITY)
  for (const [maxFlops, dispatches] of [
    [Number.POSITIVE_INFINITY, 1],
    [0.7 * whole.flops!, 2], // three of the five ranges of environments, then one
    [1, 5 * NUM_STEPS], // every range and every step
  ]) {
    expect(cut(maxFlops)).toHaveLength(dispatches)
    expect(await launch(prepared, maxFlops)).toEqual(after)
  }
})
