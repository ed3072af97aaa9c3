/** What runs on grids need: their buffers, their kernels, and what would fit where they do not. */
import { describe, expect, test } from 'vitest'
import { type PpoOptions, resolveConfig } from '../../src/config/config'
import type { AnyEnvSpec, GridSpace, GridStorage } from '../../src/env/contract'
import { gridWords } from '../../src/env/grid'
import { layoutNetwork, networkShape } from '../../src/model/network'
import { type Adapter, ORDINARY_LIMITS } from '../../src/plan/adapterclass'
import { choosePlan } from '../../src/plan/choice'
import { stemsOf } from '../../src/plan/kernels'
import { planToFit } from '../../src/run/limits'
import { needsOf } from '../../src/run/needs'
import { gridEnv } from '../support/grid_env'

const ADAPTER: Adapter = { software: false, quads: 0, limits: ORDINARY_LIMITS }
const breakout = gridEnv('bits', [10, 10, 4])

function plan(spec: AnyEnvSpec, options: PpoOptions) {
  const config = resolveConfig({}, { totalTimesteps: 2 ** 30, ...options }, spec)
  return planToFit(ADAPTER, { spec, config, shape: networkShape(spec, config), iterationsPerSubmit: 'auto' })
}
const refusal = (spec: AnyEnvSpec, options: PpoOptions): string => {
  try {
    plan(spec, options)
  } catch (error) {
    expect(error).toMatchObject({ name: 'ConfigError' })
    return (error as Error).message
  }
  return 'no error'
}
const LARGE = { numEnvs: 4096, numSteps: 128, numMinibatches: 16 }

describe('4096 environments x 128 steps of 400 bits', () => {
  test('fit the ordinary binding of 128 MiB, in 16 words each', () => {
    expect(gridWords(breakout)).toMatchObject({ frameWords: 13, stackWords: 16 })
    const { buffers, layout } = plan(breakout, LARGE)
    expect(buffers.get('observations')).toBe(4 * 16 * 129 * 4096)
    expect(buffers.get('final_observations')).toBe(4 * 16 * 128 * 4096)
    expect(buffers.get('minibatch_observations')).toBe((4 * 16 * 128 * 4096) / 16)
    expect(buffers.get('final_states')).toBe(12 * 4096)
    expect(buffers.has('frames')).toBe(false)
    // Nothing of an observation is in the records.
    expect(buffers.get('final_obs')).toBe(0)
    expect(buffers.get('transitions')! / (129 * 4096)).toBeLessThan(80)
    for (const [name, bytes] of buffers) expect(bytes, name).toBeLessThanOrEqual(2 ** 27)
    expect(layout.shape.observation).toEqual({ shape: [10, 10, 4], storage: 'bits' })
  })

  test('also as stacks of 4 frames, whose latest ones are kept between iterations', () => {
    const { buffers } = plan(breakout, { ...LARGE, frameStack: 4 })
    expect(buffers.get('observations')).toBe(4 * 52 * 129 * 4096)
    expect(buffers.get('frames')).toBe(4 * 52 * 4096)
  })

  test('as floats they do not, and the error says what would', () => {
    const message = refusal(gridEnv('f32', [10, 10, 4]), { ...LARGE, plan: 'layered' })
    expect(message).toContain(`the buffer transitions needs ${4 * (400 + 12) * 129 * 4096} bytes`)
    expect(message).toContain("the adapter's maxStorageBufferBindingSize is 134217728")
    expect(message).toContain('observations 10 x 10 x 4 of f32 with frameStack 1')
    expect(message).toMatch(/Use numEnvs at most \d+, or numSteps at most \d+/)
  })
})

test('frames that do not fit: a lower frameStack is among what would', () => {
  const screen = gridEnv('bytes', [84, 84, 1])
  const options: PpoOptions = { numEnvs: 16, numSteps: 1024, numMinibatches: 16, hidden: [8] }
  const message = refusal(screen, { ...options, frameStack: 4 })
  expect(message).toContain('the buffer observations needs')
  const fits = Number(/frameStack at most (\d)/.exec(message)![1])
  expect(refusal(screen, { ...options, frameStack: fits })).toBe('no error')
  expect(refusal(screen, { ...options, frameStack: fits + 1 })).not.toBe('no error')
})

describe('the plan', () => {
  const minatar = { network: 'minatar' }
  const said = (spec: AnyEnvSpec, options: PpoOptions) => {
    const { plan: chosen, planReason } = plan(spec, options)
    return [chosen, planReason]
  }

  test('of small networks on packed observations is fused, on hardware and up to 1,024 environments, or layered', () => {
    const grid = 'rollout in one dispatch, updates layer by layer'
    expect(said(breakout, minatar)).toEqual(['fused', `a few dispatches instead of hundreds: ${grid}`])
    expect(said(breakout, { ...minatar, plan: 'fused' })).toEqual(['fused', `asked for: ${grid}`])
    expect(said(breakout, {})[0]).toBe('fused') // a perceptron on bits
    const few = (numEnvs: number) => {
      const config = resolveConfig({}, { ...minatar, numEnvs }, breakout)
      const swiftshader: Adapter = { software: true, quads: 1, limits: ORDINARY_LIMITS }
      const { form, planReason } = choosePlan(config, layoutNetwork(networkShape(breakout, config)), swiftshader)
      return [form, planReason]
    }
    expect(few(4)).toEqual(['grid', `faster for up to 4 environments on SwiftShader: ${grid}`])
    expect(few(5)).toEqual(['layers', 'faster for more than 4 environments on SwiftShader'])
    expect(said(breakout, { ...minatar, numEnvs: 1025, numSteps: 16 })[0]).toBe('layered')
    // Of one workgroup's 16 KiB 6,152 bytes are of an environment: one each on hardware, or two.
    expect(plan(breakout, { ...minatar, numEnvs: 64, numSteps: 16 }).grid).toEqual({
      rows: 1,
      actSize: 384,
      threads: 128,
    })
    expect(plan(breakout, { ...minatar, numEnvs: 512, numSteps: 16 }).grid).toEqual({
      rows: 2,
      actSize: 768,
      threads: 128,
    })
  })

  test.each<[GridStorage, GridSpace['shape'], PpoOptions, string]>([
    [
      'bytes',
      [84, 84, 1],
      { network: 'nature', frameStack: 4 },
      'an environment needs 164104 bytes of workgroup memory, of 16384, for 84 x 84 x 4, 20 x 20 x 32, 9 x 9 x 64, 7 x 7 x 64, 512, 3',
    ],
    ['bits', [10, 10, 4], { network: 'conv(4,3),layer_norm,flatten' }, 'the layer norm actor.1'],
    [
      'bits',
      [10, 10, 4],
      { ...minatar, normReward: true },
      'normReward needs a ninth storage buffer in the rollout, of 8',
    ],
    ['bits', [10, 10, 4], { hidden: Array(8).fill(4) }, '9 layers are more than 8'],
    ['f32', [10, 10, 4], minatar, 'convolutions'],
  ])('of %s %j, %j is layered, and says why', (storage, shape, options, why) => {
    const env = gridEnv(storage, shape)
    const sizes = { numEnvs: 4, numSteps: 16, ...options }
    expect(said(env, sizes)).toEqual(['layered', `fused cannot: ${why}`])
    expect(refusal(env, { ...sizes, plan: 'fused' })).toBe(
      `config.plan: the fused plan cannot take this network: ${why}. Use plan auto or layered.`,
    )
  })

  test('of floats is layered for stacks, and says why', () => {
    const floats = gridEnv('f32', [3, 5, 3])
    expect(plan(floats, { hidden: [8] }).plan).toBe('fused')
    expect(plan(floats, { hidden: [8], frameStack: 2 }).planReason).toBe('fused cannot: stacked frames')
  })

  test.each([
    ['bits', 1, ['observe_words', 'gather_words']],
    ['bytes', 3, ['observe_words', 'gather_words', 'copy_frames']],
    ['f32', 3, ['copy_frames']],
    ['f32', 1, []],
  ] as const)('%s, %i frames: its kernels, each with at most 8 storage buffers', (storage, frameStack, own) => {
    const planned = plan(gridEnv(storage), { frameStack, normReward: true, plan: 'layered' })
    const all = ['observe_words', 'gather_words', 'copy_frames']
    expect(stemsOf(planned.wanted).filter((stem) => all.includes(stem))).toEqual(own)
    for (const { stem, storageBuffers } of needsOf(planned, ADAPTER).kernels) {
      expect(storageBuffers, stem).toBeLessThanOrEqual(8)
    }
  })
})
