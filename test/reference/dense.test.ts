import { describe, expect, it } from 'vitest'
import { makeRng, normal } from '../../src/env/rng'
import { denseBackwardInput } from '../../src/model/dense/dense_backward_input'
import { denseBackwardWeight } from '../../src/model/dense/dense_backward_weight'
import { denseForward } from '../../src/model/dense/dense_forward'
import { type Epilogue, round4 } from '../../src/model/layer'
import { TWINS } from '../../src/model/twins'
import { FAST_TWINS } from '../../src/reference/fast/twins'
import { expectClose } from './close'

let draws = 0
const random = (rows: number, width: number): Float64Array => {
  const stride = round4(width)
  const data = new Float64Array(rows * stride)
  for (let r = 0; r < rows; r++)
    for (let k = 0; k < width; k++) data[r * stride + k] = normal(makeRng(1, draws++, 0, 0))
  return data
}

const ACTIVATE: Record<Epilogue, (z: number) => number> = {
  tanh: Math.tanh,
  relu: (z) => Math.max(0, z),
  silu: (z) => z / (1 + Math.exp(-z)),
  elu: (z) => (z > 0 ? z : Math.expm1(z)),
  identity: (z) => z,
}

const EPILOGUES = Object.keys(ACTIVATE) as Epilogue[]

const DERIVATIVE: Record<Epilogue, (z: number) => number> = {
  tanh: (z) => 1 / Math.cosh(z) ** 2,
  relu: (z) => Number(z > 0),
  silu: (z) => (1 + (1 + z) * Math.exp(-z)) / (1 + Math.exp(-z)) ** 2,
  elu: (z) => Math.exp(Math.min(z, 0)),
  identity: () => 1,
}

/** The definition on unpadded indices. */
function naive(
  rows: number,
  inDim: number,
  outDim: number,
  act: Epilogue,
  w: Float64Array,
  b: Float64Array,
  x: Float64Array,
) {
  const [n, m] = [round4(inDim), round4(outDim)]
  const f = ACTIVATE[act]
  const y = new Float64Array(rows * m)
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < outDim; o++) {
      let sum = b[o]
      for (let i = 0; i < inDim; i++) sum += x[r * n + i] * w[o * n + i]
      y[r * m + o] = f(sum)
    }
  }
  return y
}

const SIZES = [
  { rows: 1, inDim: 1, outDim: 1 },
  { rows: 3, inDim: 5, outDim: 7 },
  { rows: 4, inDim: 4, outDim: 8 },
  { rows: 65, inDim: 17, outDim: 3 },
]

describe.each(SIZES)('dense $rows x $inDim -> $outDim', ({ rows, inDim, outDim }) => {
  const [n, m] = [round4(inDim), round4(outDim)]
  const weight = 8 // not at 0: offsets must be used
  const layer = { inStride: n, outStride: m, weight, bias: weight + m * n }
  const w = random(outDim, inDim)
  const b = random(1, outDim)
  const params = new Float64Array(weight + m * n + m)
  params.set(w, weight)
  params.set(b, layer.bias)
  const x = random(rows, inDim)

  it.each(EPILOGUES)('forward %s, padding zero', (act) => {
    const size = rows * m
    const y = new Float64Array(act === 'silu' ? 2 * size : size).fill(NaN)
    denseForward(layer, params, x, rows, act, y)
    expectClose('y', y.subarray(0, size), naive(rows, inDim, outDim, act, w, b, x), 1e-14)
    if (act === 'silu') expectClose('z', y.subarray(size), naive(rows, inDim, outDim, 'identity', w, b, x), 1e-14)
  })

  it.each(EPILOGUES)('backward to the input %s', (act) => {
    const dY = random(rows, outDim)
    // The layer before had x before its activation.
    const activations = Float64Array.from([...x.map(ACTIVATE[act]), ...x])
    const dX = new Float64Array(rows * n).fill(NaN)
    denseBackwardInput(layer, params, dY, activations, rows, act, dX)
    const expected = new Float64Array(rows * n)
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < inDim; i++) {
        let sum = 0
        for (let o = 0; o < outDim; o++) sum += dY[r * m + o] * w[o * n + i]
        expected[r * n + i] = sum * DERIVATIVE[act](x[r * n + i])
      }
    }
    expectClose('dX', dX, expected, 1e-13)
  })

  it.each(EPILOGUES)('the fast baseline gives the same bits: %s', (activation) => {
    const whole = { ...layer, kind: 'dense', name: 'a', inDim, outDim, inGroup: inDim, activation } as const
    const dY = random(rows, outDim)
    const inputs = Float64Array.from([...x.map(ACTIVATE[activation]), ...x])
    const results = [TWINS, FAST_TWINS].map(({ dense }) => {
      const y = new Float64Array((activation === 'silu' ? 2 : 1) * rows * m).fill(NaN)
      const dX = new Float64Array(rows * n).fill(NaN)
      const gradient = new Float64Array(params.length).fill(1)
      dense.forward(whole, params, x, rows, y)
      dense.backwardParams(whole, params, dY, x, rows, gradient)
      dense.backwardInput(whole, params, dY, inputs, rows, activation, dX)
      return [...y, ...dX, ...gradient]
    })
    expect(results[1]).toEqual(results[0])
    expect(results[0].every(Number.isFinite)).toBe(true)
  })

  it('backward to the weight adds to what is there', () => {
    const dY = random(rows, outDim)
    const gradient = new Float64Array(params.length).fill(1)
    denseBackwardWeight(layer, dY, x, rows, gradient)
    const expected = new Float64Array(params.length).fill(1)
    for (let r = 0; r < rows; r++) {
      for (let o = 0; o < m; o++) {
        for (let i = 0; i < n; i++) expected[weight + o * n + i] += dY[r * m + o] * x[r * n + i]
        expected[layer.bias + o] += dY[r * m + o]
      }
    }
    expectClose('gradient', gradient, expected, 1e-13)
  })
})

describe('dense', () => {
  it('relu has derivative 0 at 0, and keeps NaN in sight', () => {
    const layer = { inStride: 4, outStride: 4, weight: 0, bias: 16 }
    const params = new Float64Array(20).fill(1)
    const dX = new Float64Array(4)
    denseBackwardInput(layer, params, new Float64Array(4).fill(1), new Float64Array([0, 1, 0, 2]), 1, 'relu', dX)
    expect([...dX]).toEqual([0, 4, 0, 4])
    const y = new Float64Array(4)
    denseForward(layer, params, new Float64Array([NaN, 0, 0, 0]), 1, 'relu', y)
    expect(y[0]).toBeNaN()
  })
})
