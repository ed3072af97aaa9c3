/** The environment of a run, in the Worker. */
import { findEnv } from '../../../envs/registry'
import type { EnvSpec } from '../../env/contract'
import type { RunChoice } from '../protocol'

export const specOf = ({ env, own }: RunChoice): EnvSpec => own?.spec ?? findEnv(env)

/** With its twin, which the page cannot send. */
export async function specWithTwin(choice: RunChoice): Promise<EnvSpec> {
  const spec = specOf(choice)
  const { module } = choice.own ?? {}
  if (spec.twin || !module) return spec
  const exported = await import(/* @vite-ignore */ module.url)
  return exported[module.name]
}
