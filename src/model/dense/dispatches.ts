/** The dispatches of dense layers in the layered plan. */
import { ACTIVATIONS } from '../activations'
import type { BackwardPass, Epilogue, LayerKernels, LayerPass, PlacedLayer } from '../layer'
import type { DenseLayer } from './layout'

type Placed = PlacedLayer<DenseLayer>
type Pass = Omit<LayerPass<string>, 'inputs' | 'storage' | 'outputs'>
/** The width that the threads divide into tiles. */
type Tiled = 'inStride' | 'outStride'

const STEMS = ['dense_forward', 'dense_backward_weight', 'dense_backward_input'] as const

export const denseKernels: LayerKernels<DenseLayer, (typeof STEMS)[number]> = {
  stems: STEMS,
  readers: ['dense_forward', 'dense_backward_weight'],
  overrides: (threads) => ({ DENSE_THREADS: threads }),
  pixelsOf: ({ inDim, inStride }) => ({ pixels: 1, channels: inDim, pixelStride: inStride }),

  forward(pass, layers) {
    const args = denseArgs(pass, layers, 'outStride', ({ layer }) => layer.activation)
    const bind = { inputs: pass.inputs, outputs: pass.outputs }
    const workgroups = tiles(pass, layers, 'outStride')
    return [{ stem: 'dense_forward', args, workgroups, bind, flops: flopsOf(pass, layers) }]
  },

  backward<B extends string>(pass: BackwardPass<B>, layers: Placed[]) {
    const { inputs, dOutputs, dInputs } = pass
    const args = denseArgs(pass, layers, 'inStride', ({ inputActivation }) => inputActivation)
    const flops = flopsOf(pass, layers)
    const numTiles = Math.max(...layers.map(({ layer: l }) => Math.ceil(l.inStride / 8) * (l.outStride / 4)))
    const weight = {
      stem: 'dense_backward_weight' as const,
      args,
      workgroups: [Math.ceil(numTiles / pass.threads), pass.numPartials, pass.numAgents * layers.length] as Workgroups,
      bind: { inputs, d_outputs: dOutputs } as Record<string, B>,
      flops,
    }
    if (dInputs === null) return [weight]
    const bind: Record<string, B> = { inputs, d_outputs: dOutputs, d_inputs: dInputs }
    return [weight, { stem: 'dense_backward_input', args, workgroups: tiles(pass, layers, 'inStride'), bind, flops }]
  },
}

type Workgroups = [number, number, number]

/** `DenseArgs` of args.wgsl. */
function denseArgs(pass: Pass, layers: Placed[], tiled: Tiled, activationOf: (placed: Placed) => Epilogue) {
  const places = layers.map((placed) => {
    const { layer, inputActivation: _, ...place } = placed
    return {
      inWidth: layer.inStride,
      outWidth: layer.outStride,
      weight: layer.weight,
      bias: layer.bias,
      ...place,
      tileColumns: tileColumns(pass, layer, tiled),
      activation: ACTIVATIONS[activationOf(placed)],
    }
  })
  const { rows, gate, stopStride, parameterStride, rowsPerPartial, numPartials } = pass
  return {
    ...{ rows, gate, stopStride, parameterStride, rowsPerPartial, numPartials },
    numLayers: layers.length,
    layers: [places[0], places.at(-1)!], // the second place of one layer is not read
  }
}

const columnTiles = (layer: DenseLayer, tiled: Tiled): number => layer[tiled] / 4
const rowTiles = ({ rows }: Pass): number => Math.ceil(rows / 8)

/** The tiles per workgroup: a power of two of columns, more if there are few rows. */
function tileColumns(pass: Pass, layer: DenseLayer, tiled: Tiled): number {
  const { threads } = pass
  const wanted = Math.min(columnTiles(layer, tiled), Math.max(8, threads / rowTiles(pass)), threads)
  return 2 ** Math.floor(Math.log2(wanted))
}

/** Workgroups of a matmul whose threads divide rows x `tiled` into tiles. */
function tiles(pass: Pass, layers: Placed[], tiled: Tiled): Workgroups {
  const across = layers.map(({ layer }) => ({ layer, columns: tileColumns(pass, layer, tiled) }))
  const x = Math.max(...across.map(({ layer, columns }) => Math.ceil(columnTiles(layer, tiled) / columns)))
  const y = Math.max(...across.map(({ columns }) => Math.ceil(rowTiles(pass) / (pass.threads / columns))))
  return [x, y, pass.numAgents * layers.length]
}

const flopsOf = ({ rows, numAgents }: Pass, layers: Placed[]): number =>
  layers.reduce((sum, { layer }) => sum + 2 * rows * layer.inStride * layer.outStride * numAgents, 0)
