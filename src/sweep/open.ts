/** A population on a device that the next one takes over: kernels of the same shape are compiled once. */
import { readCheckpoint } from '../checkpoint/checkpoint'
import { resolveConfig } from '../config/config'
import type { SharedGpu } from '../gpu/shared'
import type { CreateOptions, Ppo } from '../run/api'
import { continued } from '../run/load'
import { openPpo } from '../run/openppo'
import type { Population } from './machine'

/**
 * A new population, or one that goes on from its checkpoint.
 * @throws as `createPpo` and `loadPpo` do.
 */
export async function openPopulation(
  { spec, config, from }: Pick<Population, 'spec' | 'config' | 'from'>,
  shared: SharedGpu,
  told: Pick<CreateOptions, 'onPreparing' | 'signal'> = {},
): Promise<Ppo> {
  if (!from) return openPpo({ env: spec, config: resolveConfig({}, config, spec), shared, ...told })
  const checkpoint = continued(readCheckpoint(from, spec), config)
  const { tuning, seconds } = checkpoint.origin
  return openPpo({
    env: spec,
    config: checkpoint.config,
    shared,
    snapshot: checkpoint.snapshot,
    tuning,
    seconds,
    ...told,
  })
}
