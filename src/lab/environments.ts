/** The environments of this page: the built-in ones, and perhaps one of the user's own. */
import { computed, signal } from '@preact/signals'
import { ENVS, findEnv } from '../../envs/registry'
import type { EnvSpec } from '../env/contract'

/** An environment that is not built in. */
export interface OwnEnv {
  /** Without its twin where it is sent to a Worker: functions cannot be. */
  spec: EnvSpec
  /** Where a Worker finds it with its twin: a module, and the name of its export. */
  module?: { url: string; name: string }
  /** As on a command line: `./my/spec.ts`. */
  file: string
  /** The hash of its source: a run of another one is not continued. */
  source: string
}

export const own = signal<OwnEnv | null>(null)

export const environments = computed<readonly EnvSpec[]>(() => {
  const spec = own.value?.spec
  return spec ? [spec, ...ENVS.filter(({ id }) => id !== spec.id)] : ENVS
})

/** The environment that is shown first. */
export const firstEnv = (): string => own.value?.spec.id ?? 'CartPole-v1'

export const ownOf = (id: string): OwnEnv | undefined => (own.value?.spec.id === id ? own.value : undefined)

/** @throws ConfigError if there is none of this id. */
export const environmentOf = (id: string): EnvSpec => ownOf(id)?.spec ?? findEnv(id)
