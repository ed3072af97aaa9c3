import { BATCH } from '../../onnx'
import { allowedLogits } from '../categorical/onnx'
import type { OnnxAction } from '../onnx'

/** The index of the largest logit of each part, the first if there are several. */
export const multiDiscreteOnnx = (nvec: readonly number[]): OnnxAction => ({
  head: () => 'logits',
  outputs(graph, { masked }) {
    const logits = allowedLogits(graph, masked)
    const axes = graph.integers('axes', [1])
    let first = 0
    const taken = nvec.map((n, part) => {
      const starts = graph.integers(`part_${part}_first`, [first])
      const ends = graph.integers(`part_${part}_end`, [(first += n)])
      const own = graph.add('Slice', [logits, starts, ends, axes], `part_${part}`)
      return graph.add('ArgMax', [own], `part_${part}_action`, { axis: 1, keepdims: 1 })
    })
    graph.add('Concat', taken, 'action', { axis: 1 })
    return [
      { name: 'action', type: 'int64', shape: [BATCH, nvec.length] },
      { name: 'logits', type: 'float', shape: [BATCH, first] },
    ]
  },
})
