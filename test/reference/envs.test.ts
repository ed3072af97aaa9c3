import { describe, expect, it } from 'vitest'
import { makeRng, STREAM, uniform } from '../../src/env/rng'
import { episodeStats } from '../../src/reference/episode_stats'
import { FAULT } from '../../src/reference/faults'
import { health } from '../../src/reference/health'
import { observeEnvs } from '../../src/reference/observe_envs'
import { replayEnvs } from '../../src/reference/replay_envs'
import { resetEnv, resetEnvs } from '../../src/reference/reset_envs'
import { stepEnvs } from '../../src/reference/step_envs'
import { countEnv, pointEnv } from './testenv'

const outputs = (numEnvs: number, stride: number) => ({
  rewards: new Float64Array(numEnvs).fill(NaN),
  terminated: new Uint8Array(numEnvs).fill(9),
  faults: new Uint8Array(numEnvs).fill(9),
  truncated: new Uint8Array(numEnvs).fill(9),
  finalObs: new Float64Array(numEnvs * stride).fill(NaN),
  nextObs: new Float64Array(numEnvs * stride).fill(NaN),
})

describe('step_envs', () => {
  it.each([
    { terminateAt: 3, limit: 9, terminated: 1, truncated: 0 },
    { terminateAt: 9, limit: 3, terminated: 0, truncated: 1 },
    { terminateAt: 3, limit: 3, terminated: 1, truncated: 1 },
  ])('terminates at $terminateAt, limit $limit: flags, final observation, same-step reset', (c) => {
    const spec = countEnv(c.terminateAt, c.limit)
    const slots = resetEnvs(spec, 5, 2)
    expect(slots[1].state.start).toBe(uniform(makeRng(5, 0, STREAM.ENV_RESET, 1)))
    const start = slots[1].state.start
    const out = outputs(2, 4)
    for (let step = 0; step < 3; step++) {
      expect(slots[1].state.count).toBe(step)
      stepEnvs(spec, slots, 5, step, new Float64Array(2), 1, 4, out)
      const end = step === 2
      expect([out.rewards[1], out.terminated[1], out.truncated[1]]).toEqual([
        step + 1,
        end ? c.terminated : 0,
        end ? c.truncated : 0,
      ])
    }
    expect([...out.finalObs.slice(4, 6)]).toEqual([start, 3])
    expect([...out.nextObs.slice(4, 6)]).toEqual([uniform(makeRng(5, 3, STREAM.ENV_RESET, 1)), 0])
    expect(slots[1].state).toEqual(resetEnv(spec, 5, 3, 1).state)
    expect(episodeStats(slots.map((slot) => slot.episode))).toMatchObject({ episodes: 2, returnMean: 6, lengthMean: 3 })
  })

  it('clips what a box environment sees, and only that', () => {
    const spec = pointEnv([-1, -2], [1, 2])
    const slots = resetEnvs(spec, 1, 1)
    const actions = Float64Array.from([7, -9, 0, 0])
    stepEnvs(spec, slots, 1, 0, actions, 4, 4, outputs(1, 4))
    expect(slots[0].state.seen).toBe(2)
    expect([...actions]).toEqual([7, -9, 0, 0])
  })

  it('observe_envs writes rows at their stride', () => {
    const slots = resetEnvs(countEnv(3, 3), 1, 2)
    const obs = new Float64Array(12).fill(-1)
    observeEnvs(countEnv(3, 3), slots, obs, 4, 4)
    expect([obs[3], obs[4], obs[5], obs[7], obs[8]]).toEqual([-1, slots[0].state.start, 0, -1, slots[1].state.start])
  })

  it('replay_envs: one step, no limit, no reset, no clipping', () => {
    const counted = replayEnvs(countEnv(3, 1), [{ start: 0.5, count: 2 }], [[0]], 1)
    expect(counted).toMatchObject({ rewards: Float64Array.of(3), terminated: Uint8Array.of(1) })
    expect([...counted.nextObs]).toEqual([0.5, 3, 0])
    const states = [{ x: 0, seen: 0 }]
    replayEnvs(pointEnv([-1], [1]), states, [[5]], 1)
    expect(states[0].seen).toBe(5)
  })
})

describe('episode_stats', () => {
  it('merges environments and clears what it read; running episodes stay', () => {
    const slots = resetEnvs(countEnv(2, 9), 1, 3)
    const out = outputs(3, 4)
    for (let step = 0; step < 5; step++) stepEnvs(countEnv(2, 9), slots, 1, step, new Float64Array(3), 1, 4, out)
    const stats = episodeStats(slots.map((slot) => slot.episode))
    expect(stats).toMatchObject({ episodes: 6, returnSum: 18, returnMin: 3, returnMax: 3, returnStd: 0, lengthMax: 2 })
    expect(slots[0].episode).toMatchObject({ episodicReturn: 1, episodicLength: 1, count: 0 })
    expect(episodeStats(slots.map((slot) => slot.episode))).toMatchObject({
      episodes: 0,
      returnMean: null,
      lengthStd: null,
    })
  })
})

describe('health', () => {
  const rollout = () => ({
    numSteps: 2,
    numEnvs: 2,
    obsDim: 3,
    actionDim: 2,
    obs: new Float32Array(24),
    obsStride: 4,
    logits: new Float32Array(16),
    outStride: 4,
    actions: new Float32Array(4),
    actionStride: 1,
    actionCount: 1,
    logprobs: new Float32Array(4),
    values: new Float32Array(6),
    terminated: new Uint8Array(4),
    faults: new Uint8Array(4),
    masks: null,
    parts: [],
    truncated: new Uint8Array(4),
    rewards: new Float32Array(4),
    finalObs: new Float32Array(16),
    advantages: new Float32Array(4),
    returns: new Float32Array(4),
  })

  it('finds the earliest step, then the lowest environment, then the first buffer', () => {
    const inputs = rollout()
    expect(health(inputs)).toBeNull()
    inputs.obs[15] = NaN // padding
    expect(health(inputs)).toBeNull()
    inputs.obs[12] = Infinity
    expect(health(inputs)).toEqual({ buffer: 'obs', step: 1, env: 1 })
    inputs.rewards[1] = -Infinity
    expect(health(inputs)).toEqual({ buffer: 'rewards', step: 0, env: 1 })
    inputs.values[1] = NaN
    expect(health(inputs)).toEqual({ buffer: 'values', step: 0, env: 1 })
    inputs.logits[5] = NaN
    expect(health(inputs)).toEqual({ buffer: 'logits', step: 0, env: 1 })
  })

  it('looks behind the last step, at the end of episodes, and last at the latest advantage', () => {
    const inputs = rollout()
    inputs.advantages[1] = NaN
    inputs.returns[2] = Infinity
    expect(health(inputs)).toEqual({ buffer: 'advantages', step: 1, env: 0 })
    inputs.values[5] = NaN
    expect(health(inputs)).toEqual({ buffer: 'values', step: 2, env: 1 })
    inputs.obs[20] = 1e39 // more than f32 can hold
    expect(health({ ...inputs, obs: Float64Array.from(inputs.obs) })).toEqual({ buffer: 'obs', step: 2, env: 1 })
    inputs.finalObs[12] = NaN
    expect(health(inputs)).toEqual({ buffer: 'obs', step: 2, env: 1 }) // no episode ended there
    inputs.truncated[3] = 1
    expect(health(inputs)).toEqual({ buffer: 'finalObs', step: 1, env: 1 })
    inputs.faults[2] = FAULT.stateNotFinite | FAULT.standsStill
    expect(health(inputs)).toEqual({ buffer: 'states', step: 1, env: 0 })
  })
})
