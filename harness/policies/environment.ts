/** The environment of a policy: from a user's module, or built in; the policy's file has no code to play in. */
import { ENVS, findEnv } from '../../envs/registry'
import { ConfigError } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { checkSpec } from '../../src/envcheck/spec'
import { otherSource } from '../../src/policy/environment'
import type { PolicyData } from '../../src/policy/policyfile'
import type { Flag, Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import { loadSpecs } from '../setup/load'
import { checkFit, type PolicyOnDisk } from './policyfile'

export const ENV_FILE_FLAG: Flag = {
  value: 'FILE',
  help: "A module that exports the policy's environment (an EnvSpec), in TypeScript or JavaScript; for one that is not built in.",
}

/** Where environments are looked for: first in the module of `--env-file`. */
export interface Known {
  file: string | null
  specs: EnvSpec[]
}

/** @throws UsageError, ConfigError for a module or an environment that cannot be used. */
export async function readKnown(given: Given): Promise<Known> {
  const file = given.text('env-file')
  if (file === undefined) return { file: null, specs: [] }
  const specs = (await loadSpecs(file)).map(({ spec }) => spec)
  for (const spec of specs) {
    try {
      checkSpec(spec)
    } catch (error) {
      if (error instanceof ConfigError) throw new ConfigError(`${file}: ${error.message}`)
      throw error
    }
  }
  return { file, specs }
}

/**
 * The environment of a policy, which fits it; undefined if it is not known.
 * @throws UsageError if the module of `--env-file` has others, or it does not fit.
 */
export function knownEnv(found: PolicyOnDisk, { file, specs }: Known): EnvSpec | undefined {
  const id = found.policy.env
  const own = specs.find((spec) => spec.id === id)
  if (file !== null && !own) {
    const ids = specs.map((spec) => spec.id).join(', ')
    throw new UsageError(`--env-file: ${file} has ${ids}, but the policy is for ${id}. Name the module of ${id}.`)
  }
  const spec = own ?? (isBuiltIn(id) ? findEnv(id) : undefined)
  if (spec) checkFit(found, spec)
  return spec
}

/** @throws UsageError also if it is not known, or has nothing that can play on the CPU. */
export function playedEnv(found: PolicyOnDisk, known: Known): EnvSpec & { twin: NonNullable<EnvSpec['twin']> } {
  const { file, policy } = found
  const spec = knownEnv(found, known)
  if (!spec) {
    throw new UsageError(
      `${file}: there is no environment ${JSON.stringify(policy.env)} here, and a policy file has no code to play in. ` +
        `Give the module that exports it: --env-file FILE. Built in are ${ENVS.map(({ id }) => id).join(', ')}.`,
    )
  }
  const { twin } = spec
  if (twin) return { ...spec, twin }
  throw new UsageError(`${spec.id}: has no twin, and episodes are played on the CPU. Give its EnvSpec a twin.`)
}

function isBuiltIn(id: string): boolean {
  try {
    return findEnv(id) !== undefined
  } catch {
    return false
  }
}

/** If the policy was trained in another version of `spec`: a warning. */
export function otherEnv({ file, policy }: PolicyOnDisk, spec: EnvSpec, { file: module }: Known): string | null {
  const hashes = otherSource(policy.environment, spec)
  if (!hashes) return null
  const [then, now] = hashes.map((hash) => hash.slice(0, 12))
  const where = module === null ? 'built in here' : `in ${module}`
  const by = policy.origin?.library ? `, by ppo-webgpu ${policy.origin.library}` : ''
  return (
    `WARNING: ${file}: was trained in another ${spec.id} than the one ${where}: its source has the hash ${then}...${by}, ` +
    `this one ${now}.... Returns may differ.`
  )
}

/** Lines that say where a policy comes from. */
export function originText({ environment, origin }: PolicyData): string[] {
  if (!origin && !environment) return ['The file does not say how it was trained: it is of a version before 0.3.0.']
  const { library, adapter, seed, steps, score } = origin ?? {}
  const parts = [
    steps == null ? '' : `for ${steps.toLocaleString('en-US')} steps`,
    seed == null ? '' : `with seed ${seed}`,
    library == null ? '' : `by ppo-webgpu ${library}`,
    adapter == null ? '' : `on ${adapter}`,
    score == null ? '' : `to a return of ${Number(score.toFixed(1))} over its latest 100 episodes`,
  ].filter(Boolean)
  return parts.length > 0 ? [`Trained ${parts.join(', ')}.`] : []
}
