import { describe, expect, test } from 'vitest'
import { denseForward } from '../../src/model/dense/dense_forward'
import { expectCaught, expectClose, expectUntouched, runKernel, unwritten } from '../support/kernel'
import { type DenseCase, denseCase, LIVE, ofAgent, randomParameters } from './dense'
import { casesOf, checkForward } from './layers'

// Up to 100 products of numbers below 1 and a bias, each sum rounded to 6e-8 of up to 10; tanh adds 3.3e-7.
const LIMIT = { atol: 5e-6, rtol: 5e-7 }

const cases: DenseCase[] = [
  { layer: 0, rows: 1, activation: 'tanh', tileColumns: 8 }, // 3 -> 33 and 3 -> 100
  { layer: 1, rows: 123, activation: 'tanh', tileColumns: 4 }, // 33 -> 100 and 100 -> 5
  { layer: 1, rows: 7, activation: 'relu', tileColumns: 64 },
  { layer: 0, rows: 65, activation: 'silu', tileColumns: 4 },
  { layer: 1, rows: 1, activation: 'silu', tileColumns: 2 },
  { layer: 1, rows: 7, activation: 'elu', tileColumns: 2 },
  { layer: 1, rows: 123, activation: 'silu', tileColumns: 1, criticOnly: true },
  { layer: 2, rows: 65, activation: 'identity', tileColumns: 1 }, // 100 -> 5 and 5 -> 1
  { layer: 2, rows: 521, activation: 'relu', tileColumns: 1 }, // 66 tiles of rows: two workgroups
  { layer: 2, rows: 65, activation: 'identity', tileColumns: 2, criticOnly: true },
]

describe('dense_forward', () => {
  test.each(cases)('layer $layer, $rows rows, $activation, $tileColumns tiles across', async (c) => {
    const l = denseCase(c)
    const parameters = randomParameters(l.random)
    const inputs = l.fill('input', l.random)
    const outputs = unwritten(l.outputSize)
    const { outputs: after } = await runKernel({
      stem: 'dense_forward',
      args: l.args,
      buffers: { stop: l.stop, parameters, inputs, outputs },
      outputs: ['outputs'],
      workgroups: l.tiles('outWidth'),
    })
    for (const n of l.used) {
      for (const agent of LIVE) {
        const layer = l.layers[n]
        const y = new Float64Array(l.copies * c.rows * layer.outStride)
        denseForward(layer, ofAgent(parameters, agent), l.read(inputs, n, agent, 'input'), c.rows, c.activation, y)
        const got = l.read(after, n, agent, 'output')
        const name = `dense_forward(agent ${agent}).${layer.name}`
        const limits = { ...LIMIT, dims: { row: l.copies * c.rows, column: layer.outStride } }
        expectClose(name, got, y, limits)
        expectCaught(name, got, y, limits)
        // The padding of the outputs is the padding of the next layer's inputs.
        expect([...got].every((v, i) => i % layer.outStride < layer.outDim || v === 0)).toBe(true)
      }
    }
    const written = l.written('output')
    expectUntouched('dense_forward.outputs', after, outputs, (i) => written.has(i))
  })
})

describe('dense_forward, other rows', () => {
  test.each(casesOf('dense'))('%s', async (_, c) => checkForward('dense_forward', c, LIMIT))
})
