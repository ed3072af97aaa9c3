/** Runs on grids that together use every kernel of every kind of layer, and every way to read observations. */
import type { PpoOptions } from '../../src/config/config'
import type { EnvSpec, GridStorage } from '../../src/env/contract'
import { gridEnv } from './grid_env'

/** The kinds of layers, each as the first one once, and as a hidden one. */
const NETWORKS = [
  'conv(5,2,1,1),elu,layer_norm,max_pool(2,1),conv(4,1),flatten,layer_norm,dense(7),tanh',
  'max_pool(2),relu,flatten',
  'layer_norm,silu,flatten',
  'flatten,dense(8),relu',
]
/** What a fused rollout can take of them. */
const FUSED = 'conv(5,2,1,1),elu,max_pool(2,1),avg_pool(2,1),flatten,dense(7),tanh'
const STORAGES: GridStorage[] = ['f32', 'bits', 'bytes']

export const GRID_RUNS: { spec: EnvSpec; options: PpoOptions }[] = STORAGES.flatMap((storage) => {
  const spec = gridEnv(storage) as unknown as EnvSpec
  const layered = NETWORKS.map((network) => ({ spec, options: { network, plan: 'layered' as const } }))
  const fused = { spec, options: { network: FUSED, frameStack: 2, plan: 'fused' as const } }
  return storage === 'f32' ? layered : [...layered, fused]
})
