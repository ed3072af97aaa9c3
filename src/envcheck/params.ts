/** Checks the parameters that an environment declares. */

import { ConfigError } from '../config/config'
import type { EnvSpec } from '../env/contract'
import { MAX_PARAMS } from '../env/params'
import { show } from '../options/show'

/** @throws ConfigError that names the parameter, what is wrong, and what to do. */
export function checkParams({ params }: Pick<EnvSpec, 'params'>): void {
  if (params === undefined) return
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    throw new ConfigError(`env.params: ${show(params)} is not an object. Give { name: { default, min, max, help } }.`)
  }
  const entries = Object.entries(params as Record<string, unknown>)
  if (entries.length > MAX_PARAMS) {
    throw new ConfigError(`env.params: has ${entries.length} parameters; there is room for ${MAX_PARAMS}. Use fewer.`)
  }
  for (const [name, param] of entries) checkParam(`env.params.${name}`, name, param)
}

function checkParam(path: string, name: string, given: unknown): void {
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) {
    throw new ConfigError(`${path}: is not a name. Use a small letter, then letters and digits, such as windPower.`)
  }
  if (typeof given !== 'object' || given === null) {
    const value = typeof given === 'number' || typeof given === 'boolean' ? `: ${given}` : ''
    throw new ConfigError(
      `${path}: ${show(given)} is not a description of a parameter. Give { default${value}, min, max, help }, or for true and ` +
        'false { default, help }.',
    )
  }
  const param = given as Record<string, unknown>
  if (typeof param.help !== 'string' || param.help === '') {
    throw new ConfigError(`${path}.help: ${show(param.help)} says nothing. Say in a sentence what it is.`)
  }
  if (param.unit !== undefined && typeof param.unit !== 'string') {
    throw new ConfigError(`${path}.unit: ${show(param.unit)} is not a text. Write it as in "m/s^2", or leave it out.`)
  }
  if (param.inexact !== undefined && typeof param.inexact !== 'boolean') {
    throw new ConfigError(`${path}.inexact: ${show(param.inexact)} is not true or false. Leave it out, or use true.`)
  }
  if (typeof param.default === 'boolean') return
  for (const key of ['default', 'min', 'max']) {
    const value = param[key]
    if (typeof value === 'number' && Number.isFinite(Math.fround(value))) continue
    throw new ConfigError(`${path}.${key}: ${show(value)} is not a finite number in f32. Give one.`)
  }
  const { default: value, min, max } = param as Record<string, number>
  if (!(Math.fround(min) < Math.fround(max))) {
    throw new ConfigError(`${path}.min: ${min} is not below max ${max}. Swap or widen them.`)
  }
  if (value < min || value > max) {
    throw new ConfigError(`${path}.default: ${value} is not from ${min} to ${max}. Use one that is.`)
  }
}
