/** Stacks of frames on the CPU: order, first frames, last observations; and policies that are evaluated on them. */
import { describe, expect, test } from 'vitest'
import { evaluatePolicy } from '../../harness/policies/evaluate'
import { checkFit } from '../../harness/policies/policyfile'
import { resolveConfig } from '../../src/config/config'
import type { AnyEnvSpec, GridStorage } from '../../src/env/contract'
import { layoutNetwork, networkShape } from '../../src/model/network'
import { loadPolicy, policyFile, readPolicy } from '../../src/policy/policyfile'

import { createReferencePpo } from '../../src/reference/ppo'
import { gridEnv } from '../support/grid_env'

const SHAPE: [number, number, number] = [2, 3, 2]
const FRAMES = 3

/** Frame `f` of the stack at `offset`, as [y][x][channel]. */
const frameOf = (obs: ArrayLike<number>, offset: number, f: number): number[] =>
  Array.from({ length: 12 }, (_, i) => obs[offset + (Math.floor(i / 2) * FRAMES + f) * 2 + (i % 2)])

function rollout(env: AnyEnvSpec, iterations: number) {
  const options = { numEnvs: 3, numSteps: 8, numMinibatches: 1, hidden: [4], frameStack: FRAMES, totalTimesteps: 240 }
  const ppo = createReferencePpo(env, resolveConfig({}, options, env))
  return Array.from({ length: iterations }, () => {
    ppo.iterate()
    return structuredClone({ ...ppo.agents[0].rollout, twins: null })
  })
}

describe.each<[GridStorage, scale: number]>([
  ['f32', 1],
  ['bits', 1],
  ['bytes', 255],
])('stacks of %s', (storage, scale) => {
  const env = gridEnv(storage, SHAPE, { maxEpisodeSteps: 5 })
  const frame = (state: object): number[] => {
    const entries = new Float64Array(12)
    env.twin!.observe(state, entries, 0)
    return Array.from(entries, (x) => x / scale)
  }

  test('hold frames oldest first; a reset fills them; the last observation has only its own episode', () => {
    const first = rollout(env, 2)
    let [ends, different] = [0, 0]
    first.forEach(({ obs, finalObs, terminated, truncated, obsStride, slots }, iteration) => {
      const at = (t: number, e: number) => (t * 3 + e) * obsStride
      for (let e = 0; e < 3; e++) {
        for (let t = 0; t < 8; t++) {
          const [now, next] = [at(t, e), at(t + 1, e)]
          const older = [frameOf(obs, now, 1), frameOf(obs, now, 2)]
          const done = terminated[t * 3 + e] || truncated[t * 3 + e]
          const continued = done ? finalObs : obs
          const place = done ? now : next
          expect([0, 1].map((f) => frameOf(continued, place, f))).toEqual(older)
          if (!done) continue
          ends++
          expect([0, 1].map((f) => frameOf(obs, next, f))).toEqual(Array(2).fill(frameOf(obs, next, 2)))
          different += Number(String(frameOf(finalObs, now, 2)) !== String(frameOf(obs, next, 2)))
        }
        expect(frameOf(obs, at(8, e), 2)).toEqual(frame(slots[e].state as object))
        const begins = Array.from({ length: FRAMES }, (_, f) => frameOf(obs, at(0, e), f))
        const before = iteration === 0 ? null : first[0].obs
        if (before) expect(begins).toEqual([0, 1, 2].map((f) => frameOf(before, at(8, e), f)))
        else expect(begins).toEqual(Array(FRAMES).fill(begins[2]))
      }
    })
    expect(ends).toBeGreaterThan(4)
    expect(different).toBeGreaterThan(ends / 2)
  })

  test('evaluated policies see the same, and divide bytes themselves', () => {
    const config = resolveConfig({}, { hidden: [4], frameStack: FRAMES }, env)
    const shape = networkShape(env, config)
    const params = new Float32Array(layoutNetwork(shape).paramStride).fill(0.01)
    const policy = loadPolicy(policyFile(env, shape, params, null, null))
    const found = { file: 'x.safetensors', policy: readPolicy(policyFile(env, shape, params, null, null)) }
    expect(() => checkFit(found, env)).not.toThrow()
    const other = gridEnv(storage, [3, 2, 2])
    const told = `a categorical policy of 36 inputs (2 x 3 x 6 of ${storage}) and 3 outputs does not fit Grid-v0, which takes a`
    expect(() => checkFit(found, other)).toThrow(`${told} categorical one of 12 (3 x 2 x 2 of ${storage}) and 3.`)
    expect(() => checkFit(found, gridEnv(storage === 'bits' ? 'f32' : 'bits', SHAPE))).toThrow('does not fit Grid-v0')
    const seen: number[][] = []
    evaluatePolicy(env, policy, 2, 5, (obs) => {
      seen.push(Array.from(obs))
      return [1]
    })
    const stacks = seen.map((obs) => [0, 1, 2].map((f) => frameOf(obs, 0, f)))
    let starts = 0
    for (const [i, stack] of stacks.entries()) {
      const isStart = stack.every((own) => String(own) === String(stack[2]))
      starts += Number(isStart)
      if (!isStart) expect(stack.slice(0, 2)).toEqual(stacks[i - 1].slice(1))
    }
    expect(starts).toBe(2)
    // Weights are all 0.01 and biases too: an output is tanh of the sum of what the network sees.
    const sum = seen[3].reduce((a, b) => a + b, 0) / scale
    const hidden = Math.tanh(0.01 * sum + 0.01)
    expect(policy.outputs(seen[3])[0]).toBeCloseTo(0.01 * 4 * hidden + 0.01, 7)
    expect(() => policy.act([1, 2])).toThrow('obs: 2 numbers, but this policy takes 36: frames of 2 x 3 x 2.')
  })
})
