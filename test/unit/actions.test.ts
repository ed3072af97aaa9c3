import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { pendulum } from '../../envs/pendulum/spec'
import { resolveConfig } from '../../src/config/config'
import type { BoxSpace } from '../../src/env/contract'
import { makeRng } from '../../src/env/rng'
import { readSafetensors, writeSafetensors } from '../../src/files/safetensors'
import { actionScale, asActed, scaled, whyScaleActions } from '../../src/model/actions'
import { layoutNetwork, networkShape } from '../../src/model/network'
import { PolicyError } from '../../src/policy/policy'
import { loadPolicy, policyFile } from '../../src/policy/policyfile'
import { actionForEnv } from '../../src/reference/step_envs'
import { loadPpo } from '../../src/run/load'

const box = (low: number, high: number): BoxSpace => ({ kind: 'box', low: [low], high: [high] })

describe('scaled', () => {
  it('-1 and 1 are the bounds exactly, 0 is their middle, and nothing in between leaves them', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 })
    fc.assert(
      fc.property(finite, finite, fc.double({ noNaN: true, min: -1, max: 1 }), (a, b, x) => {
        fc.pre(a !== b)
        const scale = { low: [Math.min(a, b)], high: [Math.max(a, b)] }
        expect(scaled(-1, 0, scale) === scale.low[0] && scaled(1, 0, scale) === scale.high[0]).toBe(true) // 0 is -0
        const slack = 1e-12 * Math.max(Math.abs(a), Math.abs(b))
        expect(scaled(x, 0, scale)).toBeGreaterThanOrEqual(scale.low[0] - slack)
        expect(scaled(x, 0, scale)).toBeLessThanOrEqual(scale.high[0] + slack)
      }),
    )
    expect(scaled(0, 0, { low: [-2], high: [4] })).toBe(1)
    expect(scaled(2, 0, { low: [-2], high: [4] })).toBe(7) // not clipped
  })
})

describe('asActed', () => {
  const config = resolveConfig(pendulum.preset, { scaleActions: true }, pendulum)

  it("gives the twin's step an action in the environment's units, and the reference a box of [-1, 1]", () => {
    const acted = asActed(pendulum, config)
    expect(acted.actionSpace).toEqual({ kind: 'box', low: [-1], high: [1] })
    const start = () => pendulum.twin!.reset(makeRng(1, 0, 2, 0))
    for (const [stored, torque] of [
      [0.25, 0.5],
      [-3, -2],
    ]) {
      const [a, b] = [start(), start()]
      const action = actionForEnv(acted.actionSpace, Float64Array.of(stored), 0)
      const results = [
        acted.twin!.step(a, action, makeRng(1, 0, 1, 0)),
        pendulum.twin!.step(b, [torque], makeRng(1, 0, 1, 0)),
      ]
      expect(results[0]).toEqual(results[1])
      expect(a).toEqual(b)
    }
  })

  it('changes nothing without the option, nor for discrete actions', () => {
    expect(asActed(pendulum, { scaleActions: false })).toBe(pendulum)
    expect(asActed(cartPole, { scaleActions: true })).toBe(cartPole)
    expect(actionScale(cartPole, { scaleActions: true })).toBeNull()
  })
})

test('scaleActions with discrete actions is an error', () => {
  expect(() => resolveConfig({}, { scaleActions: true }, cartPole)).toThrow(
    'config.scaleActions: true, but the actions of CartPole-v1 are discrete and have no bounds. Leave it out.',
  )
})

describe('whyScaleActions', () => {
  const advice = (space: BoxSpace, options = {}) => whyScaleActions(space, resolveConfig({}, options))

  it.each([
    [-2, 2],
    [-1, 1],
    [0, 1],
    [-10, 10],
    [-0.1, 0.1],
  ])('has nothing to say of a box from %f to %f', (low, high) => expect(advice(box(low, high))).toBeNull())

  it.each([
    [-2000, 2000, 'most of them is never tried'],
    [0, 255, 'most of them is never tried'],
    [5, 7, 'the policy begins at 0'],
    [-7, -5, 'the policy begins at 0'],
    [-0.001, 0.001, 'nearly all it tries is clipped'],
  ])('warns of a box from %f to %f', (low, high, why) => {
    expect(advice(box(low, high))).toContain(why)
    expect(advice(box(low, high))).toContain(`action 0 has the bounds ${low} to ${high}`)
    expect(advice(box(low, high))).toContain('Use scaleActions=true')
    expect(advice(box(low, high), { scaleActions: true })).toBeNull()
  })

  it('takes the first standard deviation into account, and counts the other dimensions', () => {
    expect(advice(box(-0.001, 0.001), { logStdInit: -7 })).toBeNull()
    expect(advice({ kind: 'box', low: [-1, -2000, -3000], high: [1, 2000, 3000] })).toContain('action 1 has')
    expect(advice({ kind: 'box', low: [-1, -2000, -3000], high: [1, 2000, 3000] })).toContain('(and 1 more)')
    expect(whyScaleActions(cartPole.actionSpace, resolveConfig({}, {}))).toBeNull()
  })
})

describe('a policy with scaled actions', () => {
  const shape = networkShape(pendulum, { hidden: [4], actorHidden: null, criticHidden: null, activation: 'tanh' })
  const params = new Float32Array(layoutNetwork(shape).paramStride).fill(0.5)
  const scale = { low: [-2], high: [2] }
  const bytes = policyFile(pendulum, shape, params, null, scale)

  it("acts and samples in units of the environment; outputs are the network's own", () => {
    // Without bounds in the file, nothing is clipped.
    const policy = loadPolicy(policyFile('Pendulum-v1', shape, params, null, scale))
    const plain = loadPolicy(policyFile('Pendulum-v1', shape, params))
    const obs = [0.5, -0.5, 2]
    expect(policy.actionScale).toEqual(scale)
    expect(plain.actionScale).toBeNull()
    expect(policy.outputs(obs)).toEqual(plain.outputs(obs))
    expect(policy.act(obs)).toEqual([scaled(plain.act(obs)[0], 0, scale)])
    const half = () => 0.5
    expect(policy.sample(obs, half)).toEqual([scaled(plain.sample(obs, half)[0], 0, scale)])
    expect(policy.act(obs)[0]).toBeGreaterThan(2)
    expect(loadPolicy(bytes).act(obs)).toEqual([2])
  })

  it.each([
    ['{"low":[-2]}'],
    ['{"low":[-2],"high":[2,3]}'],
    ['{"low":[2],"high":[-2]}'],
    ['{"low":["a"],"high":[2]}'],
    ['{"low":[-2],"high":[2],"more":1}'],
    ['[1]'],
    ['null'],
    ['nonsense'],
  ])('metadata.actionScale %s is refused', (actionScale) => {
    const { metadata, tensors } = readSafetensors(bytes)
    const others = Object.fromEntries(Object.entries(metadata).filter(([key]) => key !== 'checksum'))
    const changed = [...tensors].map(([name, tensor]) => ({ name, ...tensor }))
    const file = writeSafetensors(changed, { ...others, actionScale })
    expect(() => loadPolicy(file)).toThrow(PolicyError)
    expect(() => loadPolicy(file)).toThrow(`policy: metadata.actionScale: ${JSON.stringify(actionScale)} is not`)
  })

  it('begins a run with scaled actions, and no other', async () => {
    const narrow = { ...pendulum, actionSpace: box(-1, 1) }
    await expect(loadPpo(bytes, { env: narrow })).rejects.toThrow(
      'policy: its actions are scaled to {"low":[-2],"high":[2]} (trained on Pendulum-v1), those of this run on ' +
        'Pendulum-v1 to {"low":[-1],"high":[1]}.',
    )
    await expect(loadPpo(bytes, { scaleActions: false })).rejects.toThrow('those of this run on Pendulum-v1 to null')
  })
})
