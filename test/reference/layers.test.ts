/** The twins of all kinds of layers: finite differences, padding, and the fast ones' bits. */
import { describe, expect, it, test } from 'vitest'
import type { ConvLayer } from '../../src/model/conv/layout'
import type { Epilogue } from '../../src/model/layer'
import { initOf } from '../../src/model/layerinits'
import type { Layer } from '../../src/model/layers'
import { allPieces } from '../../src/model/pieces'
import { TWINS, twinOf } from '../../src/model/twins'
import { sizeBehind } from '../../src/options/layershapes'
import { FAST_TWINS } from '../../src/reference/fast/twins'
import { expectClose } from './close'
import { activated, floatsOf, LAYERS, outputsFor, paramPlaces, placesOf, randomParams, randomRows } from './layers'

const ROWS = 3
const H = 1e-5
/** Truncation of central differences ~ H^2 times third derivatives, which are large where a layer norm meets equal inputs. */
const LIMIT = 5e-7

const BEFORE: Epilogue[] = ['identity', 'tanh', 'relu', 'silu', 'elu']

/** The sum of the outputs weighted by `by`, for inputs before an activation `act`. */
function lossOf(layer: Layer, params: Float64Array, z: Float64Array, act: Epilogue, by: Float64Array): number {
  const y = outputsFor(layer, ROWS)
  twinOf(TWINS, layer).forward(layer, params, activated(act, z), ROWS, y)
  return by.reduce((sum, weight, i) => sum + weight * y[i], 0)
}

/** dLoss/d(outputs before the layer's activation), from `by`, by finite differences on the activation alone. */
function gradientBefore(layer: Layer, params: Float64Array, x: Float64Array, by: Float64Array): Float64Array {
  const linear = { ...layer, activation: 'identity' } as Layer
  const z = new Float64Array(ROWS * layer.outStride)
  twinOf(TWINS, linear).forward(linear, params, x, ROWS, z)
  const size = z.length
  const up = activated(
    layer.activation,
    z.map((v) => v + H),
  ).subarray(0, size)
  const down = activated(
    layer.activation,
    z.map((v) => v - H),
  ).subarray(0, size)
  return by.map((weight, i) => (weight * (up[i] - down[i])) / (2 * H))
}

const central = (values: Float64Array, at: number, loss: () => number): number => {
  const kept = values[at]
  values[at] = kept + H
  const up = loss()
  values[at] = kept - H
  const down = loss()
  values[at] = kept
  return (up - down) / (2 * H)
}

describe.each(LAYERS)('%s', (_, layer) => {
  const twin = twinOf(TWINS, layer)
  const params = randomParams(layer)
  const by = randomRows(layer, 'out', ROWS)
  const size = ROWS * layer.outStride

  it('forward writes every output; padding is 0', () => {
    const y = outputsFor(layer, ROWS)
    twin.forward(layer, params, randomRows(layer, 'in', ROWS), ROWS, y)
    const places = new Set(placesOf(layer, 'out'))
    expect(places.size).toBe(layer.outDim)
    y.forEach((value, i) => {
      if (places.has(i % layer.outStride)) expect(value).not.toBeNaN()
      else expect(value).toBe(0)
    })
    expect(y.some((value) => value !== 0)).toBe(true)
  })

  it.each(BEFORE)('backward to the inputs, behind %s, by finite differences', (act) => {
    const z = randomRows(layer, 'in', ROWS)
    const x = activated(act, z)
    const dX = new Float64Array(ROWS * layer.inStride).fill(Number.NaN)
    twin.backwardInput(layer, params, gradientBefore(layer, params, x, by), x, ROWS, act, dX)
    const numeric = new Float64Array(dX.length)
    for (let r = 0; r < ROWS; r++) {
      for (const place of placesOf(layer, 'in')) {
        const at = r * layer.inStride + place
        numeric[at] = central(z, at, () => lossOf(layer, params, z, act, by))
      }
    }
    expectClose('dX', dX, numeric, LIMIT)
    expect(() =>
      expectClose(
        'dX',
        dX.map((v) => v * (1 + 1e-5)),
        numeric,
        LIMIT,
      ),
    ).toThrow('dX')
  })

  it('backward to the parameters by finite differences, added to what is there', () => {
    const x = randomRows(layer, 'in', ROWS)
    const gradient = new Float64Array(floatsOf(layer)).fill(1)
    twin.backwardParams(layer, params, gradientBefore(layer, params, x, by), x, ROWS, gradient)
    const numeric = new Float64Array(gradient.length).fill(1)
    for (const { at } of paramPlaces(layer)) {
      for (const place of at) numeric[place] += central(params, place, () => lossOf(layer, params, x, 'identity', by))
    }
    expectClose('gradient', gradient, numeric, LIMIT)
  })

  it('the fast twin gives the same bits', () => {
    const x = randomRows(layer, 'in', ROWS)
    const inputs = activated('silu', x)
    const results = [TWINS, FAST_TWINS].map((twins) => {
      const fast = twinOf(twins, layer)
      const y = outputsFor(layer, ROWS)
      const dX = new Float64Array(ROWS * layer.inStride).fill(Number.NaN)
      const gradient = new Float64Array(params.length).fill(1)
      fast.forward(layer, params, x, ROWS, y)
      fast.backwardParams(layer, params, by, x, ROWS, gradient)
      fast.backwardInput(layer, params, by, inputs, ROWS, 'silu', dX)
      return [...y, ...dX, ...gradient].map((v) => v + 0) // -0 is 0
    })
    expect(results[1]).toEqual(results[0])
    expect(results[0].every(Number.isFinite)).toBe(true)
    expect(results[0].slice(0, size).some((v) => v !== 0)).toBe(true)
  })

  it('its first weights: orthogonal with the gain, 1 and 0', () => {
    const own = new Float32Array(floatsOf(layer))
    allPieces(initOf(layer).init(layer, 0, 5, 3, own))
    const tensors = paramPlaces(layer)
    const inside = new Set(tensors.flatMap(({ at }) => at))
    expect(own.every((v, i) => inside.has(i) || v === 0)).toBe(true)
    if (tensors.length === 0) return
    const [weight, bias] = tensors.map(({ at }) => at.map((place) => own[place]))
    expect(new Set(bias)).toEqual(new Set([0]))
    if (layer.kind === 'layer_norm') expect(new Set(weight)).toEqual(new Set([1]))
    else expect(orthogonality(weight, bias.length)).toBeLessThan(1e-5)
  })
})

/** Largest deviation of W W^T, or W^T W, from 9 I, of W with `rows` rows. */
function orthogonality(weight: number[], rows: number): number {
  const columns = weight.length / rows
  const wide = rows <= columns
  const at = (v: number, k: number) => weight[wide ? v * columns + k : k * columns + v]
  let worst = 0
  for (let a = 0; a < Math.min(rows, columns); a++) {
    for (let b = 0; b < Math.min(rows, columns); b++) {
      let dot = 0
      for (let k = 0; k < Math.max(rows, columns); k++) dot += at(a, k) * at(b, k)
      worst = Math.max(worst, Math.abs(dot - (a === b ? 9 : 0)))
    }
  }
  return worst
}

describe('by hand', () => {
  test('a convolution of a map of 1 channel, and the order of its weight in files', () => {
    const layer = LAYERS.find(([name]) => name === 'conv 2, padding 1, stride 3')![1] as ConvLayer
    expect(layer.outShape).toEqual([2, 2, 1])
    const params = new Float64Array(floatsOf(layer))
    const [weight, bias] = paramPlaces(layer)
    for (const [i, v] of [2, 3, 5, 7].entries()) params[weight.at[i]] = v // [ky][kx]
    params[bias.at[0]] = 1
    const x = new Float64Array(layer.inStride)
    for (const [i, at] of placesOf(layer, 'in').entries()) x[at] = i + 1 // 1 2 3 4 / 5 6 7 8 / ...
    const y = new Float64Array(layer.outStride)
    TWINS.conv.forward({ ...layer, activation: 'identity' }, params, x, 1, y)
    // Corner: only the last weight meets 1; right: 3 and 4 meet the lower weights; and so on.
    const wanted = [1 + 7, 1 + 5 * 3 + 7 * 4, 1 + 3 * 9 + 7 * 13, 1 + 2 * 11 + 3 * 12 + 5 * 15 + 7 * 16]
    expect(placesOf(layer, 'out').map((at) => y[at])).toEqual(wanted)
  })

  test('a largest pool gives the gradient to the first of equal inputs', () => {
    const [, layer] = LAYERS.find(([name]) => name === 'max pool 2')!
    const ones = new Float64Array(layer.inStride).fill(1)
    const dX = new Float64Array(layer.inStride)
    TWINS.pool.backwardInput(layer as never, ones, new Float64Array(layer.outStride).fill(1), ones, 1, 'identity', dX)
    const places = placesOf(layer, 'in').filter((_, i) => i % 5 === 0) // of channel 0
    expect(places.map((at) => dX[at])).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  })

  test.each([
    [84, 8, 4, 0, 20],
    [20, 4, 2, 0, 9],
    [9, 3, 1, 0, 7],
    [10, 3, 1, 1, 10],
    [5, 2, 2, 0, 2],
    [3, 3, 2, 0, 1],
  ])('%i behind windows of %i, stride %i, padding %i: %i', (size, kernel, stride, padding, behind) => {
    expect(sizeBehind(size, kernel, stride, padding)).toBe(behind)
  })
})
