/** Parameters of an environment on the command line. */
import { parseParam } from '../../src/config/params'
import type { EnvSpec } from '../../src/env/contract'
import type { ParamSetting } from '../../src/options/params'
import type { Flag, Given } from '../cli/args'
import { UsageError } from '../cli/errors'

export const ENV_SET_FLAG: Flag = {
  value: 'NAME=VALUE',
  multiple: true,
  help: 'A parameter of the environment: a value, a list or sweep over the agents, or uniform(a,b), drawn for each episode.',
}

/** The same where one policy plays. */
export const PLAYED_ENV_SET_FLAG: Flag = {
  ...ENV_SET_FLAG,
  help: 'A parameter of the environment: a value, or uniform(a,b), drawn for each episode.',
}

/** The parameters of `spec` given by `--env-set`. @throws UsageError, ConfigError */
export function readEnvParams(given: Given, spec: EnvSpec): Record<string, ParamSetting> {
  const params: Record<string, ParamSetting> = {}
  for (const pair of given.all('env-set')) {
    const at = pair.indexOf('=')
    if (at < 1) {
      const example = Object.keys(spec.params ?? { gravity: 0 })[0]
      throw new UsageError(`--env-set: ${JSON.stringify(pair)} is not NAME=VALUE, such as --env-set ${example}=-4.`)
    }
    const name = pair.slice(0, at)
    if (Object.hasOwn(params, name)) throw new UsageError(`--env-set ${name}: given twice.`)
    params[name] = parseParam(`--env-set ${name}`, name, pair.slice(at + 1), spec)
  }
  return params
}
