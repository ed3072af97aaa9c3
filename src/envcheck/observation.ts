/** Whether the description of an environment's observations is consistent: names, or a grid. */

import { ConfigError } from '../config/config'
import { type EnvSpec, type GridStorage, isPacked } from '../env/contract'
import { show } from '../options/show'
import { suggest } from '../options/suggest'
import { checkNames } from './actions'

const STORAGES: readonly GridStorage[] = ['f32', 'bits', 'bytes']
const MOST_ENTRIES = 2 ** 20
const PLACE = 'env.observation'

/** Exactly one of `observations` and `observation`. @throws ConfigError */
export function checkObservations({ observations, observation, privileged }: EnvSpec): void {
  if (privileged !== undefined) checkPrivileged(privileged, observation)
  if (observation === undefined) {
    if (observations === undefined) {
      throw new ConfigError(
        'env.observations: is missing, and so is env.observation. Give the names of the entries, such as ["x", "y"], or a ' +
          'grid, such as observation: { shape: [10, 10, 4], storage: "bits" }.',
      )
    }
    checkNames('env.observations', observations)
    return
  }
  if (observations !== undefined) {
    throw new ConfigError(
      `${PLACE}: is given, and so is env.observations with ${show(observations)}. Give one: a grid's entries have no names.`,
    )
  }
  const { shape, storage } = (observation ?? {}) as { shape?: unknown; storage?: unknown }
  if (!Array.isArray(shape) || shape.length !== 3) {
    throw new ConfigError(
      `${PLACE}.shape: ${show(shape)} is not a list of three numbers. Give [height, width, channels], such as [10, 10, 4].`,
    )
  }
  for (const [i, axis] of ['height', 'width', 'channels'].entries()) {
    if (Number.isInteger(shape[i]) && shape[i] >= 1) continue
    throw new ConfigError(`${PLACE}.shape[${i}]: the ${axis} ${show(shape[i])} is not a whole number, 1 or more.`)
  }
  const entries = shape.reduce((a, b) => a * b, 1)
  if (entries > MOST_ENTRIES) {
    throw new ConfigError(
      `${PLACE}.shape: ${shape.join(' x ')} are ${entries} entries; at most ${MOST_ENTRIES} fit. Use a smaller grid.`,
    )
  }
  if (!STORAGES.includes(storage as GridStorage)) {
    const hint = typeof storage === 'string' ? suggest(storage, STORAGES) : ''
    throw new ConfigError(`${PLACE}.storage: ${show(storage)} is not one of ${STORAGES.join(', ')}${hint}.`)
  }
}

/** A list of names, with a list of names. */
function checkPrivileged(privileged: unknown, observation: EnvSpec['observation']): void {
  if (observation !== undefined) {
    throw new ConfigError(
      'env.privileged: is given, and env.observation is a grid: the critic takes further numbers only behind a list of ' +
        'names. Leave it out, or give env.observations.',
    )
  }
  checkNames('env.privileged', privileged)
}

/** What the WGSL must not declare, given how observations are stored, and what instead; null: nothing. */
export const notCalled = (spec: EnvSpec): { name: string; why: string } =>
  isPacked(spec)
    ? {
        name: 'env_observe',
        why: `observation.storage is ${show(spec.observation!.storage)}, which is read by env_observe_word(state: EnvState, i: u32) -> u32. Write that instead, or set storage "f32"`,
      }
    : {
        name: 'env_observe_word',
        why: `${spec.observation ? 'observation.storage is "f32"' : 'observations are a list of names'}, which is read by env_observe(state: EnvState) -> array<f32, OBS_DIM>. Write that instead, or set observation.storage "bits" or "bytes"`,
      }
