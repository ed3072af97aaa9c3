/** The dispatches of layer normalisations in the layered plan. */
import { ACTIVATIONS } from '../activations'
import { itemGroups } from '../items'
import type { BackwardPass, Epilogue, LayerKernels, LayerPass, PlacedLayer } from '../layer'
import type { LayerNormLayer } from './layout'

type Placed = PlacedLayer<LayerNormLayer>
type Pass = Omit<LayerPass<string>, 'inputs' | 'storage' | 'outputs'>

const STEMS = ['layer_norm_forward', 'layer_norm_backward_weight', 'layer_norm_backward_input'] as const

export const layerNormKernels: LayerKernels<LayerNormLayer, (typeof STEMS)[number]> = {
  stems: STEMS,
  readers: ['layer_norm_forward', 'layer_norm_backward_weight'],
  overrides: (threads) => ({ LAYER_NORM_THREADS: threads }),
  pixelsOf: ({ pixels, width, inPixelStride }) => ({ pixels, channels: width, pixelStride: inPixelStride }),

  forward(pass, layers) {
    const bind = { inputs: pass.inputs, outputs: pass.outputs }
    return layers.map((placed) => {
      const { layer } = placed
      const args = layerNormArgs(pass, placed, layer.activation)
      return { stem: 'layer_norm_forward', args, workgroups: perPixel(pass, layer), bind, flops: flopsOf(pass, layer) }
    })
  },

  backward<B extends string>(pass: BackwardPass<B>, layers: Placed[]) {
    const { inputs, dOutputs, dInputs, numPartials, numAgents, threads } = pass
    return layers.flatMap((placed) => {
      const { layer, inputActivation } = placed
      const args = layerNormArgs(pass, placed, inputActivation)
      const flops = flopsOf(pass, layer)
      const weight = {
        stem: 'layer_norm_backward_weight' as const,
        args,
        workgroups: [Math.ceil(args.vecs / threads), numPartials, numAgents] as [number, number, number],
        bind: { inputs, d_outputs: dOutputs } as Record<string, B>,
        flops,
      }
      if (dInputs === null) return [weight]
      const bind: Record<string, B> = { inputs, d_outputs: dOutputs, d_inputs: dInputs }
      const workgroups = perPixel(pass, layer)
      return [weight, { stem: 'layer_norm_backward_input' as const, args, workgroups, bind, flops }]
    })
  },
}

/** `LayerNormArgs` of args.wgsl. */
function layerNormArgs(pass: Pass, placed: Placed, activation: Epilogue) {
  const { rows, gate, stopStride, parameterStride, rowsPerPartial, numPartials } = pass
  const { layer, inputActivation: _, ...place } = placed
  const { pixels, width, group, outPixelStride, weight, bias } = layer
  return {
    ...{ rows, gate, stopStride, parameterStride, rowsPerPartial, numPartials },
    ...{ pixels, width, group, vecs: outPixelStride / 4, weight, bias },
    ...{ ...place, activation: ACTIVATIONS[activation] },
  }
}

const perPixel = ({ rows, threads, numAgents }: Pass, { pixels }: LayerNormLayer): [number, number, number] =>
  itemGroups(rows * pixels, threads, numAgents)

const flopsOf = ({ rows, numAgents }: Pass, { outStride }: LayerNormLayer): number => 8 * rows * outStride * numAgents
