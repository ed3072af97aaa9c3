/** Each kind of layer in an exported model, run by onnxruntime, against its twin. */
import * as ort from 'onnxruntime-web'
import { describe, expect, it } from 'vitest'
import { writeModel } from '../../harness/onnx/model'
import { onnxOf } from '../../src/model/layeronnx'
import { BATCH, OnnxGraph } from '../../src/model/onnx'
import { TWINS, twinOf } from '../../src/model/twins'
import { LAYERS, outputsFor, paramPlaces, placesOf, randomParams, randomRows } from '../reference/layers'

ort.env.wasm.numThreads = 1

const ROWS = 5
/** float32 sums of up to 50 products of normal numbers; a layer norm may meet small deviations. */
const LIMIT = 1e-4

describe.each(LAYERS)('%s', (_, layer) => {
  it('onnxruntime computes what its twin does, rows in the order height, width, channels', async () => {
    const params = randomParams(layer)
    const x = randomRows(layer, 'in', ROWS)
    const y = outputsFor(layer, ROWS)
    twinOf(TWINS, layer).forward(layer, params, x, ROWS, y)

    const tensors = new Map(paramPlaces(layer).map(({ name, at }) => [name, at.map((place) => params[place])]))
    const graph = new OnnxGraph()
    onnxOf(layer)(graph, layer, 'x', 'y', (name) => tensors.get(name)!)
    const { constants, nodes } = graph
    const value = (name: string, width: number) => ({ name, type: 'float' as const, shape: [BATCH, width] })
    const about = { name: 'layer', description: '', producerVersion: '1', metadata: {} }
    const io = { inputs: [value('x', layer.inDim)], outputs: [value('y', layer.outDim)] }
    const session = await ort.InferenceSession.create(writeModel({ ...about, ...io, constants, nodes }))
    const unpadded = (rows: Float64Array, side: 'in' | 'out') =>
      Float32Array.from({ length: ROWS * layer[`${side}Dim`] }, (_x, i) => {
        const row = Math.floor(i / layer[`${side}Dim`])
        return rows[row * layer[`${side}Stride`] + placesOf(layer, side)[i % layer[`${side}Dim`]]]
      })
    const feeds = { x: new ort.Tensor('float32', unpadded(x, 'in'), [ROWS, layer.inDim]) }
    const got = (await session.run(feeds)).y
    expect(got.dims).toEqual([ROWS, layer.outDim])
    const wanted = unpadded(y, 'out')
    const worst = wanted.reduce(
      (most, w, i) => Math.max(most, Math.abs((got.data[i] as number) - w) / (1 + Math.abs(w))),
      0,
    )
    expect(worst).toBeLessThan(LIMIT)
    expect(new Set(wanted).size).toBeGreaterThan(1)
  })
})
