/** Layers of all kinds at awkward sizes, and rows for them. Their own activations are smooth, for finite differences. */
import { makeRng, normal } from '../../src/env/rng'
import { convFloats, convSizes } from '../../src/model/conv/layout'
import { denseSizes, weightFloats } from '../../src/model/dense/layout'
import { type Epilogue, hiddenMap, observedMap, outputCopies, round4 } from '../../src/model/layer'
import { layerNormFloats, layerNormSizes, rowNormSizes } from '../../src/model/layer_norm/layout'
import { kindOf, type Layer } from '../../src/model/layers'
import { poolSizes } from '../../src/model/pool/layout'

/** Offsets are not at 0. */
const FIRST = 8

const convolution = (...of: Parameters<typeof convSizes>): Layer => {
  const sizes = convSizes(...of)
  return { ...sizes, weight: FIRST, bias: FIRST + convFloats(sizes).weight }
}
const normalisation = (sizes: ReturnType<typeof layerNormSizes>): Layer => {
  return { ...sizes, weight: FIRST, bias: FIRST + layerNormFloats(sizes) }
}
const denseBehind = (...of: Parameters<typeof denseSizes>): Layer => {
  const sizes = denseSizes(...of)
  return { ...sizes, weight: FIRST, bias: FIRST + weightFloats(sizes) }
}

const conv = (channels: number, kernel: number, stride: number, padding: number) => {
  return { channels, kernel, stride, padding }
}

export const LAYERS: [string, Layer][] = [
  ['conv 3, hidden', convolution('a', hiddenMap([5, 6, 5]), conv(7, 3, 1, 0), 'tanh')],
  ['conv 3, padded, stride 2, observation', convolution('a', observedMap([6, 5, 3]), conv(5, 3, 2, 1), 'elu')],
  ['conv 1', convolution('a', hiddenMap([2, 3, 4]), conv(4, 1, 1, 0), 'silu')],
  ['conv 2, padding 1, stride 3', convolution('a', hiddenMap([4, 4, 1]), conv(1, 2, 3, 1), 'elu')],
  ['conv 5, padding 2, larger than its map', convolution('a', hiddenMap([1, 2, 2]), conv(3, 5, 1, 2), 'identity')],
  ['max pool 2', poolSizes('a', hiddenMap([5, 4, 5]), { op: 'max', kernel: 2, stride: 2 }, 'identity')],
  ['max pool 3, overlapping', poolSizes('a', observedMap([6, 5, 3]), { op: 'max', kernel: 3, stride: 1 }, 'silu')],
  ['avg pool 2', poolSizes('a', hiddenMap([5, 4, 7]), { op: 'avg', kernel: 2, stride: 2 }, 'tanh')],
  ['avg pool 3, overlapping', poolSizes('a', hiddenMap([5, 4, 4]), { op: 'avg', kernel: 3, stride: 2 }, 'elu')],
  ['layer norm, row', normalisation(rowNormSizes('a', 7, 'elu'))],
  ['layer norm, flattened map', normalisation(rowNormSizes('a', 6 * 5, 'tanh', 5))],
  ['layer norm, map', normalisation(layerNormSizes('a', hiddenMap([2, 3, 5]), 'silu'))],
  ['layer norm, observation', normalisation(layerNormSizes('a', observedMap([2, 3, 5]), 'identity'))],
  ['dense, observation', denseBehind('a', 37, 5, 'elu')],
  ['dense, behind a map', denseBehind('a', 2 * 3 * 5, 7, 'tanh', 5)],
]

let draws = 0
const gauss = (): number => normal(makeRng(3, draws++, 0, 0))

/** Floats of a layer's parameters, padding included. */
export const floatsOf = (layer: Layer): number =>
  round4(1 + Math.max(FIRST - 1, ...paramPlaces(layer).flatMap(({ at }) => at)))

/** The places of the numbers of a row of inputs or outputs: without those of the padding. */
export function placesOf(layer: Layer, side: 'in' | 'out'): number[] {
  const [group, stride] = groupOf(layer, side)
  return Array.from({ length: layer[`${side}Dim`] }, (_, i) => Math.floor(i / group) * stride + (i % group))
}

/** Numbers that lie side by side, and floats from one such group to the next. */
function groupOf(layer: Layer, side: 'in' | 'out'): [number, number] {
  const padded = (group: number): [number, number] => [group, round4(group)]
  if (layer.kind === 'dense') return padded(side === 'in' ? layer.inGroup : layer.outDim)
  if (layer.kind === 'layer_norm') {
    const { group, width, inPixelStride } = layer
    return side === 'in' && group === width ? [group, inPixelStride] : padded(group)
  }
  return side === 'in' ? [layer.inShape[2], layer.inPixelStride] : padded(layer.outShape[2])
}

/** Random rows, padding 0. */
export function randomRows(layer: Layer, side: 'in' | 'out', rows: number, draw = gauss): Float64Array {
  const stride = layer[`${side}Stride`]
  const data = new Float64Array(rows * stride)
  const places = placesOf(layer, side)
  for (let r = 0; r < rows; r++) for (const at of places) data[r * stride + at] = draw()
  return data
}

/** The places of a layer's parameters, those of the padding left out: tensor by tensor, as in files. */
export function paramPlaces(layer: Layer): { name: string; at: number[] }[] {
  return kindOf(layer)
    .tensors(layer)
    .map(({ name, shape, offset, view = shape, strides }) => {
      let at = [offset]
      view.forEach((n, axis) => {
        at = at.flatMap((place) => Array.from({ length: n }, (_, i) => place + i * strides[axis]))
      })
      return { name, at }
    })
}

export function randomParams(layer: Layer, draw = gauss): Float64Array {
  const params = new Float64Array(floatsOf(layer))
  for (const { at } of paramPlaces(layer)) for (const place of at) params[place] = draw()
  return params
}

/** Room for outputs, filled with NaN. */
export const outputsFor = (layer: Layer, rows: number): Float64Array =>
  new Float64Array(rows * layer.outStride * outputCopies(layer)).fill(Number.NaN)

/** What `act` makes of `z`, as a layer stores it: for silu `z` follows. */
export function activated(act: Epilogue, z: Float64Array): Float64Array {
  const f: Record<Epilogue, (z: number) => number> = {
    ...{ identity: (v) => v, tanh: Math.tanh, relu: (v) => Math.max(0, v), elu: (v) => (v > 0 ? v : Math.expm1(v)) },
    silu: (v) => v / (1 + Math.exp(-v)),
  }
  return act === 'silu' ? Float64Array.from([...z.map(f.silu), ...z]) : z.map(f[act])
}
