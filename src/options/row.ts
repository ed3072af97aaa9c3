/** The rows of the table of options, and functions to write them. */
import type { BooleanKind, ChoiceKind, LayersKind, NumberKind, SizesKind } from './kinds'
import { NETWORK_NAMES } from './layerspec'

/** An option in this state requires another option in that state. */
export interface Implication {
  when: State
  /** One other option, by its name. */
  needs: Readonly<Record<string, State>>
  /** The error if it is violated: the option to change, a colon, what is wrong, what to do. */
  message: string
}
/** One value of a boolean or a choice; `not null`: any number. */
export type State = boolean | string

/** The span of a slider, if the whole range would be impractical; `log`: equal ratios have equal distances. */
export interface Slider {
  from: number
  to: number
  log?: boolean
}

/** Columns that a row may leave out. */
export interface Columns {
  unit?: string
  /** The paper or the project that defines this behaviour. */
  source?: string
  /** May have a different value for every agent. */
  sweepable?: boolean
  /** May change while agents train. Other options determine sizes, kernels, dispatches or initial weights. */
  live?: boolean
  /** Read by kernels: a field of `Hyper` in shaders/lib/data/agent.wgsl, of the same name in snake_case. */
  hyper?: boolean
  /** Has its own command-line flag: `--num-envs` for numEnvs. */
  flag?: boolean
  slider?: Slider
  /** Where it has a meaning; everywhere if left out. With other kinds of actions only its default is accepted. */
  only?: { algorithm: string } | { actions: readonly ActionKind[]; because: string }
  implies?: readonly Implication[]
  /** Other options follow when it changes; it never changes because of another one. */
  leads?: boolean
  /** A value to start with, for an option whose default is null. */
  example?: number
  /** Its names in other projects, to find it by. */
  aka?: readonly string[]
}
export type ActionKind = 'discrete' | 'multi_discrete' | 'box'

interface Row<T> extends Columns {
  default: T
  help: string
  group: string
}
export type NumberOption = NumberKind & Row<number | null>
export type BooleanOption = BooleanKind & Row<boolean>
export type ChoiceOption = ChoiceKind & Row<string>
export type SizesOption = SizesKind & Row<number[] | null>
export type LayersOption = LayersKind & Row<string>
export type Option = NumberOption | BooleanOption | ChoiceOption | SizesOption | LayersOption

/** The type of a row's value. */
export type ValueOf<R> =
  | (R extends { type: 'boolean' } ? boolean : never)
  | (R extends { choices: readonly (infer C)[] } ? C : never)
  | (R extends { type: 'sizes' } ? number[] : never)
  | (R extends { type: 'layers' } ? string : never)
  | (R extends { type: 'integer' | 'number' } ? number : never)
  | (R extends { nullable: true } ? null : never)

type Bounds = ({ from: number } | { above: number }) & ({ to: number } | { below: number })

const range = (bounds: Bounds) => ({
  ...('above' in bounds ? { min: bounds.above, exclusiveMin: true } : { min: bounds.from }),
  ...('below' in bounds ? { max: bounds.below, exclusiveMax: true } : { max: bounds.to }),
})

type None = Record<never, never>

export const number = <const C extends Columns = None>(value: number, bounds: Bounds, help: string, more?: C) => ({
  ...{ type: 'number' as const, default: value, ...range(bounds), help },
  ...(more as C),
})
/** A number, or null, which is the default. */
export const numberOrNull = <const C extends Columns = None>(bounds: Bounds, help: string, more?: C) => ({
  ...{ type: 'number' as const, nullable: true as const, default: null, ...range(bounds), help },
  ...(more as C),
})
/** An integer. */
export const integer = <const C extends Columns = None>(value: number, bounds: Bounds, help: string, more?: C) => ({
  ...{ type: 'integer' as const, default: value, ...range(bounds), help },
  ...(more as C),
})
export const boolean = <const C extends Columns = None>(value: boolean, help: string, more?: C) => ({
  ...{ type: 'boolean' as const, default: value, help },
  ...(more as C),
})
/** One of several words; the first is the default. */
export const choice = <const W extends readonly string[], const C extends Columns = None>(
  choices: W,
  help: string,
  more?: C,
) => ({ ...{ type: 'choice' as const, choices, default: choices[0] as string, help }, ...(more as C) })

const WIDTHS = { type: 'sizes' as const, min: 1, max: 4096, maxLength: 16 }
/** Widths of layers. */
export const widths = <const C extends Columns = None>(value: number[], help: string, more?: C) => ({
  ...{ ...WIDTHS, default: value, help },
  ...(more as C),
})
/** Widths of layers, or null, which is the default. */
export const widthsOrNull = <const C extends Columns = None>(help: string, more?: C) => ({
  ...{ ...WIDTHS, nullable: true as const, default: null, help },
  ...(more as C),
})

/** A network; the perceptron by default. */
export const network = <const C extends Columns = None>(help: string, more?: C) => ({
  ...{ type: 'layers' as const, names: NETWORK_NAMES, default: 'mlp', help },
  ...(more as C),
})

/** Rows of one group, with its heading. */
export const group = <T extends Record<string, object>>(name: string, rows: T) =>
  Object.fromEntries(Object.entries(rows).map(([key, row]) => [key, { ...row, group: name }])) as {
    [K in keyof T]: T[K] & { group: string }
  }

/** The description of an option: what it does, whose behaviour it is, and where it has a meaning. */
export function describe({ help, source, only }: Option): string {
  const what = source === undefined ? help : `${help.slice(0, -1)} (${source}).`
  if (only === undefined) return what
  return `${what} Only with ${'algorithm' in only ? `algorithm ${only.algorithm}` : `${only.actions.join(' or ')} actions`}.`
}
