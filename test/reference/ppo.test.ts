import { describe, expect, it } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { type PpoOptions, PRESETS, resolveConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { createReferencePpo } from '../../src/reference/ppo'
import { countEnv, pointEnv } from './testenv'

const config = (options: PpoOptions = {}) =>
  resolveConfig(
    {},
    { numEnvs: 4, numSteps: 16, numMinibatches: 4, totalTimesteps: 64 * 100, hidden: [8, 8], ...options },
  )

describe('reference trainer', () => {
  it.each<[string, EnvSpec]>([
    ['categorical', cartPole],
    ['gaussian', pointEnv([-1, -1, -1], [1, 1, 1])],
  ])('ratio is exactly 1 on the first minibatch of the first epoch: %s', (_dist, spec) => {
    const ppo = createReferencePpo(spec, config({ updateEpochs: 1, numMinibatches: 1 }))
    for (let i = 0; i < 3; i++) ppo.iterate()
    expect(ppo.work.loss.ratio.length).toBe(64)
    expect(ppo.work.loss.ratio.every((ratio) => ratio === 1)).toBe(true)
    expect(ppo.agents[0].results[0].stats.oldApproxKl).toBe(0)
    // Control: a second epoch has moved the policy.
    const moved = createReferencePpo(spec, config({ updateEpochs: 2, numMinibatches: 1 }))
    moved.iterate()
    expect(moved.work.loss.ratio.every((ratio) => ratio === 1)).toBe(false)
  })

  it('agent k of n equals a solo run with seed + k, bit for bit', () => {
    const many = createReferencePpo(cartPole, config({ seed: 7, numAgents: 3 }))
    for (let i = 0; i < 3; i++) many.iterate()
    for (let k = 0; k < 3; k++) {
      const solo = createReferencePpo(cartPole, config({ seed: 7 + k }))
      for (let i = 0; i < 3; i++) solo.iterate()
      expect(many.params(k)).toEqual(solo.params(0))
      expect(many.agents[k].row).toEqual(solo.agents[0].row)
    }
    expect(many.params(0)).not.toEqual(many.params(1))
  })

  it('same seed, same bits', () => {
    const run = () => {
      const ppo = createReferencePpo(cartPole, config())
      for (let i = 0; i < 4; i++) ppo.iterate()
      return ppo.params(0)
    }
    expect(run()).toEqual(run())
  })

  it('early stop: nothing moves from the minibatch that trips on', () => {
    const tight = createReferencePpo(cartPole, config({ targetKl: 1e-9, learningRate: 1e-2, numMinibatches: 1 }))
    const one = createReferencePpo(cartPole, config({ updateEpochs: 1, learningRate: 1e-2, numMinibatches: 1 }))
    const [row] = tight.iterate()
    one.iterate()
    expect(row).toMatchObject({ minibatches: 2, updates: 1, status: 'running' })
    expect(row.situations.reduce((a, b) => a + b)).toBe(2 * 64)
    expect(tight.agents[0].learner).toEqual(one.agents[0].learner)
    expect(row.approxKl).toBe(tight.agents[0].results[1].stats.approxKl / 2)
    expect(row.gradNorm).toBe(tight.agents[0].results[0].gradNorm)
  })

  it('penalty: the coefficient moves, the counts are 0', () => {
    const ppo = createReferencePpo(
      cartPole,
      config({ algorithm: 'penalty', targetKl: 1e-9, learningRate: 1e-2, klCoef: 1 }),
    )
    const rows = [ppo.iterate()[0], ppo.iterate()[0]]
    expect(rows[0].kl).toBeGreaterThan(1.5e-9)
    expect(rows.map((row) => row.klCoef)).toEqual([1, 2])
    expect(rows[0]).toMatchObject({ clipfrac: 0, situations: [0, 0, 0, 0, 0, 0], updates: 16, minibatches: 16 })
  })

  it('gaussian: stored actions are unclipped, log std moves and stays inside its bounds', () => {
    const ppo = createReferencePpo(pointEnv([-0.1, -0.1], [0.1, 0.1]), config({ learningRate: 10, annealLr: false }))
    for (let i = 0; i < 2; i++) ppo.iterate()
    const { rollout, learner } = ppo.agents[0]
    expect(Math.max(...rollout.actions)).toBeGreaterThan(0.1)
    expect(rollout.slots.every((slot) => slot.state.seen <= 0.1)).toBe(true)
    const { own, shape } = ppo.layout
    const stds = [...learner.params.slice(own, own + shape.actionDim)]
    expect(stds.every((s) => s !== 0 && s >= -20 && s <= 2)).toBe(true)
  })

  it('values of final observations enter only where the time limit cut', () => {
    const ppo = createReferencePpo(countEnv(99, 5), config({ bootstrapTruncated: true }))
    ppo.iterate()
    const { rollout } = ppo.agents[0]
    rollout.truncated.forEach((truncated, at) => {
      expect(truncated).toBe(Number(Math.floor(at / 4) % 5 === 4))
      expect(rollout.finalValues[at] !== 0).toBe(truncated === 1)
    })
  })

  it('stops: finished, solved, not finite; a stopped agent repeats its row and moves no more', () => {
    const finished = createReferencePpo(cartPole, config({ totalTimesteps: 130 }))
    expect([finished.iterate()[0].status, finished.done, finished.iterate()[0].status, finished.done]).toEqual([
      'running',
      false,
      'finished',
      true,
    ])
    const params = finished.params(0).slice()
    expect(finished.iterate()[0].iteration).toBe(2)
    expect(finished.params(0)).toEqual(params)

    const easy = { ...countEnv(1, 9), rewardThreshold: 1 }
    const solved = createReferencePpo(easy, config({ stopWhenSolved: true }))
    expect(solved.iterate()[0]).toMatchObject({ status: 'running', episodicReturn: null, solvedAt: null })
    expect(solved.iterate()[0]).toMatchObject({ status: 'solved', episodicReturn: 1, solvedAt: 128 })

    const twin = { ...countEnv(3, 9).twin!, step: () => ({ reward: NaN, terminated: false }) }
    const broken = createReferencePpo({ ...countEnv(3, 9), twin }, config())
    const before = broken.params(0).slice()
    const [row] = broken.iterate()
    expect(row).toMatchObject({ status: 'notFinite', notFinite: { buffer: 'rewards', step: 0, env: 0 }, updates: 0 })
    expect(broken.params(0)).toEqual(before)
    expect(broken.done).toBe(true)
  })

  it('a gradient that is not finite changes nothing and ends the run', () => {
    const huge = { ...countEnv(3, 9).twin!, step: () => ({ reward: 1e30, terminated: false }) }
    const ppo = createReferencePpo({ ...countEnv(3, 9), twin: huge }, config({ normAdv: false }))
    const before = ppo.params(0).slice()
    const [row] = ppo.iterate()
    expect(row).toMatchObject({ status: 'notFinite', notFinite: { buffer: 'gradients', step: 0, env: 0 }, updates: 0 })
    expect(ppo.params(0)).toEqual(before)
  })

  it('needs a twin', () => {
    expect(() => createReferencePpo({ ...countEnv(3, 9), twin: undefined }, config())).toThrow(
      'Count: the environment has no CPU twin',
    )
  })

  it("learns CartPole: CleanRL's settings with a larger step, 20 k steps", () => {
    const options = { ...PRESETS.cleanrl, learningRate: 2.5e-3, hidden: [32, 32], totalTimesteps: 20_480 }
    const ppo = createReferencePpo(cartPole, resolveConfig({}, options))
    const returns: number[] = []
    while (!ppo.done) {
      const [row] = ppo.iterate()
      if (row.returnMean !== null) returns.push(row.returnMean)
    }
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
    expect(mean(returns.slice(0, 3))).toBeLessThan(40)
    expect(mean(returns.slice(-5))).toBeGreaterThan(100)
  })
})
