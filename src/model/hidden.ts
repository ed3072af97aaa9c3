/** The hidden layers of a network, without their places in the parameters: a perceptron's, or those of a list. */
import { shapeLayers } from '../options/layershapes'
import { type DenseSizes, denseSizes } from './dense/layout'
import { inputShape, type NetworkShape } from './networkshape'

/** Named `trunk.0`, `trunk.1`, ... `widths` are those of a perceptron. @throws ConfigError if the layers do not fit. */
export function hiddenSizes(name: string, shape: NetworkShape, widths: number[]): DenseSizes[] {
  if (!shape.layers) {
    const dims = [shape.obsDim, ...widths]
    return widths.map((width, i) => denseSizes(`${name}.${i}`, dims[i], width, shape.activation))
  }
  return shapeLayers('config.network', inputShape(shape), shape.layers).map(
    ({ spec, activation, input, output }, i) => {
      if (spec.type !== 'dense') throw new Error(`config.network: ${spec.type} is not there yet`)
      return denseSizes(`${name}.${i}`, input[0], output[0], activation)
    },
  )
}
