/**
 * Parameters of an environment: what an episode is played with, such as gravity. A parameter that is drawn takes a random
 * number of its own, of the episode's: keyed by the environment and the step of the reset that the episode began with.
 */
import type { Kind } from '../options/kinds'
import { isUniform, type ParamSettings, type ParamValue } from '../options/params'
import { makeRng, STREAM, uniform } from './rng'

interface Described {
  help: string
  /**
   * With other values than the default, kernel and twin may part by more than the environment's tolerance, for example where
   * a solver stops early: `checkEnv` leaves it at its default.
   */
  inexact?: true
}

export interface NumberParam extends Described {
  default: number
  min: number
  max: number
  /** Such as `m/s^2`; left out where it has none. */
  unit?: string
}

export interface BooleanParam extends Described {
  default: boolean
}

export type EnvParam = NumberParam | BooleanParam

/** Of an environment, what matters here. */
export interface Parametrised {
  params?: Readonly<Record<string, EnvParam>>
}

/** The values of one episode, by name: numbers of f32, or booleans. */
export type ParamValues = Readonly<Record<string, ParamValue>>

/** Parameters that an environment may have: room for so many is in every agent's record (shaders/lib/data/agent.wgsl). */
export const MAX_PARAMS = 16

const isNumber = (param: EnvParam): param is NumberParam => typeof param.default === 'number'

/** What a value of the parameter may be. */
export const paramKind = (param: EnvParam): Kind =>
  isNumber(param) ? { type: 'number', min: param.min, max: param.max } : { type: 'boolean' }

/** The lowest and the highest value of each parameter, in order, as f32; of one that is not drawn twice the same. */
export function paramBounds(spec: Parametrised, settings: ParamSettings): [number, number][] {
  return Object.entries(spec.params ?? {}).map(([name, param]) => {
    const setting = settings[name] ?? param.default
    const [low, high] = isUniform(setting) ? setting.uniform : [setting as ParamValue, setting as ParamValue]
    return [Math.fround(Number(low)), Math.fround(Number(high))]
  })
}

/**
 * The values of the episode that environment `env` began at global step `step` (0: the first). Parameter i takes draw i of
 * its stream, whatever becomes of the others.
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

/** Every parameter drawn from all that it may be, for checks; what is inexact stays as it is. */
export const wholeRange = ({ params = {} }: Parametrised): ParamSettings =>
  Object.fromEntries(
    Object.entries(params)
      .filter(([, { inexact }]) => !inexact)
      .map(([name, param]) => [name, { uniform: isNumber(param) ? [param.min, param.max] : [false, true] }]),
  )

/** The values that hold where nothing is set. */
export const defaultParams = (spec: Parametrised): ParamValues => episodeParams(spec, {}, 0, 0, 0)
