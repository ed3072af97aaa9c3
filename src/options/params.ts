/** Values of the parameters of an environment, as given by a caller and as stored in a configuration. */

export type ParamValue = number | boolean

/** Drawn for every episode: uniformly between the bounds; of two booleans each with probability 1/2. */
export interface Uniform {
  uniform: [ParamValue, ParamValue]
}

/** One value for all; one per agent; or drawn for each episode. */
export type ParamSetting = ParamValue | ParamValue[] | Uniform

/** By name of the parameter. */
export type ParamSettings = Record<string, ParamSetting>

export const isUniform = (setting: unknown): setting is Uniform =>
  typeof setting === 'object' && setting !== null && Object.hasOwn(setting, 'uniform')

/** As `--env-set` takes it behind the `=`: `4`, `uniform(5,15)`. */
export const settingText = (setting: ParamSetting): string =>
  isUniform(setting) ? `uniform(${setting.uniform})` : JSON.stringify(setting)

/** The settings of agent `agent` alone. */
export const agentParams = (settings: ParamSettings, agent: number): ParamSettings =>
  Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, Array.isArray(setting) ? setting[agent] : setting]),
  )
