/**
 * A dense layer: `y = activation(x W^T + b)`. The weight has torch's shape [out][in]; in the buffer each row is padded with
 * zeros to a multiple of 4 floats, and so is the number of rows, so that kernels read whole vec4s. Padding has zero gradient
 * and stays zero.
 */
import { type Epilogue, type LayerBase, round4 } from '../layer'

export interface DenseLayer extends LayerBase {
  kind: 'dense'
  /** Offset of the weight, [outStride][inStride], inside one agent's parameters. */
  weight: number
  /** Offset of the bias, [outStride]. */
  bias: number
}

/** A layer without its offsets. */
export const denseSizes = (
  name: string,
  inDim: number,
  outDim: number,
  activation: Epilogue,
): Omit<DenseLayer, 'weight' | 'bias'> => ({
  ...{ kind: 'dense', name, inDim, outDim, inStride: round4(inDim), outStride: round4(outDim), activation },
})

/** Floats of the weight, padding included. */
export const weightFloats = ({ inStride, outStride }: Pick<LayerBase, 'inStride' | 'outStride'>): number =>
  inStride * outStride
