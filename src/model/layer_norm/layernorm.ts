/** The tensors of a layer normalisation. */
import { type LayerKind, round4 } from '../layer'
import type { LayerNormLayer } from './layout'

export const layerNorm: LayerKind<LayerNormLayer> = {
  tensors({ name, width, group, weight, bias }) {
    const places = { shape: [width], view: [width / group, group], strides: [round4(group), 1] }
    return [
      { name: `${name}.weight`, offset: weight, ...places },
      { name: `${name}.bias`, offset: bias, ...places },
    ]
  },
  multiplications: () => 0, // not those of a matrix product
  whyNotFused: () => 'layer norm',
}
