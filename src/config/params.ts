/** Settings of an environment's parameters: read from text, checked against its spec. */
import type { EnvSpec } from '../env/contract'
import { paramKind } from '../env/params'
import { checkSweep, checkValue } from '../options/check'
import { ConfigError } from '../options/errors'
import { isNumberKind, type Kind } from '../options/kinds'
import type { PpoOptions } from '../options/options'
import { isUniform, type ParamSetting, type ParamSettings, type ParamValue } from '../options/params'
import { suggest } from '../options/suggest'
import { looksLikeSweep } from '../options/sweep'
import { parseValue, refuseDraw } from '../options/text'

type Given = NonNullable<PpoOptions['envParams']>

/**
 * Every parameter of `spec`: the given value, else its default. One value per agent if a list or a sweep is given.
 * @throws ConfigError for an unknown parameter, or a value out of its range.
 */
export function resolveParams(
  given: Given,
  numAgents: number,
  spec: Pick<EnvSpec, 'id' | 'params'> | undefined,
): ParamSettings {
  const params = spec?.params ?? {}
  for (const name of Object.keys(given)) checkParamName('config.envParams', name, spec)
  return Object.fromEntries(
    Object.entries(params).map(([name, param]) => {
      const setting = given[name] ?? param.default
      return [name, checkSetting(`config.envParams.${name}`, setting, paramKind(param), numAgents)]
    }),
  )
}

/** Throws unless `name` is a parameter of `spec`. */
export function checkParamName(
  path: string,
  name: string,
  spec: Pick<EnvSpec, 'id' | 'params'> | undefined,
): asserts spec {
  const names = Object.keys(spec?.params ?? {})
  if (spec && names.includes(name)) return
  const env = spec?.id ?? 'a run without an environment'
  const known = names.length > 0 ? `Parameters: ${names.join(', ')}.` : 'It has none: leave it out.'
  throw new ConfigError(`${path}: ${env} has no parameter ${JSON.stringify(name)}${suggest(name, names)}. ${known}`)
}

function checkSetting(path: string, setting: unknown, kind: Kind, numAgents: number): ParamSetting {
  if (isUniform(setting)) return { uniform: checkUniform(path, setting.uniform, kind) }
  if (!looksLikeSweep(setting)) {
    checkValue(path, setting, kind)
    return setting as ParamValue
  }
  if (isNumberKind(kind)) return checkSweep(path, setting, kind, numAgents)
  if (!Array.isArray(setting) || setting.length !== numAgents) {
    throw new ConfigError(
      `${path}: ${JSON.stringify(setting)} is not true or false, nor a list of those for numAgents ${numAgents}.`,
    )
  }
  for (const [k, value] of setting.entries()) checkValue(`${path}[${k}]`, value, kind)
  return setting
}

function checkUniform(path: string, bounds: unknown, kind: Kind): [ParamValue, ParamValue] {
  if (!Array.isArray(bounds) || bounds.length !== 2) {
    throw new ConfigError(`${path}: uniform(${bounds}) does not have two bounds. Write uniform(a,b), a below b.`)
  }
  for (const bound of bounds) checkValue(path, bound, kind)
  const [low, high] = bounds as [ParamValue, ParamValue]
  // Random values are drawn in f32; equal bounds would mean a fixed value.
  if (Math.fround(Number(low)) < Math.fround(Number(high))) return [low, high]
  throw new ConfigError(`${path}: uniform(${low},${high}): ${low} is not below ${high}. Write uniform(a,b), a below b.`)
}

/** `NAME=VALUE` as on a command line; `resolveParams` checks the value. */
export function parseParam(path: string, name: string, text: string, spec: EnvSpec): ParamSetting {
  checkParamName(path, name, spec)
  const kind = paramKind(spec.params![name])
  const drawn = /^\s*uniform\s*\(([^()]*)\)\s*$/.exec(text)
  if (drawn) return { uniform: drawn[1].split(',').map((bound) => parseValue(bound.trim(), kind)) } as ParamSetting
  refuseDraw(path, text)
  const list = isNumberKind(kind) ? null : /^\s*\[([^[\]]*)\]\s*$/.exec(text)
  if (list) return list[1].split(',').map((value) => parseValue(value.trim(), kind)) as ParamValue[]
  return parseValue(text, kind, true) as ParamSetting
}
