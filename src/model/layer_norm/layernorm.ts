/** The tensors of a layer normalisation. */
import type { LayerKind } from '../layer'
import type { LayerNormLayer } from './layout'

export const layerNorm: LayerKind<LayerNormLayer> = {
  tensors: ({ name, width, weight, bias }) => [
    { name: `${name}.weight`, shape: [width], offset: weight, strides: [1] },
    { name: `${name}.bias`, shape: [width], offset: bias, strides: [1] },
  ],
  multiplications: () => 0, // not those of a matrix product
  whyNotFused: () => 'layer norm',
}
