/** The dispatches of convolutions in the layered plan: one layer each, since those of actor and critic are long enough. */
import { ACTIVATIONS } from '../activations'
import type { BackwardPass, Epilogue, LayerKernels, LayerPass, PlacedLayer } from '../layer'
import { round4 } from '../layer'
import type { ConvLayer } from './layout'

type Placed = PlacedLayer<ConvLayer>
type Pass = Omit<LayerPass<string>, 'inputs' | 'storage' | 'outputs'>
type Workgroups = [number, number, number]

const STEMS = ['conv_forward', 'conv_backward_weight', 'conv_backward_input'] as const

export const convKernels: LayerKernels<ConvLayer, (typeof STEMS)[number]> = {
  stems: STEMS,
  readers: ['conv_forward', 'conv_backward_weight'],
  overrides: (threads) => ({ CONV_THREADS: threads }),
  pixelsOf: ({ inShape, inPixelStride }) => ({
    ...{ pixels: inShape[0] * inShape[1], channels: inShape[2], pixelStride: inPixelStride },
  }),

  forward(pass, layers) {
    const bind = { inputs: pass.inputs, outputs: pass.outputs }
    return layers.map((placed) => {
      const { layer } = placed
      const { columns, workgroups } = tiles(pass, layer.outShape)
      const args = convArgs(pass, placed, columns, layer.activation)
      return { stem: 'conv_forward', args, workgroups, bind, flops: flopsOf(pass, layer) }
    })
  },

  backward<B extends string>(pass: BackwardPass<B>, layers: Placed[]) {
    const { inputs, dOutputs, dInputs } = pass
    return layers.flatMap((placed) => {
      const { layer, inputActivation } = placed
      const { columns, workgroups } = tiles(pass, layer.inShape)
      const args = convArgs(pass, placed, columns, inputActivation)
      const flops = flopsOf(pass, layer)
      const { outVecs, inVecs, kernel } = args
      const numTiles = Math.ceil(outVecs / 2) * kernel * kernel * inVecs
      const weight = {
        stem: 'conv_backward_weight' as const,
        args,
        workgroups: [Math.ceil(numTiles / pass.threads), pass.numPartials, pass.numAgents] as Workgroups,
        bind: { inputs, d_outputs: dOutputs } as Record<string, B>,
        flops,
      }
      if (dInputs === null) return [weight]
      const bind: Record<string, B> = { inputs, d_outputs: dOutputs, d_inputs: dInputs }
      return [weight, { stem: 'conv_backward_input' as const, args, workgroups, bind, flops }]
    })
  },
}

/** `ConvArgs` of args.wgsl. */
function convArgs(pass: Pass, placed: Placed, tileColumns: number, activation: Epilogue) {
  const { rows, gate, stopStride, parameterStride, rowsPerPartial, numPartials } = pass
  const { layer, inputActivation: _, ...place } = placed
  const { inShape, outShape, kernel, stride, padding, weight, bias } = layer
  return {
    ...{ rows, gate, stopStride, parameterStride, rowsPerPartial, numPartials },
    ...{ height: inShape[0], width: inShape[1], inVecs: vecs(inShape[2]) },
    ...{ outHeight: outShape[0], outWidth: outShape[1], outVecs: vecs(outShape[2]) },
    ...{ kernel, stride, padding, weight, bias, ...place, tileColumns, activation: ACTIVATIONS[activation] },
  }
}

const vecs = (channels: number): number => round4(channels) / 4

/** Workgroups of a product whose threads divide the pixels of a map of 8 rows into tiles, and their columns of tiles. */
function tiles({ rows, threads, numAgents }: Pass, [height, width, channels]: ConvLayer['inShape']) {
  const across = vecs(channels)
  const down = Math.ceil(rows / 8) * height * width
  const columns = 2 ** Math.floor(Math.log2(Math.min(across, Math.max(8, threads / down), threads)))
  const workgroups: Workgroups = [Math.ceil(across / columns), Math.ceil(down / (threads / columns)), numAgents]
  return { columns, workgroups }
}

function flopsOf({ rows, numAgents }: Pass, { inShape, outShape, kernel }: ConvLayer): number {
  const products = outShape[0] * outShape[1] * round4(outShape[2]) * kernel * kernel * round4(inShape[2])
  return 2 * rows * products * numAgents
}
