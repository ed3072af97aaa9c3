/** Types and lists that follow from the table of options. */
import type { LayerGiven } from './layerspec'
import type { ParamSetting, ParamSettings } from './params'
import type { Option, ValueOf } from './row'
import { TABLE } from './table'

export type { Option } from './row'
export { ADAPTIVE_LR } from './table'

type Table = typeof TABLE
export type OptionName = keyof Table

/** Of the hidden layers. */
export type Activation = ValueOf<Table['activation']>
export const ACTIVATIONS: readonly Activation[] = TABLE.activation.choices

/** Options that may have a different value for every agent; the others are shapes, equal for all. */
export type SweepKey = {
  [K in OptionName]: Table[K] extends { sweepable: true } ? K : never
}[OptionName]

/**
 * Values for all agents in place of one number: a list with an entry per agent; `log` and `lin`, numAgents values from
 * the first to the second bound, both included, with equal ratios or differences (a third number is numAgents); `range`,
 * the integers from the first up to but not including the second. Several swept options are zipped: agent k has entry k
 * of each.
 */
export type Sweep = number[] | { log: Grid } | { lin: Grid } | { range: [number, number] }
type Grid = [number, number] | [number, number, number]

/** A complete configuration. */
export type PpoConfig = { [K in OptionName]: ValueOf<Table[K]> } & {
  /** Every parameter of the environment, a list with one value per agent if they differ (`--env-set`). */
  envParams: ParamSettings
  /** One value per agent for each swept option; the option itself has agent 0's value. */
  sweep: Partial<Record<SweepKey, number[]>>
}

/** Options that a caller gives; the others come from the environment's preset and the defaults. */
export type PpoOptions = {
  [K in Exclude<keyof PpoConfig, 'envParams'>]?:
    | PpoConfig[K]
    | (K extends SweepKey ? Sweep : never)
    | (K extends 'network' ? readonly LayerGiven[] : never)
} & { envParams?: Record<string, ParamSetting | Sweep> }

export const OPTIONS: Readonly<Record<OptionName, Option>> = TABLE
export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[]
export const isOptionName = (name: string): name is OptionName => Object.hasOwn(OPTIONS, name)

const having = (column: 'sweepable' | 'live' | 'hyper' | 'flag'): OptionName[] =>
  OPTION_NAMES.filter((name) => OPTIONS[name][column])

export const SWEEPABLE = having('sweepable') as SweepKey[]
/** Options that may change while agents train. */
export const LIVE = having('live')
/** Options that kernels read from an agent's record. */
export const IN_HYPER = having('hyper')
/** Options with their own command-line flag. */
export const FLAGGED = having('flag')
