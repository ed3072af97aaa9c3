/** Networks as lists: their text, their checks, and the shapes of their layers. */
import { describe, expect, test } from 'vitest'
import { cartPole } from '../../envs/cartpole/spec'
import { resolveConfig } from '../../src/config/config'
import { layoutNetwork, multiplications, networkShape, tensorsOf } from '../../src/model/network'
import { shapeLayers } from '../../src/options/layershapes'
import { checkLayers, NETWORKS, networkLayers, networkText } from '../../src/options/layerspec'
import type { PpoOptions } from '../../src/options/options'
import { OPTIONS } from '../../src/options/options'
import { formatValue, parseValue } from '../../src/options/text'
import { whyNotFused } from '../../src/plan/fusedshape'

const text = (value: unknown): string => networkText('config.network', value)
const shapes = (input: number[], network: string) =>
  shapeLayers('config.network', input, networkLayers(network)!).map(({ output }) => output.join('x'))

describe('the text of a network', () => {
  test('has only the numbers that are not usual', () => {
    expect(text('conv(16, 3, 1, 0) , relu,flatten,dense( 128 ),relu')).toBe('conv(16,3),relu,flatten,dense(128),relu')
    expect(text('conv(8,3,stride=2),max_pool(2,2),avg_pool(3,1),flatten')).toBe(
      'conv(8,3,2),max_pool(2),avg_pool(3,1),flatten',
    )
    expect(text('conv(8,3,padding=1)')).toBe('conv(8,3,1,1)')
    expect(text('dense(64),layer_norm,elu')).toBe('dense(64),layer_norm,elu')
  })

  test('of a list of objects', () => {
    const layers = [{ type: 'conv', channels: 4, kernel: 2 }, { type: 'silu' }, { type: 'flatten' }]
    expect(text(layers)).toBe('conv(4,2),silu,flatten')
    expect(checkLayers('x', layers)[0]).toEqual({ type: 'conv', channels: 4, kernel: 2, stride: 1, padding: 0 })
  })

  test('names stay', () => {
    for (const name of ['mlp', 'minatar', 'nature']) expect(text(name)).toBe(name)
    for (const network of Object.values(NETWORKS)) expect(text(network)).toBe(network)
    expect(networkLayers('mlp')).toBeNull()
  })

  test('is the value of the option, on the command line and in links', () => {
    const given = 'conv(16,3),relu,flatten'
    expect(parseValue(given, OPTIONS.network)).toBe(given)
    expect(formatValue(given, OPTIONS.network)).toBe(given)
    expect(formatValue([{ type: 'dense', width: 3 }], OPTIONS.network)).toBe('dense(3)')
  })
})

test.each([
  [
    'conv(16,3),rlu',
    'layer 2, rlu: is not known (did you mean "relu"?). Layers: conv(channels,kernel,stride,padding), ',
  ],
  ['natur', 'layer 1, natur: is not known (did you mean "nature"?). Networks: mlp, minatar, nature; layers: conv('],
  ['conv(16)', 'layer 1, conv(16): has no kernel. Write conv(channels,kernel,stride,padding).'],
  [
    'conv(16,3,1,0,2)',
    'layer 1, conv(16,3,1,0,2): has a number too many, or twice. Write conv(channels,kernel,stride,padding).',
  ],
  ['conv(16,3,kernel=3)', 'layer 1, conv(16,3,kernel=3): has a number too many, or twice. Write'],
  ['dense(x)', 'layer 1, dense(x): width "x" is not a whole number from 1 to 4096.'],
  ['dense(0)', 'layer 1, dense(0): width 0 is not a whole number from 1 to 4096.'],
  ['relu(3)', 'layer 1, relu(3): has a number too many, or twice. Write relu.'],
  ['dense(8),,relu', 'layer 2, : is not a layer.'],
  ['conv(3', 'layer 1, conv(3: is not a layer.'],
  ['', 'has 0 layers. Use 1 to 32, or a name: mlp, minatar, nature.'],
  [Array.from({ length: 33 }, () => 'relu').join(','), 'has 33 layers. Use 1 to 32'],
  [
    [{ type: 'dense', width: 3, depth: 2 }],
    'layer 1, {"type":"dense","width":3,"depth":2}: has no number "depth". Write dense(width).',
  ],
  [[{ type: 'dense', width: 3.5 }], 'layer 1, {"type":"dense","width":3.5}: width 3.5 is not a whole number'],
  [[3], 'layer 1, 3: is not { type: ... }.'],
  [7, '7 is not a name (mlp, minatar, nature) or a list of layers.'],
  [null, 'null is not a name'],
])('%j is refused', (given, message) => {
  expect(() => text(given)).toThrow(`config.network: ${message}`)
})

describe('shapes', () => {
  test('as PyTorch has them', () => {
    expect(shapes([10, 10, 4], 'minatar')).toEqual(['8x8x16', '128'])
    expect(shapes([84, 84, 4], 'nature')).toEqual(['20x20x32', '9x9x64', '7x7x64', '512'])
    expect(shapes([9, 7, 3], 'conv(5,3,2,1),tanh,conv(7,2),tanh,flatten,dense(33)')).toEqual(['5x4x5', '4x3x7', '33'])
    expect(shapes([10, 9, 6], 'max_pool(3,2),layer_norm,avg_pool(2),flatten')).toEqual(['4x4x6', '4x4x6', '2x2x6'])
  })

  test('activations belong to the layer before them', () => {
    const layers = shapeLayers('x', [6, 6, 2], networkLayers('conv(3,3),flatten,relu,dense(4),layer_norm,elu')!)
    expect(layers.map(({ spec, activation }) => [spec.type, activation])).toEqual([
      ['conv', 'relu'],
      ['dense', 'identity'],
      ['layer_norm', 'elu'],
    ])
    expect(layers[1].input).toEqual([48])
  })

  test.each([
    [
      [10, 10, 4],
      'dense(64),tanh',
      'layer 1, dense(64): gets a map of 10 x 10 x 4, and takes a row. Write flatten before it: 400 numbers.',
    ],
    [[4], 'minatar', 'layer 1, conv(16,3): gets a row of 4, and takes a map of height x width x channels. Use dense.'],
    [
      [3, 5, 2],
      'conv(8,4),flatten',
      'layer 1, conv(8,4): its kernel of 4 x 4 is larger than a map of 3 x 5 x 2. Use a kernel of at most 3, or more padding.',
    ],
    [
      [3, 5, 2],
      'conv(8,6,1,1),flatten',
      'larger than a map of 3 x 5 x 2 with a padding of 1. Use a kernel of at most 5',
    ],
    [
      [4, 4, 2],
      'max_pool(5),flatten',
      'its kernel of 5 x 5 is larger than a map of 4 x 4 x 2. Use a kernel of at most 4.',
    ],
    [[4, 4, 2], 'conv(8,2,1,2),flatten', 'a padding of 2 is not below its kernel, 2. Use at most 1.'],
    [[4, 4, 2], 'conv(8,2),relu', 'ends with a map of 3 x 3 x 8, and the outputs need a row. Add flatten at the end.'],
    [[4], 'relu,dense(3)', 'layer 1, relu: has no layer before it.'],
    [[4], 'dense(3),relu,tanh', 'layer 3, tanh: follows relu. Use one activation behind a layer.'],
    [[4, 4, 2], 'flatten,flatten', 'layer 2, flatten: there is a flatten before it already.'],
  ])('%j with %s is refused', (input, network, message) => {
    expect(() => shapes(input, network)).toThrow(message)
  })
})

describe('in a configuration', () => {
  const config = (options: PpoOptions) => resolveConfig(undefined, options, cartPole)

  test('a list is text', () => {
    expect(config({ network: [{ type: 'dense', width: 8 }, { type: 'silu' }] }).network).toBe('dense(8),silu')
    expect(config({}).network).toBe('mlp')
  })

  test('of dense layers has the places of a perceptron', () => {
    const list = layoutNetwork(networkShape(cartPole, config({ network: 'dense(64),tanh,dense(64),tanh' })))
    const mlp = layoutNetwork(networkShape(cartPole, config({})))
    expect(tensorsOf(list)).toEqual(tensorsOf(mlp))
    expect(list.networks).toEqual(mlp.networks)
    const shared = { network: 'dense(6),relu,dense(5),relu', sharedTrunk: true }
    expect(layoutNetwork(networkShape(cartPole, config(shared))).layers.map(({ name }) => name)).toEqual([
      ...['trunk.0', 'trunk.1', 'actor.0', 'critic.0'],
    ])
  })

  test('must take what the environment shows', () => {
    expect(() => config({ network: 'minatar' })).toThrow('config.network: layer 1, conv(16,3): gets a row of 4,')
  })

  test('runs fused with one activation for all layers, and with that one', () => {
    const adapter = { software: true, quads: 4 }
    const shapeOf = (network: string) => networkShape(cartPole, config({ network }))
    const why = (network: string) => whyNotFused(layoutNetwork(shapeOf(network)), adapter)
    expect(shapeOf('dense(8),relu,dense(8),relu').activation).toBe('relu')
    expect(why('dense(8),relu,dense(8),relu')).toBeNull()
    expect(why('dense(8),relu,dense(8),tanh')).toBe('layers with other activations than relu, or none')
    expect(why('dense(8),dense(8),tanh')).toBe('layers with other activations than tanh, or none')
    expect(why('dense(8),layer_norm,relu')).toBe('layer norm')
  })

  test('without a layer has nothing to share', () => {
    expect(
      layoutNetwork(networkShape(cartPole, config({ network: 'flatten' }))).layers.map(({ name }) => name),
    ).toEqual(['actor.0', 'critic.0'])
    expect(() => config({ network: 'flatten', sharedTrunk: true })).toThrow(
      'config.sharedTrunk: flatten has no layer to share.',
    )
  })

  test('on a map counts only layers with weights; behind a map dense layers know its channels', () => {
    const network = 'conv(5,3),relu,max_pool(2),layer_norm,flatten,dense(7),elu'
    const observation = { shape: [10, 8, 3] as [number, number, number], storage: 'bits' as const }
    const env = { ...cartPole, observations: undefined, observation }
    const { actor, numParams } = layoutNetwork(networkShape(env, resolveConfig(undefined, { network }, env)))
    expect(actor.map(({ name, inDim, outDim }) => [name, inDim, outDim])).toEqual([
      ['actor.0', 240, 240],
      ['actor.pool_1', 240, 60],
      ['actor.1', 60, 60],
      ['actor.2', 60, 7],
      ['actor.3', 7, 2],
    ])
    expect(actor.map(({ inStride, outStride }) => [inStride, outStride])).toEqual([
      ...[
        [240, 384],
        [384, 96],
        [96, 96],
        [96, 8],
        [8, 4],
      ],
    ])
    // 8 x 6 pixels of 5 channels, each of 3 x 3 x 3 numbers; then 60 x 7 and the head.
    expect(multiplications(actor)).toBe(8 * 6 * 5 * 27 + 60 * 7 + 7 * 2)
    expect(numParams).toBe(2 * (5 * 3 * 9 + 5 + 5 + 5 + 60 * 7 + 7) + 8 * 2 + 8)
  })

  test.each([
    [{ hidden: [32] }, 'config.hidden: [32] is for network mlp, and network is dense(8), which names its own layers.'],
    [{ criticHidden: [32] }, 'config.criticHidden: [32] is for network mlp'],
    [{ activation: 'relu' as const }, 'config.activation: "relu" is for network mlp'],
  ])('%j beside it has no meaning', (options, message) => {
    expect(() => config({ network: 'dense(8)', ...options })).toThrow(message)
  })
})
