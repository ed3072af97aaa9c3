import { describe, test } from 'vitest'
import { denseBackwardWeight } from '../../src/model/dense/dense_backward_weight'
import { partialStride } from '../../src/plan/cuts'
import { expectCaught, expectClose, expectUntouched, runKernel, unwritten } from '../support/kernel'
import { type DenseCase, denseCase, LIVE, layout, NUM_AGENTS } from './dense'
import { casesOf, checkBackwardWeight } from './layers'

// Up to 123 products of numbers below 1, each sum rounded to 6e-8 of up to 10.
const LIMIT = { atol: 5e-6, rtol: 5e-7 }

const cases: (DenseCase & { rowsPerPartial: number })[] = [
  { layer: 0, rows: 1, rowsPerPartial: 1, activation: 'identity', tileColumns: 1 }, // 3 -> 33 and 3 -> 100
  { layer: 1, rows: 123, rowsPerPartial: 50, activation: 'identity', tileColumns: 1 }, // 33 -> 100 and 100 -> 5
  { layer: 1, rows: 7, rowsPerPartial: 7, activation: 'identity', tileColumns: 1 },
  { layer: 2, rows: 65, rowsPerPartial: 32, activation: 'identity', tileColumns: 1 }, // 100 -> 5 and 5 -> 1
  { layer: 2, rows: 65, rowsPerPartial: 13, activation: 'identity', tileColumns: 1, criticOnly: true },
]

describe('dense_backward_weight', () => {
  test.each(cases)('layer $layer, $rows rows, $rowsPerPartial in a partial', async (c) => {
    const l = denseCase(c)
    const { numPartials } = l.args
    const inputs = l.fill('input', l.random)
    const dOutputs = l.fill('output', l.random)
    const partials = unwritten(NUM_AGENTS * numPartials * partialStride(layout))
    const tiles = Math.max(...l.used.map((n) => Math.ceil(l.layers[n].inStride / 8) * (l.layers[n].outStride / 4)))
    const { partials: after } = await runKernel({
      stem: 'dense_backward_weight',
      args: l.args,
      buffers: { stop: l.stop, inputs, d_outputs: dOutputs, partials },
      outputs: ['partials'],
      workgroups: [Math.ceil(tiles / 64), numPartials, NUM_AGENTS * l.used.length],
    })
    const written = new Set<number>()
    for (const n of l.used) {
      const layer = l.layers[n]
      const size = layer.outStride * (layer.inStride + 1) // the bias follows the weight
      for (const agent of LIVE) {
        const x = l.read(inputs, n, agent, 'input')
        const dY = l.read(dOutputs, n, agent, 'output')
        for (let p = 0; p < numPartials; p++) {
          const first = p * c.rowsPerPartial
          const end = Math.min(first + c.rowsPerPartial, c.rows)
          const gradient = new Float64Array(layout.paramStride)
          denseBackwardWeight(
            layer,
            dY.subarray(first * layer.outStride, end * layer.outStride),
            x.subarray(first * layer.inStride, end * layer.inStride),
            end - first,
            gradient,
          )
          const at = (agent * numPartials + p) * partialStride(layout) + layer.weight
          for (let i = 0; i < size; i++) written.add(at + i)
          const got = after.subarray(at, at + size)
          const expected = gradient.subarray(layer.weight, layer.weight + size)
          const name = `dense_backward_weight(agent ${agent}).partial ${p} of ${layer.name}`
          const limits = { ...LIMIT, dims: { 'row of W and b': layer.outStride + 1, column: layer.inStride } }
          expectClose(name, got, expected, size % layer.inStride === 0 ? limits : LIMIT)
          expectCaught(name, got, expected, LIMIT)
        }
      }
    }
    expectUntouched('dense_backward_weight.partials', after, partials, (i) => written.has(i))
  })
})

describe('dense_backward_weight, other rows', () => {
  test.each(casesOf('dense'))('%s', async (_, c) => checkBackwardWeight('dense_backward_weight', c, LIMIT))
})
