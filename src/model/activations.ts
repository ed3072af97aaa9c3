/** The numbers of the activations in the kernels. */
import { wgslConstant } from '../gpu/shaders'
import type { Epilogue } from './layer'

const numberOf = (name: string): number => wgslConstant('shaders/lib/network/activation.wgsl', name)

export const ACTIVATIONS: Record<Epilogue, number> = {
  identity: numberOf('IDENTITY'),
  tanh: numberOf('TANH'),
  relu: numberOf('RELU'),
  silu: numberOf('SILU'),
  elu: numberOf('ELU'),
}
