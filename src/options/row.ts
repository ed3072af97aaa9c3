/** What a row of the table of options says, and how its rows are written. */
import type { BooleanKind, ChoiceKind, NumberKind, SizesKind } from './kinds'

/** An option in this state needs another one in that state. */
export interface Implication {
  when: State
  /** One other option, by its name. */
  needs: Readonly<Record<string, State>>
  /** The error when it does not hold: the option to change, a colon, what is wrong, what to do. */
  message: string
}
/** One value of a boolean or a choice; `not null`, any number. */
export type State = boolean | string

/** The span of a slider, where the whole range would be of no use; `log`: equal ratios are equally far apart. */
export interface Slider {
  from: number
  to: number
  log?: boolean
}

/** Columns that a row may leave out. */
export interface Columns {
  unit?: string
  /** The paper, or the project, whose behaviour this is. */
  source?: string
  /** Every agent may have a value of its own. */
  sweepable?: boolean
  /** May change while agents train. Others decide about sizes, kernels, dispatches or first weights. */
  live?: boolean
  /** A field of `Hyper` in shaders/lib/data/agent.wgsl, of the same name in snake_case, where kernels read it. */
  hyper?: boolean
  /** Has a flag of its own on the command line: `--num-envs` for numEnvs. */
  flag?: boolean
  slider?: Slider
  /** Where it has a meaning; everywhere when left out. Where the actions are of another kind only its default is taken. */
  only?: { algorithm: string } | { actions: readonly ActionKind[]; because: string }
  implies?: readonly Implication[]
  /** Others follow when it changes; it never changes because of another one. */
  leads?: boolean
  /** A value to begin with, for what is null unless given. */
  example?: number
  /** What other projects call it, to find it by. */
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
export type Option = NumberOption | BooleanOption | ChoiceOption | SizesOption

/** What the value of a row is, as a type. */
export type ValueOf<R> =
  | (R extends { type: 'boolean' } ? boolean : never)
  | (R extends { choices: readonly (infer C)[] } ? C : never)
  | (R extends { type: 'sizes' } ? number[] : never)
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
/** A number, or null, which it is unless given. */
export const numberOrNull = <const C extends Columns = None>(bounds: Bounds, help: string, more?: C) => ({
  ...{ type: 'number' as const, nullable: true as const, default: null, ...range(bounds), help },
  ...(more as C),
})
/** A whole number. */
export const integer = <const C extends Columns = None>(value: number, bounds: Bounds, help: string, more?: C) => ({
  ...{ type: 'integer' as const, default: value, ...range(bounds), help },
  ...(more as C),
})
export const boolean = <const C extends Columns = None>(value: boolean, help: string, more?: C) => ({
  ...{ type: 'boolean' as const, default: value, help },
  ...(more as C),
})
/** One of several words; the first unless given. */
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
/** Widths of layers, or null, which they are unless given. */
export const widthsOrNull = <const C extends Columns = None>(help: string, more?: C) => ({
  ...{ ...WIDTHS, nullable: true as const, default: null, help },
  ...(more as C),
})

/** Rows that are read together, under a heading. */
export const group = <T extends Record<string, object>>(name: string, rows: T) =>
  Object.fromEntries(Object.entries(rows).map(([key, row]) => [key, { ...row, group: name }])) as {
    [K in keyof T]: T[K] & { group: string }
  }

/** What an option does, whose behaviour that is, and where it has a meaning. */
export function describe({ help, source, only }: Option): string {
  const what = source === undefined ? help : `${help.slice(0, -1)} (${source}).`
  if (only === undefined) return what
  return `${what} Only with ${'algorithm' in only ? `algorithm ${only.algorithm}` : `${only.actions.join(' or ')} actions`}.`
}
