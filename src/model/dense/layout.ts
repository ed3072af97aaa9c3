/**
 * A dense layer: `y = activation(x W^T + b)`. The weight has torch's shape [out][in]; in the buffer each row is padded with
 * zeros to a multiple of 4 floats, and so is the number of rows, so that kernels read whole vec4s. Padding has zero gradient
 * and stays zero.
 */
import { type Epilogue, type LayerBase, round4 } from '../layer'

export interface DenseLayer extends LayerBase {
  kind: 'dense'
  /** Inputs that lie side by side: each group is padded to a multiple of 4. The channels of a pixel, or all inputs. */
  inGroup: number
  /** Offset of the weight, [outStride][inStride], inside one agent's parameters. */
  weight: number
  /** Offset of the bias, [outStride]. */
  bias: number
}

/** A layer without its offsets. Behind a map of a hidden layer `inGroup` is the number of channels. */
export type DenseSizes = Omit<DenseLayer, 'weight' | 'bias'>
export const denseSizes = (
  name: string,
  inDim: number,
  outDim: number,
  activation: Epilogue,
  inGroup = inDim,
): DenseSizes => {
  const inStride = (inDim / inGroup) * round4(inGroup)
  return { kind: 'dense', name, inDim, outDim, inGroup, inStride, outStride: round4(outDim), activation }
}

/** The place of input `i` in a row, and in a row of the weight. */
export const inputPlace = ({ inGroup }: Pick<DenseLayer, 'inGroup'>, i: number): number =>
  Math.floor(i / inGroup) * round4(inGroup) + (i % inGroup)

/** Floats of the weight, padding included. */
export const weightFloats = ({ inStride, outStride }: Pick<LayerBase, 'inStride' | 'outStride'>): number =>
  inStride * outStride
