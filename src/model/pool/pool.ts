/** Pooling has no parameters. */
import type { LayerKind } from '../layer'
import type { PoolLayer } from './layout'

export const pool: LayerKind<PoolLayer> = { tensors: () => [], multiplications: () => 0, whyNotFused: () => 'pooling' }
