/** How a task is told its environment: a built-in one by its id, another with its description. */
import { ENVS } from '../../envs/registry'
import type { AnyEnvSpec, EnvSpec } from '../../src/env/contract'

export interface EnvArgs {
  env: string
  /** The environment itself, without its twin, if it is not in the registry. */
  spec?: Omit<EnvSpec, 'twin'>
}

export function envArgs(given: AnyEnvSpec): EnvArgs {
  if (ENVS.includes(given)) return { env: given.id }
  const { twin: _, ...spec } = given
  return { env: given.id, spec }
}
