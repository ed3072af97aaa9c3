import { activate } from '../activate'
import type { Floats } from '../floats'
import type { PoolLayer } from './layout'
import { forEachWindow } from './windows'

/** The place of the first largest input of a window. */
export const firstLargest = (x: Floats, inputs: number[]): number =>
  inputs.reduce((best, at) => (x[at] > x[best] ? at : best))

/** y = act(largest or mean of each window). `x` [rows][inStride], `y` [rows][outStride], with silu twice. */
export function poolForward(layer: PoolLayer, x: Floats, rows: number, y: Floats): void {
  const { op, kernel, activation, outStride } = layer
  y.fill(0, 0, rows * outStride)
  forEachWindow(layer, rows, (output, inputs) => {
    if (op === 'max') y[output] = x[firstLargest(x, inputs)]
    else y[output] = inputs.reduce((sum, at) => sum + x[at], 0) / kernel ** 2
  })
  activate(activation, y, rows * outStride)
}
