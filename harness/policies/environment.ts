/** The environment of a policy: from a user's module, or built in; the policy's file has no code to play in. */
import { dirname } from 'node:path'
import { ENVS, findEnv } from '../../envs/registry'
import type { EnvSpec } from '../../src/env/contract'
import { otherSource } from '../../src/policy/environment'
import type { PolicyData } from '../../src/policy/policyfile'
import type { Flag, Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import { quoted } from '../cli/invocation'
import { changesText, isInside, moduleOfRun } from '../rundir/ownenv'
import { chooseEnv, modulesEnvs, moduleText, splitModule } from '../setup/environment'
import { checkFit, type PolicyOnDisk } from './policyfile'

const ENV_FILE_FLAG: Flag = { value: 'FILE', help: 'The older name of --env.' }

export const POLICY_ENV_FLAGS: Record<string, Flag> = {
  env: {
    value: 'ID_OR_FILE',
    help: "The policy's environment, if it is your own: the module that exports it, ./spec.ts or ./spec.ts:NAME.",
  },
  'env-file': ENV_FILE_FLAG,
}

/** Where environments are looked for: first in what `--env` names. */
export interface Known {
  /** The module; null if there is none. */
  file: string | null
  specs: EnvSpec[]
}

/** @throws UsageError, ConfigError for a module or an environment that cannot be used. */
export async function readKnown(given: Given): Promise<Known> {
  const [now, before] = [given.text('env'), given.text('env-file')]
  if (now !== undefined && before !== undefined) {
    throw new UsageError('--env-file: is the older name of --env, which is given too. Leave one of them out.')
  }
  const text = now ?? before
  if (text === undefined) return { file: null, specs: [] }
  const flag = before === undefined ? '--env' : '--env-file'
  const module = splitModule(text)
  if (!module) return { file: null, specs: [(await chooseEnv(flag, text)).spec] }
  return { file: moduleText(module), specs: (await modulesEnvs(flag, module)).map(({ spec }) => spec) }
}

/**
 * The environment of a policy, which fits it; undefined if it is not known.
 * @throws UsageError if `--env` names others, or it does not fit.
 */
export function knownEnv(found: PolicyOnDisk, { file, specs }: Known): EnvSpec | undefined {
  const id = found.policy.env
  const own = specs.find((spec) => spec.id === id)
  if (specs.length > 0 && !own) {
    const ids = specs.map((spec) => spec.id).join(', ')
    const what = file === null ? ids : `${file} has ${ids}`
    const advice = `Name the module of ${id}${isBuiltIn(id) ? ', or leave --env out' : ''}`
    throw new UsageError(`--env: ${what}, but the policy is for ${id}. ${advice}.`)
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
        `Give the module that exports it: --env ${moduleHint(file)}. Built in are ${ENVS.map(({ id }) => id).join(', ')}.`,
    )
  }
  const { twin } = spec
  if (twin) return { ...spec, twin }
  throw new UsageError(`${spec.id}: has no twin, and episodes are played on the CPU. Give its EnvSpec a twin.`)
}

/** The module that a run's folder names, as a word for a shell, as far as it is known where the policy is. */
export function moduleHint(policy: string): string {
  const folder = dirname(policy)
  const module = moduleOfRun(folder)
  return module && !isInside(folder, module) ? quoted(moduleText(module)) : 'FILE'
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
    `this one ${now}.... ${changesText(policy.environment!, spec)} Returns may differ.`
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
