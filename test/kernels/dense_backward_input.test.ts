import { describe, test } from 'vitest'
import { denseBackwardInput } from '../../src/model/dense/dense_backward_input'
import type { Activation } from '../../src/options/options'
import { expectCaught, expectClose, expectUntouched, runKernel, unwritten } from '../support/kernel'
import { type DenseCase, denseCase, LIVE, ofAgent, randomParameters } from './dense'

// Up to 100 products of numbers below 1, each sum rounded to 6e-8 of up to 10.
const LIMIT = { atol: 5e-6, rtol: 5e-7 }

const cases: DenseCase[] = [
  { layer: 1, rows: 1, activation: 'tanh', tileColumns: 8 }, // 33 -> 100 and 100 -> 5
  { layer: 1, rows: 123, activation: 'tanh', tileColumns: 4 },
  { layer: 2, rows: 65, activation: 'relu', tileColumns: 1 }, // 100 -> 5 and 5 -> 1
  { layer: 2, rows: 7, activation: 'tanh', tileColumns: 64 },
  { layer: 1, rows: 123, activation: 'silu', tileColumns: 4 },
  { layer: 2, rows: 1, activation: 'silu', tileColumns: 1, criticOnly: true },
  { layer: 1, rows: 7, activation: 'elu', tileColumns: 2 },
  { layer: 1, rows: 521, activation: 'relu', tileColumns: 1, criticOnly: true },
]

describe('dense_backward_input', () => {
  test.each(cases)('layer $layer, $rows rows, $activation, $tileColumns tiles across', async (c) => {
    const l = denseCase(c)
    const parameters = randomParameters(l.random)
    // The layer before's activations: for relu half of them exactly 0, for silu -20 to 20.
    const value = {
      ...{ tanh: l.random, relu: () => Math.max(0, l.random()), silu: () => 20 * l.random() ** 3 },
      elu: l.random, // above -1
    }
    const inputs = l.fill('input', value[c.activation as Activation])
    const dOutputs = l.fill('output', l.random)
    const dInputs = unwritten(l.inputSize)
    const { d_inputs: after } = await runKernel({
      stem: 'dense_backward_input',
      args: l.args,
      buffers: { stop: l.stop, parameters, inputs, d_outputs: dOutputs, d_inputs: dInputs },
      outputs: ['d_inputs'],
      workgroups: l.tiles('inWidth'),
    })
    for (const n of l.used) {
      for (const agent of LIVE) {
        const layer = l.layers[n]
        const dX = new Float64Array(c.rows * layer.inStride)
        const dY = l.read(dOutputs, n, agent, 'output')
        const x = l.read(inputs, n, agent, 'input')
        denseBackwardInput(layer, ofAgent(parameters, agent), dY, x, c.rows, c.activation, dX)
        const got = l.read(after, n, agent, 'input', 1)
        const name = `dense_backward_input(agent ${agent}).${layer.name}`
        const limits = { ...LIMIT, dims: { row: c.rows, column: layer.inStride } }
        expectClose(name, got, dX, limits)
        expectCaught(name, got, dX, limits)
      }
    }
    const written = l.written('input', 1)
    expectUntouched('dense_backward_input.d_inputs', after, dInputs, (i) => written.has(i))
  })
})
