import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { parseOption, resolveConfig } from '../../src/config/config'
import { agentConfig } from '../../src/options/sweep'
import { createReferencePpo } from '../../src/reference/ppo'
import { hyperValues } from '../../src/run/hyper'

const resolve = (options: object) => resolveConfig({}, options)

describe('what a sweep gives each agent', () => {
  test('log: equal ratios, both bounds included', () => {
    const { sweep, learningRate } = resolve({ numAgents: 3, learningRate: { log: [1e-4, 1e-2] } })
    sweep.learningRate!.forEach((rate, k) => {
      expect(rate).toBeCloseTo([1e-4, 1e-3, 1e-2][k], 12)
    })
    expect(learningRate).toBe(1e-4)
  })

  test('lin: equal differences; range: whole numbers; a list: as it stands', () => {
    const options = { numAgents: 3, entCoef: { lin: [0, 1] }, seed: { range: [7, 10] }, gamma: [0.9, 0.95, 1] }
    const { sweep } = resolve(options)
    expect(sweep).toEqual({ entCoef: [0, 0.5, 1], seed: [7, 8, 9], gamma: [0.9, 0.95, 1] })
  })

  test('one agent takes the first bound', () => {
    expect(resolve({ numAgents: 1, learningRate: { log: [1e-4, 1e-2] } }).sweep.learningRate).toEqual([1e-4])
  })

  test('several are zipped, never crossed; what is not swept is the same for all, seeds count on', () => {
    const config = resolve({ numAgents: 2, seed: 5, learningRate: [1e-3, 2e-3], clipCoef: [0.1, 0.3] })
    const own = [0, 1].map((k) => agentConfig(config, k))
    expect(own.map((c) => [c.seed, c.learningRate, c.clipCoef, c.gamma])).toEqual([
      [5, 1e-3, 0.1, config.gamma],
      [6, 2e-3, 0.3, config.gamma],
    ])
  })

  test('a whole configuration goes in again and comes out the same', () => {
    const config = resolve({ numAgents: 2, learningRate: [1e-3, 2e-3] })
    expect(resolve(config)).toEqual(config)
  })

  test("the GPU's record has the agent's own value, and a null clip range follows its own clipCoef", () => {
    const config = resolve({ numAgents: 2, clipCoef: [0.1, 0.3] })
    expect([0, 1].map((k) => hyperValues(config, cartPole, k).vfClipCoef)).toEqual([0.1, 0.3])
  })
})

test.each([
  ['learningRate', 'log(1e-4, 1e-2)', { log: [1e-4, 1e-2] }],
  ['entCoef', 'lin(0,0.1)', { lin: [0, 0.1] }],
  ['seed', 'range(0,256)', { range: [0, 256] }],
  ['gamma', '[0.9, 0.99]', [0.9, 0.99]],
])('--set %s=%s', (key, text, value) => {
  expect(parseOption(key, text)).toEqual(value)
})

test.each([
  [{ numAgents: 3, gamma: [0.9, 0.99] }, /config\.gamma: \[0\.9,0\.99\] has 2 values for numAgents 3/],
  [{ numAgents: 4, seed: { range: [0, 256] } }, /config\.seed: .* has 256 values for numAgents 4/],
  [{ numAgents: 2, seed: { range: [0, 1e15] } }, /has 1000000000000000 values/],
  [{ numAgents: 2, gamma: [0.9, 1.5] }, /config\.gamma\[1\]: 1\.5 is out of range/],
  [{ numAgents: 2, learningRate: { log: [0, 1] } }, /not above 0\. Use lin/],
  [{ numAgents: 2, learningRate: { log: [1, 'x'] } }, /not a sweep/],
  [{ numAgents: 2, learningRate: { pow: [1, 2] } }, /not a sweep/],
  [{ numAgents: 2, learningRate: {} }, /not a sweep/],
  [{ numAgents: 2, seed: { lin: [0, 1.5] } }, /config\.seed\[1\]: 1\.5 is not a whole number/],
  [{ numAgents: 2, numEnvs: [4, 8] }, /config\.numEnvs: \[4,8\] is not a whole number/],
])('%j is refused', (options, message) => {
  expect(() => resolve(options)).toThrow(message)
})

test('agent k of a swept population is, bit for bit, the agent that has its values alone', () => {
  const small = { numEnvs: 2, numSteps: 16, numMinibatches: 2, updateEpochs: 2, totalTimesteps: 64, hidden: [5] }
  const config = resolve({ ...small, numAgents: 2, seed: [3, 11], learningRate: [1e-3, 1e-2] })
  const population = createReferencePpo(cartPole, config)
  const solo = createReferencePpo(cartPole, resolve({ ...small, seed: 11, learningRate: 1e-2 }))
  for (const ppo of [population, solo]) while (!ppo.done) ppo.iterate()
  expect(population.params(1)).toEqual(solo.params(0))
})
