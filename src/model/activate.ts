/** Activations of the layers on the CPU, and their derivatives. */
import type { Floats } from './floats'
import type { Epilogue } from './layer'

/** 1 / (1 + e^-x), 0 where e^-x is infinite. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** act(y) in place, over `size` numbers; silu stores its inputs after them. */
export function activate(act: Epilogue, y: Floats, size: number): void {
  if (act === 'tanh') for (let k = 0; k < size; k++) y[k] = Math.tanh(y[k])
  if (act === 'relu') for (let k = 0; k < size; k++) y[k] = Math.max(y[k], 0)
  if (act === 'elu') for (let k = 0; k < size; k++) y[k] = y[k] > 0 ? y[k] : Math.expm1(y[k])
  if (act !== 'silu') return
  for (let k = 0; k < size; k++) {
    y[size + k] = y[k]
    y[k] *= sigmoid(y[k])
  }
}

/**
 * Multiplies `size` gradients by act'(.), expressed by the activation's own output: tanh' = 1 - x^2, relu' = [x > 0], so
 * relu'(0) = 0 as in torch, elu' = 1 for x > 0 and x + 1 else. For silu `x` are `size` outputs, then the activation's inputs
 * z: silu'(z) = s + z s (1 - s) with s = sigmoid(z).
 */
export function timesDerivative(act: Epilogue, gradient: Floats, x: Floats, size: number): void {
  if (act === 'tanh') for (let k = 0; k < size; k++) gradient[k] *= 1 - x[k] * x[k]
  if (act === 'relu') for (let k = 0; k < size; k++) if (x[k] <= 0) gradient[k] = 0
  if (act === 'elu') for (let k = 0; k < size; k++) if (x[k] <= 0) gradient[k] *= x[k] + 1
  if (act !== 'silu') return
  for (let k = 0; k < size; k++) {
    const z = x[size + k]
    const s = sigmoid(z)
    gradient[k] *= s + z * s * (1 - s)
  }
}
