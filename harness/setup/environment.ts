/** The environment that a command line names: a built-in one by its id, or the user's own by its file. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { findEnv } from '../../envs/registry'
import { ConfigError } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { fieldLine, type NamedSpec } from '../../src/envcheck/module'
import { checkSpec } from '../../src/envcheck/spec'
import type { Flag } from '../cli/args'
import { UsageError } from '../cli/errors'
import { quoted } from '../cli/invocation'
import { loadSpecs } from './load'
import { guardTwin } from './twin'

export const ENV_FLAG: Flag = {
  value: 'ID_OR_FILE',
  help: 'Environment: an id, or a module of your own (./spec.ts, or ./spec.ts:NAME for one export of several); default CartPole-v1.',
}

/** A module, and which of its exports; null: the only one. */
export interface EnvModule {
  file: string
  name: string | null
}

/** `spec` of a user's module has a twin whose errors are told with their place. */
export interface ChosenEnv {
  spec: EnvSpec
  /** Not of a built-in environment. */
  module?: EnvModule
}

/**
 * `./spec.ts` and `./spec.ts:NAME`; null for an id. The name is split off behind the ending only: `C:\spec.ts` is a
 * file.
 */
export function splitModule(text: string): EnvModule | null {
  const [, file, name] = /^(.*\.[cm]?[jt]sx?)(?::([^:/\\]*))?$/is.exec(text) ?? []
  return file === undefined ? null : { file, name: name ?? null }
}

export const moduleText = ({ file, name }: EnvModule): string => (name === null ? file : `${file}:${name}`)

/**
 * @param flag How the text was given, for messages: `--env`.
 * @throws UsageError, ConfigError for an environment that is not there or cannot be used.
 */
export async function chooseEnv(flag: string, text: string): Promise<ChosenEnv> {
  const module = splitModule(text)
  if (!module) return { spec: builtIn(flag, text) }
  const found = await modulesEnvs(flag, module)
  if (found.length > 1) {
    const names = found.map(({ name }) => quoted(`${module.file}:${name}`)).join(' or ')
    throw new UsageError(`${flag}: ${module.file} exports ${found.length} environments. Name one: ${flag} ${names}.`)
  }
  return { spec: found[0].spec, module }
}

/**
 * The environments of a module, checked; only the one that is named, if one is.
 * @throws UsageError, ConfigError
 */
export async function modulesEnvs(flag: string, module: EnvModule): Promise<NamedSpec[]> {
  const all = await namedSpecs(flag, module)
  for (const { spec } of all) checkOf(module, spec)
  return all.map(({ name, spec }) => ({ name, spec: guardTwin(spec, module.file) }))
}

/** As `modulesEnvs`, neither checked nor guarded. */
export async function namedSpecs(flag: string, { file, name }: EnvModule): Promise<NamedSpec[]> {
  const all = await loadSpecs(file)
  if (name === null) return all
  const found = all.filter((entry) => entry.name === name)
  if (found.length > 0) return found
  const names = all.map((entry) => entry.name).join(', ')
  throw new UsageError(
    `${flag}: ${file} exports no environment ${JSON.stringify(name)}, but ${names}. Name one of them.`,
  )
}

function checkOf(module: EnvModule, spec: EnvSpec): void {
  try {
    checkSpec(spec)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const line = fieldLine(readFileSync(module.file, 'utf8'), error.message)
    throw new ConfigError(`${line === null ? moduleText(module) : `${module.file}:${line}`}: ${error.message}`)
  }
}

function builtIn(flag: string, id: string): EnvSpec {
  try {
    return findEnv(id)
  } catch (error) {
    if (!existsSync(id)) throw error
    const what = statSync(id).isDirectory() ? 'a folder' : 'neither TypeScript nor JavaScript'
    throw new UsageError(`${flag}: ${id} is ${what}. Name the module that exports the environment: ${flag} ./spec.ts.`)
  }
}
