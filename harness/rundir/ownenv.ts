/** The user's own environment in the folder of a run: where it is, and whether it has changed since. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import type { AnyEnvSpec, EnvSpec } from '../../src/env/contract'
import { environmentOf, otherSource, type PolicyEnvironment } from '../../src/policy/environment'
import { type PolicyData, readPolicies } from '../../src/policy/policyfile'
import type { Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import { commandLine, quoted } from '../cli/invocation'
import { type ChosenEnv, chooseEnv, type EnvModule, moduleText, splitModule } from '../setup/environment'
import { readRunJson } from './rundir'

/** For config.json: relative to the folder, so that a project can be moved. */
export const storedModule = (folder: string, { file, name }: EnvModule): EnvModule => ({
  file: relative(folder, resolve(file)).split(sep).join('/'),
  name,
})

/** The module in config.json, from the current folder; null if there is none. */
export function moduleOfRun(folder: string): EnvModule | null {
  const { file, name } = (readRunJson(folder, 'config').module ?? {}) as Record<string, unknown>
  if (typeof file !== 'string' || file === '') return null
  const near = relative('', resolve(folder, file))
  const path = isAbsolute(near) || near.startsWith('..') ? near : `./${near.split(sep).join('/')}`
  return { file: path, name: typeof name === 'string' ? name : null }
}

/** A folder that came from elsewhere must not bring code that runs, nor advise to run it. */
export const isInside = (folder: string, { file }: EnvModule): boolean => {
  const way = relative(resolve(folder), resolve(file))
  return !isAbsolute(way) && !way.startsWith('..')
}

/**
 * The environment from which the run of a checkpoint continues, if it is the user's own: that of `--env`, or of the
 * module in config.json. Undefined if the run is of a built-in one.
 * @param checkpoint Its file.
 * @throws UsageError if it is not found, or is not what the checkpoint was trained in; ConfigError if it cannot be used.
 */
export async function resumedEnv(given: Given, checkpoint: string): Promise<ChosenEnv | undefined> {
  const text = given.text('env')
  const named = text === undefined ? null : splitModule(text)
  const own = named ? await chooseEnv('--env', text!) : await keptEnv(dirname(checkpoint))
  if (own) checkSame(own, checkpoint)
  return own
}

async function keptEnv(folder: string): Promise<ChosenEnv | undefined> {
  const module = moduleOfRun(folder)
  if (!module) return undefined
  const { env } = readRunJson(folder, 'config')
  const refuse = (what: string) =>
    new UsageError(
      `--resume: the run is of ${env}, and its config.json names ${module.file}, ${what}. Say where it is: --env FILE.`,
    )
  if (!existsSync(module.file)) throw refuse('which is not there')
  if (isInside(folder, module)) throw refuse("which is in the run's own folder")
  return chooseEnv('--env', moduleText(module))
}

function checkSame({ spec, module }: ChosenEnv, checkpoint: string): void {
  const policy = policyIn(checkpoint)
  if (!policy) return // what is wrong with the file is said when it is read
  const file = moduleText(module!)
  if (policy.env !== spec.id) {
    throw new UsageError(
      `--env: ${file} is ${spec.id}, but the run is of ${policy.env}. Name the module of ${policy.env}.`,
    )
  }
  const hashes = otherSource(policy.environment, spec)
  if (!hashes) return
  const [then, now] = hashes.map((hash) => hash.slice(0, 12))
  throw new UsageError(
    `--resume: ${file} has changed since ${checkpoint} was written: the source of ${spec.id} had the hash ${then}..., now it has ` +
      `${now}.... ${changesText(policy.environment!, spec)} Put that back to resume the run, or train a new one: ` +
      `${commandLine('train', `--env ${quoted(file)}`)}`,
  )
}

function policyIn(checkpoint: string): PolicyData | undefined {
  try {
    return readPolicies(new Uint8Array(readFileSync(checkpoint))).read(0)
  } catch {
    return undefined
  }
}

/** What has changed, as far as a file says it: `maxEpisodeSteps was 20, and is 30.` */
export function changesText(then: PolicyEnvironment, spec: AnyEnvSpec): string {
  const now = environmentOf(spec as EnvSpec)
  const told = (['observation', 'actionSpace', 'maxEpisodeSteps'] as const).flatMap((name) => {
    const [was, is] = [then, now].map((environment) => JSON.stringify(environment[name] ?? null))
    return was === is ? [] : `${name} was ${was}, and is ${is}`
  })
  const [was, is] = [then, now].map(({ observations }) => observations?.length)
  if (was !== is) told.unshift(`it had ${was ?? 'no'} observations, and has ${is ?? 'none'}`)
  return told.length > 0
    ? `${told.join('; ')}.`
    : `What differs is in ${spec.wgslFile}, a module, or the default of a parameter.`
}
