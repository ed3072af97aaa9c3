/** Parameters of an environment on the command line. */
import { parseParam } from '../../src/config/params'
import type { EnvSpec } from '../../src/env/contract'
import type { ParamSetting } from '../../src/options/params'
import type { Flag, Given } from '../cli/args'
import { readPairs } from '../cli/pairs'

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
  const example = `${Object.keys(spec.params ?? { gravity: 0 })[0]}=-4`
  for (const [name, text] of readPairs('env-set', given.all('env-set'), example)) {
    params[name] = parseParam(`--env-set ${name}`, name, text, spec)
  }
  return params
}
