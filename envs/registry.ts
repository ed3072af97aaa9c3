import { ConfigError } from '../src/config'
import { suggest } from '../src/suggest'
import { cartPole } from './cartpole/spec'
import type { EnvSpec } from './env'

/** The environments that ship with the project, by Gymnasium's ids. */
export const ENVS: readonly EnvSpec[] = [cartPole]

/**
 * The environment with this id.
 * @throws ConfigError when there is none; the message names the nearest id and all known ones.
 */
export function findEnv(id: string): EnvSpec {
  const found = ENVS.find((spec) => spec.id === id)
  if (found) return found
  const ids = ENVS.map((spec) => spec.id)
  throw new ConfigError(
    `env: there is no environment ${JSON.stringify(id)}${suggest(id, ids)}. Environments: ${ids.join(', ')}.`,
  )
}
