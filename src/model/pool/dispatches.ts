/** The dispatches of pooling layers in the layered plan. */
import { ACTIVATIONS } from '../activations'
import { itemGroups } from '../items'
import { type BackwardPass, type Epilogue, type LayerKernels, type LayerPass, type PlacedLayer, round4 } from '../layer'
import type { PoolLayer } from './layout'

type Placed = PlacedLayer<PoolLayer>
type Pass = Omit<LayerPass<string>, 'inputs' | 'storage' | 'outputs'>

const STEMS = ['pool_forward', 'pool_backward'] as const

export const poolKernels: LayerKernels<PoolLayer, (typeof STEMS)[number]> = {
  stems: STEMS,
  readers: ['pool_forward'],
  overrides: (threads) => ({ POOL_THREADS: threads }),
  pixelsOf: ({ inShape, inPixelStride }) => ({
    ...{ pixels: inShape[0] * inShape[1], channels: inShape[2], pixelStride: inPixelStride },
  }),

  forward(pass, layers) {
    const bind = { inputs: pass.inputs, outputs: pass.outputs }
    return layers.map((placed) => {
      const { layer } = placed
      const args = poolArgs(pass, placed, layer.activation)
      const workgroups = itemGroups((pass.rows * layer.outStride) / 4, pass.threads, pass.numAgents)
      return { stem: 'pool_forward', args, workgroups, bind, flops: flopsOf(pass, layer) }
    })
  },

  backward<B extends string>(pass: BackwardPass<B>, layers: Placed[]) {
    const { inputs, dOutputs, dInputs } = pass
    if (dInputs === null) return []
    const bind: Record<string, B> = { inputs, d_outputs: dOutputs, d_inputs: dInputs }
    return layers.map((placed) => {
      const { layer, inputActivation } = placed
      const args = poolArgs(pass, placed, inputActivation)
      const workgroups = itemGroups((pass.rows * layer.inStride) / 4, pass.threads, pass.numAgents)
      return { stem: 'pool_backward' as const, args, workgroups, bind, flops: flopsOf(pass, layer) }
    })
  },
}

/** `PoolArgs` of args.wgsl. */
function poolArgs({ rows, gate, stopStride }: Pass, placed: Placed, activation: Epilogue) {
  const { layer, inputActivation: _, ...place } = placed
  const { inShape, outShape, kernel, stride, op } = layer
  return {
    ...{ rows, gate, stopStride, height: inShape[0], width: inShape[1], vecs: round4(inShape[2]) / 4 },
    ...{ outHeight: outShape[0], outWidth: outShape[1], kernel, stride, mean: Number(op === 'avg') },
    ...{ ...place, activation: ACTIVATIONS[activation] },
  }
}

const flopsOf = ({ rows, numAgents }: Pass, { outStride, kernel }: PoolLayer): number =>
  rows * outStride * kernel * kernel * numAgents
