import { timesDerivative } from '../activate'
import type { Floats } from '../floats'
import type { Epilogue } from '../layer'
import type { PoolLayer } from './layout'
import { firstLargest } from './pool_forward'
import { forEachWindow } from './windows'

/**
 * dLossDX = act'(.) times the sum of dLossDY over the windows of an input: a mean gives each input its share, a largest gives
 * all to the first largest in scan order, as PyTorch does. `act` is the activation that produced `x` [copies][rows][inStride].
 */
export function poolBackward(
  layer: PoolLayer,
  dLossDY: Floats,
  x: Floats,
  rows: number,
  act: Epilogue,
  dLossDX: Floats,
): void {
  const { op, kernel, inStride } = layer
  dLossDX.fill(0, 0, rows * inStride)
  forEachWindow(layer, rows, (output, inputs) => {
    if (op === 'max') dLossDX[firstLargest(x, inputs)] += dLossDY[output]
    else for (const at of inputs) dLossDX[at] += dLossDY[output] / kernel ** 2
  })
  timesDerivative(act, dLossDX, x, rows * inStride)
}
