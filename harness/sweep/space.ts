/** What a sweep searches, and the trials that it makes of it. */
import { checkOptionName, type PpoConfig, parseOption, resolveConfig } from '../../src/config/config'
import { checkParamName, parseParam } from '../../src/config/params'
import type { EnvSpec } from '../../src/env/contract'
import { paramKind } from '../../src/env/params'
import { threefry2x32 } from '../../src/env/rng'
import { ConfigError } from '../../src/options/errors'
import { DRAW_FORMS, FORMS, GRID_FORMS } from '../../src/options/forms'
import type { Kind } from '../../src/options/kinds'
import { OPTIONS, type OptionName, type PpoOptions } from '../../src/options/options'
import { suggest } from '../../src/options/suggest'
import type { Trial, TrialValue } from '../../src/sweep/types'
import { readPairs } from '../cli/pairs'
import { type Axis, parseAxis } from './axis'
import { MOST_DIMENSIONS, sobolAxis } from './sobol'

export type { Axis } from './axis'

export interface Space {
  /** What all trials have, for `resolveConfig`. */
  fixed: PpoOptions
  axes: Axis[]
}

const FORM_NAMES = Object.keys(FORMS).filter((name) => name !== 'list')
const isForm = (name: string): boolean => FORM_NAMES.includes(name)

export type Method = 'random' | 'grid' | 'sobol'
export const METHODS: readonly Method[] = ['random', 'grid', 'sobol']

/** What a sweep decides itself: the value that all trials have if nothing is given, and why it cannot be searched. */
const OWN: Partial<Record<OptionName, { value?: number | boolean; why: string }>> = {
  numAgents: { value: 1, why: 'a trial is one agent, and trials are packed as the adapter takes them. Use --trials' },
  totalTimesteps: { why: 'trials are compared after the same timesteps. Give one number for all' },
  stopWhenSolved: { value: false, why: 'trials are compared after the same timesteps. Leave it out' },
  evalEvery: { value: 0, why: 'trials are compared by the returns of their training. Leave it out' },
}

/**
 * The options that are given: one value is for all trials, one of the forms of src/options/forms.ts is searched.
 * `uniform(a,b)` of a parameter of the environment is drawn for each episode, as in `train`, and not searched.
 * @param given Pairs KEY=VALUE of `--set` and `--env-set`.
 * @throws UsageError, ConfigError
 */
export function parseSpace(given: { set: string[]; envSet: string[] }, spec: EnvSpec): Space {
  const fixed: Record<string, unknown> = {}
  const axes: Axis[] = []
  for (const [key, text] of readPairs('set', given.set, 'learningRate=loguniform(1e-4,1e-2)')) {
    checkOptionName(`--set ${key}`, key)
    const axis = parseAxis(`--set ${key}`, key, text, OPTIONS[key])
    const own = OWN[key]
    const value = axis ? undefined : parseOption(key, text)
    if (own && (axis || (own.value !== undefined && value !== own.value))) {
      throw new ConfigError(`--set ${key}=${text}: ${own.why}.`)
    }
    refuseUnknownForm(`--set ${key}`, text, value, OPTIONS[key])
    if (axis) axes.push(axis)
    else fixed[key] = value
  }
  for (const [key, { value }] of Object.entries(OWN)) if (value !== undefined) fixed[key] = value
  const envParams: NonNullable<PpoOptions['envParams']> = {}
  for (const [name, text] of readPairs(
    'env-set',
    given.envSet,
    `${Object.keys(spec.params ?? { gravity: 0 })[0]}=-4`,
  )) {
    const path = `--env-set ${name}`
    checkParamName(path, name, spec)
    const drawn = /^\s*uniform\s*\(/.test(text)
    const axis = drawn ? undefined : parseAxis(path, `env.${name}`, text, paramKind(spec.params![name]))
    if (axis) {
      axes.push(axis)
      continue
    }
    envParams[name] = parseParam(path, name, text, spec)
    refuseUnknownForm(path, text, envParams[name], paramKind(spec.params![name]))
  }
  return { fixed: { ...fixed, envParams }, axes }
}

/** @throws ConfigError for text that should be a form and is none: `normal(0,1)`, `loguniform(1e-4,1e-2`. */
function refuseUnknownForm(path: string, text: string, value: unknown, kind: Kind): void {
  const start = /^\s*(?:([a-z]+)\s*\(|\[)/i.exec(text)
  if (!start || typeof value !== 'string' || kind.type === 'layers') return
  const [, name] = start
  const why =
    name === undefined || isForm(name)
      ? 'its brackets are not closed, or not in pairs'
      : `there is no form ${JSON.stringify(name)}${suggest(name, FORM_NAMES)}`
  throw new ConfigError(`${path}=${text.trim()}: ${why}. Use one of ${GRID_FORMS}, ${DRAW_FORMS}.`)
}

/**
 * The trials, with ids from 0. `random`: each draws its values, whatever the number of trials; `sobol`: the same with
 * points that lie more evenly; `grid`: all combinations of the grids, the last one changing fastest, while what is drawn
 * is drawn for each.
 * @param trials How many; undefined with `grid`: all combinations.
 */
export function makeTrials(
  space: Space,
  { trials, method, seed }: { trials?: number; method: Method; seed: number },
): Trial[] {
  const { axes } = space
  const places = PLACES[method](axes, seed)
  const count = method === 'grid' ? gridCount(axes, trials) : trials
  if (count === undefined || !Number.isInteger(count) || count < 1 || count > 2 ** 31) {
    throw new ConfigError(`--trials: ${count} is not a number of trials. Use a whole number from 1.`)
  }
  return Array.from({ length: count }, (_, id) => {
    const values: Record<string, TrialValue> = {}
    axes.forEach((axis, k) => {
      values[axis.name] = axis.value(places[k](id))
    })
    return { id, seed: (values.seed as number | undefined) ?? (seed + id) >>> 0, values }
  })
}

/** Where trial `id` has its value on axis k, in [0, 1). */
type Place = (id: number) => number

/** Apart from those of training, whose second word of the key is 0. */
const DRAWS = 1
const SHIFTS = 2

const random =
  (seed: number, k: number): Place =>
  (id) => {
    const [high, low] = threefry2x32(seed, DRAWS, id, k)
    return (high * 2 ** 21 + (low >>> 11)) * 2 ** -53
  }

const PLACES: Record<Method, (axes: Axis[], seed: number) => Place[]> = {
  random: (axes, seed) => axes.map((_, k) => random(seed, k)),
  sobol: (axes, seed) => {
    if (axes.length > MOST_DIMENSIONS) {
      throw new ConfigError(
        `--method sobol: ${axes.length} options are searched, and there are Sobol points for at most ${MOST_DIMENSIONS}. Use random.`,
      )
    }
    return axes.map((_, k) => sobolAxis(k, threefry2x32(seed, SHIFTS, k, 0)[0]))
  },
  grid: (axes, seed) => {
    const places: Place[] = []
    let each = 1
    for (let k = axes.length - 1; k >= 0; k--) {
      const { kind, values } = axes[k]
      const [every, n] = [each, values?.length ?? 0]
      places[k] = kind === 'draw' ? random(seed, k) : (id) => ((Math.floor(id / every) % n) + 0.5) / n
      if (kind === 'grid') each *= n
    }
    return places
  },
}

function gridCount(axes: Axis[], trials: number | undefined): number {
  const grids = axes.filter(({ kind }) => kind === 'grid')
  const points = grids.reduce((product, { values }) => product * values!.length, 1)
  const sizes = grids.map(({ name, values }) => `${name} ${values!.length}`).join(' x ')
  if (grids.length === 0) {
    throw new ConfigError('--method grid: no option has a grid, such as [0,0.01] or log(1e-4,1e-2,5). Use random.')
  }
  if (trials === undefined || trials === points) return points
  throw new ConfigError(
    `--trials: ${trials}, and the grid has ${points} points (${sizes}). Leave --trials out, or use --method random.`,
  )
}

/** What a trial has besides `fixed`. */
export function trialOptions({ seed, values }: Trial): PpoOptions {
  const own: Record<string, TrialValue> = {}
  const envParams: Record<string, TrialValue> = {}
  for (const [name, value] of Object.entries(values)) {
    if (name.startsWith('env.')) envParams[name.slice(4)] = value
    else own[name] = value
  }
  return { ...own, seed, envParams } as PpoOptions
}

/**
 * The whole configuration of a trial.
 * @throws ConfigError that names the trial, for values that do not go together.
 */
export function trialConfig(trial: Trial, { fixed }: Space, preset: PpoOptions, spec: EnvSpec): PpoConfig {
  const own = trialOptions(trial)
  const envParams = { ...fixed.envParams, ...own.envParams }
  try {
    return resolveConfig(preset, { ...fixed, ...own, envParams }, spec)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError(`trial ${trial.id}, ${JSON.stringify(trial.values)}: ${error.message}`)
  }
}
