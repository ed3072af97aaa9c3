/** The types of a configuration, and the lists, that follow from the table of options. */
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

/** Options of which every agent may have a value of its own; the others are shapes, and the same for all. */
export type SweepKey = {
  [K in OptionName]: Table[K] extends { sweepable: true } ? K : never
}[OptionName]

/**
 * What stands in place of a number: a list with an entry per agent; `log` and `lin`, numAgents values from the first to
 * the second bound, both included, with equal ratios or differences; `range`, the whole numbers from the first up to but
 * not including the second. Several swept options are zipped: agent k has entry k of each.
 */
export type Sweep = number[] | { log: [number, number] } | { lin: [number, number] } | { range: [number, number] }

/** A whole configuration. */
export type PpoConfig = { [K in OptionName]: ValueOf<Table[K]> } & {
  /** Every parameter of the environment, one value for each agent where they differ (`--env-set`). */
  envParams: ParamSettings
  /** One value per agent of the options that are swept; the option itself is then agent 0's. */
  sweep: Partial<Record<SweepKey, number[]>>
}

/** What a caller may give; the rest comes from the environment's preset and the defaults. */
export type PpoOptions = {
  [K in Exclude<keyof PpoConfig, 'envParams'>]?: PpoConfig[K] | (K extends SweepKey ? Sweep : never)
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
/** Options with a flag of their own on the command line. */
export const FLAGGED = having('flag')
