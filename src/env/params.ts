/**
 * Parameters of an environment, such as gravity: fixed or drawn at random for each episode. A drawn parameter has its
 * own random number, keyed by the environment and the step of the reset at which the episode began.
 */
import type { Kind } from '../options/kinds'
import { isUniform, type ParamSettings, type ParamValue } from '../options/params'
import { makeRng, STREAM, uniform } from './rng'

interface Described {
  help: string
  /**
   * With values other than the default, kernel and twin may differ by more than the environment's tolerance, for
   * example because a solver stops early: `checkEnv` leaves such a parameter at its default.
   */
  inexact?: true
}

export interface NumberParam extends Described {
  default: number
  min: number
  max: number
  /** Such as `m/s^2`; left out if it has none. */
  unit?: string
}

export interface BooleanParam extends Described {
  default: boolean
}

export type EnvParam = NumberParam | BooleanParam

/** The part of an environment's spec that is needed here. */
export interface Parametrised {
  params?: Readonly<Record<string, EnvParam>>
}

/** An environment without parameters may leave them out, or list none. */
export const hasParams = ({ params }: Parametrised): boolean => Object.keys(params ?? {}).length > 0

/** The values of one episode, by name: numbers of f32, or booleans. */
export type ParamValues = Readonly<Record<string, ParamValue>>

/** The most parameters an environment may have: every agent's record has 16 places (shaders/lib/data/agent.wgsl). */
export const MAX_PARAMS = 16

const isNumber = (param: EnvParam): param is NumberParam => typeof param.default === 'number'

/** Which values the parameter may have. */
export const paramKind = (param: EnvParam): Kind =>
  isNumber(param) ? { type: 'number', min: param.min, max: param.max } : { type: 'boolean' }

/** The lowest and the highest value of each parameter, in order, as f32; equal for a fixed one. */
export function paramBounds(spec: Parametrised, settings: ParamSettings): [number, number][] {
  return Object.entries(spec.params ?? {}).map(([name, param]) => {
    const setting = settings[name] ?? param.default
    const [low, high] = isUniform(setting) ? setting.uniform : [setting as ParamValue, setting as ParamValue]
    return [Math.fround(Number(low)), Math.fround(Number(high))]
  })
}

/**
 * Values of the episode that environment `env` began at global step `step` (0: the first). Parameter i uses draw i of
 * its stream, so it does not depend on the other parameters.
 */
export function episodeParams(
  spec: Parametrised,
  settings: ParamSettings,
  seed: number,
  step: number,
  env: number,
): ParamValues {
  const bounds = paramBounds(spec, settings)
  const values = Object.entries(spec.params ?? {}).map(([name, param], i) => {
    const [low, high] = bounds[i]
    const u = low === high ? 0 : uniform({ ...makeRng(seed, step, STREAM.PARAMS, env), draw: i })
    if (isNumber(param)) return [name, Math.fround(low + Math.fround(Math.fround(high - low) * u))]
    return [name, (u < 0.5 ? low : high) !== 0]
  })
  return Object.fromEntries(values)
}

/** Every parameter drawn from its whole range, for checks; `inexact` ones keep their defaults. */
export const wholeRange = ({ params = {} }: Parametrised): ParamSettings =>
  Object.fromEntries(
    Object.entries(params)
      .filter(([, { inexact }]) => !inexact)
      .map(([name, param]) => [name, { uniform: isNumber(param) ? [param.min, param.max] : [false, true] }]),
  )

/** The default values. */
export const defaultParams = (spec: Parametrised): ParamValues => episodeParams(spec, {}, 0, 0, 0)

/**
 * For twins in float64: reads the values of an episode, which are numbers of f32, with the exact default in place of its
 * nearest f32. A default of 9.8 stays 9.8. Without values they are the defaults.
 */
export function exactParams<K extends string>(
  described: Readonly<Record<K, NumberParam>>,
): (values: ParamValues | undefined) => Readonly<Record<K, number>> {
  const names = Object.keys(described) as K[]
  const read = (values: ParamValues | undefined) => {
    const exact = names.map((name) => {
      const value = Number(values?.[name] ?? described[name].default)
      return [name, value === Math.fround(described[name].default) ? described[name].default : value]
    })
    return Object.fromEntries(exact) as Record<K, number>
  }
  const defaults = read(undefined)
  // Each environment gives its own object in every step of an episode, and environments take turns.
  const known = new WeakMap<ParamValues, Readonly<Record<K, number>>>()
  return (values) => {
    if (!values) return defaults
    let exact = known.get(values)
    if (!exact) {
      exact = read(values)
      known.set(values, exact)
    }
    return exact
  }
}
