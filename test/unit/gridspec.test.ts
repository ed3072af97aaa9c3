/** Environments whose observation is a grid: their description, and the options that it allows. */
import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/config'
import { type AnyEnvSpec, entryName, entryNames, type GridStorage, isPacked, obsDim } from '../../src/env/contract'
import { networkShape } from '../../src/model/network'
import { environmentOf, parseEnvironment } from '../../src/policy/environment'
import { refusal } from '../support/broken'
import { gridEnv } from '../support/grid_env'

const STORAGES: GridStorage[] = ['f32', 'bits', 'bytes']
const bits = gridEnv('bits')
const withGrid = (shape: unknown, storage: unknown = 'bits'): AnyEnvSpec => ({
  ...bits,
  observation: { shape, storage } as never,
})
const withText = (spec: AnyEnvSpec, piece: string, text: string): AnyEnvSpec => {
  expect(spec.wgsl).toContain(piece)
  return { ...spec, wgsl: spec.wgsl.replaceAll(piece, text) }
}

test.each(STORAGES)('a grid of %s is right; its entries are named by their places', (storage) => {
  const spec = gridEnv(storage)
  expect(refusal(spec)).toBe('no error')
  expect(obsDim(spec)).toBe(45)
  expect(isPacked(spec)).toBe(storage !== 'f32')
  expect(entryName(spec, 0)).toBe('(0, 0, 0)')
  expect(entryName(spec, (1 * 5 + 4) * 3 + 2)).toBe('(1, 4, 2)')
  expect(new Set(entryNames(spec)).size).toBe(45)
})

test.each<[string, object, string]>([
  [
    'neither names nor a grid',
    { ...bits, observation: undefined },
    'env.observations: is missing, and so is env.observation. Give the names of the entries, such as ["x", "y"], or a grid',
  ],
  [
    'names and a grid',
    { ...bits, observations: ['x', 'y'] },
    'env.observation: is given, and so is env.observations with ["x","y"]. Give one',
  ],
  [
    'a grid of two numbers',
    withGrid([84, 84]),
    'env.observation.shape: [84,84] is not a list of three numbers. Give [',
  ],
  ['no channels', withGrid([84, 84, 0]), 'env.observation.shape[2]: the channels 0 is not a whole number, 1 or'],
  ['half a row', withGrid([0.5, 4, 1]), 'env.observation.shape[0]: the height 0.5 is not a whole number, 1 or'],
  ['a huge grid', withGrid([4096, 4096, 4]), '4096 x 4096 x 4 are 67108864 entries; at most 1048576 fit.'],
  [
    'an unknown storage',
    withGrid([3, 5, 3], 'byte'),
    'env.observation.storage: "byte" is not one of f32, bits, bytes (did you mean "bytes"?).',
  ],
  ['no storage', withGrid([3, 5, 3], null), 'env.observation.storage: null is not one of f32, bits, bytes.'],
  [
    'an unknown field',
    { ...bits, observation: { ...bits.observation, channels: 1 } },
    'env.observation.channels: a grid has no field "channels". Fields: shape, storage.',
  ],
  [
    'another size than the WGSL',
    withGrid([3, 3, 1]),
    "but the spec's observation.shape 3 x 3 x 1 has 9 entries. Write const OBS_DIM = 9u; or change observation.shape",
  ],
  [
    'bits with env_observe',
    { ...gridEnv('f32'), observation: bits.observation },
    'env_observe is not called: observation.storage is "bits", which is read by env_observe_word(state: EnvState, i: u32)',
  ],
  [
    'bits without env_observe_word',
    withText(bits, 'env_observe_word', 'own_word'),
    'fn env_observe_word is missing. Declare: fn env_observe_word(state: EnvState, i: u32) -> u32',
  ],
  [
    'floats with env_observe_word',
    { ...bits, observation: { shape: [3, 5, 3], storage: 'f32' } },
    'env_observe_word is not called: observation.storage is "f32", which is read by env_observe(state: EnvState)',
  ],
  [
    'names with env_observe_word',
    { ...bits, observation: undefined, observations: Array(45).fill('x') },
    'env_observe_word is not called: observations are a list of names, which is read by env_observe(state: EnvState)',
  ],
  [
    'words that depend on a parameter',
    {
      ...withText(bits, '+ s.mark)', '+ s.mark + u32(params.shift))'),
      params: { shift: { default: 1, min: 0, max: 9, help: 'Shifts the picture.' } },
    },
    'entry, which env_observe_word calls, reads params, which are not known where words are made. Keep what it needs in',
  ],
])('%s', (_, spec, message) => {
  expect(refusal(spec)).toContain(message)
})

describe('options', () => {
  const resolve = (spec: AnyEnvSpec, options: object) => () => resolveConfig({}, options, spec)

  test('frames are stacked of grids only, 1 to 8', () => {
    expect(resolve(bits, { frameStack: 4 })().frameStack).toBe(4)
    const vector = { ...gridEnv('f32'), observation: undefined, observations: Array(45).fill('x') }
    expect(resolve(vector, {})().frameStack).toBe(1)
    expect(resolve(vector, { frameStack: 4 })).toThrow(
      'config.frameStack: 4, but the observations of Grid-v0 are a list',
    )
    expect(resolve(bits, { frameStack: 9 })).toThrow('config.frameStack: 9')
    expect(resolve(bits, { frameStack: 1.5 })).toThrow('config.frameStack: 1.5')
  })

  test('packed or stacked observations are not normalised', () => {
    expect(resolve(gridEnv('f32'), { normObs: true })().normObs).toBe(true)
    expect(resolve(bits, { normObs: true })).toThrow('config.normObs: the observations of Grid-v0 are bits: 0 to 1')
    expect(resolve(gridEnv('f32'), { normObs: true, frameStack: 2 })).toThrow('config.normObs: the older frames of')
  })
})

test('a policy file keeps the grid, and refuses one that does not fit its network', () => {
  const shape = networkShape(bits, resolveConfig({}, { frameStack: 2 }, bits))
  const kept = environmentOf(bits)
  expect(kept).toMatchObject({ observations: null, observation: bits.observation })
  expect(parseEnvironment(JSON.stringify(kept), shape)).toEqual(kept)
  for (const observation of [{ shape: [3, 5, 4], storage: 'bits' }, { shape: [3, 5, 3], storage: 'byte' }, null]) {
    expect(() => parseEnvironment(JSON.stringify({ ...kept, observation }), shape)).toThrow('environment.observation')
  }
})
