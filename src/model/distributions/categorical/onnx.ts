import { BATCH, type OnnxGraph } from '../../onnx'
import type { OnnxAction } from '../onnx'

const FORBIDDEN = -3e38
/** ONNX's number for the type bool. */
const BOOL = 9

/** The logits, those of forbidden choices (`mask` 0) replaced by one below all others. */
export function allowedLogits(graph: OnnxGraph, masked: boolean): string {
  if (!masked) return 'logits'
  const allowed = graph.add('Cast', ['mask'], 'allowed', { to: BOOL })
  return graph.add('Where', [allowed, 'logits', graph.constant('forbidden', [FORBIDDEN], [])], 'allowed_logits')
}

/** The index of the largest logit, the first if there are several. */
export const categoricalOnnx = (numActions: number): OnnxAction => ({
  head: () => 'logits',
  outputs(graph, { masked }) {
    graph.add('ArgMax', [allowedLogits(graph, masked)], 'action', { axis: 1, keepdims: 0 })
    return [
      { name: 'action', type: 'int64', shape: [BATCH] },
      { name: 'logits', type: 'float', shape: [BATCH, numActions] },
    ]
  },
})
