/** What a sweep is asked for on the command line. */
import { presetOptions } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { sourceHash } from '../../src/env/source'
import { largest } from '../../src/extremes'
import { FLAGGED, isOptionName, OPTIONS, type OptionName, type PpoConfig } from '../../src/options/options'
import { suggest } from '../../src/options/suggest'
import { formatValue } from '../../src/options/text'
import type { Trial } from '../../src/sweep/types'
import type { Flag, Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import { flagOf } from '../cli/meant'
import { chooseEnv, type EnvModule, moduleText } from '../setup/environment'
import { CONFIG_FLAGS, readInteger } from '../setup/setup'
import { type Definition, sweepId } from './definition'
import { makePlan, type Plan } from './plan'
import { ETA } from './rungs'
import { METHODS, type Method, makeTrials, parseSpace, type Space } from './space'

const {
  env,
  preset,
  set,
  seed,
  'num-agents': numAgents,
  'total-timesteps': budget,
  'env-set': envSet,
  ...others
} = CONFIG_FLAGS

export const SWEEP_FLAGS: Record<string, Flag> = {
  env,
  preset,
  set: {
    ...set,
    help: 'An option: one value for all trials, or a form that is searched, such as loguniform(1e-4,1e-2).',
  },
  'env-set': {
    ...envSet,
    help: 'A parameter of the environment: a value, a form, or uniform(a,b), drawn for each episode.',
  },
  trials: { value: 'N', help: 'Number of trials; default 32, and all points where only grids are given.' },
  method: { value: 'NAME', help: 'random, grid or sobol; default random, and grid where only grids are given.' },
  seed: { ...seed, help: 'Seed of what is drawn and of the first trial; the next trials have the numbers after it.' },
  'total-timesteps': { ...budget, help: 'The whole budget of a trial: environment steps.' },
  eta: { value: 'N', help: `Of so many trials one goes on to the next rung; default ${ETA}.` },
  rungs: { value: 'N', help: 'Number of rungs, 1 for no halving; default as many as the trials allow, at most 4.' },
  asha: {
    help: 'Promote trials as soon as they are good enough, without waiting: the results are then not repeatable.',
  },
  finalists: { value: 'N', help: 'How many of the best are trained again; default 3, 0 for none.' },
  'final-seeds': { value: 'N', help: 'Seeds of each finalist, which the search did not use; default 5.' },
  batch: { value: 'N', help: 'Most agents that are trained side by side; default as many as fit, with --asha 64.' },
  ...others,
  'num-agents': {
    ...numAgents,
    refused: 'a trial is one agent, and trials are packed as the adapter takes them. Use --trials.',
  },
}

export interface SweepSetup {
  spec: EnvSpec
  module?: EnvModule
  plan: Plan
  space: Space
  definition: Definition
  id: string
  /** Of the first trial. */
  config: PpoConfig
  /** Most agents in a batch; null if it was not given. */
  batch: number | null
  /** First seed of the finalists' runs. */
  firstSeed: number
  /** Arguments of `train` that are the same for all trials. */
  trainArgs: string[]
}

/** Larger sweeps are for `harness/sweep` without the command. */
const MOST_TRIALS = 1_000_000

/** @throws UsageError, ConfigError, before any file is written. */
export async function readSweep(given: Given): Promise<SweepSetup> {
  const { spec, module } = await chooseEnv('--env', given.text('env') ?? 'CartPole-v1')
  const preset = given.text('preset') ?? 'default'
  const space = parseSpace({ set: pairsOf(given), envSet: given.all('env-set') }, spec)
  if (space.axes.length === 0) {
    throw new UsageError("--set: nothing is searched. Give a form, such as --set 'learningRate=loguniform(1e-4,1e-2)'.")
  }
  const allGrids = space.axes.every(({ kind }) => kind === 'grid')
  const method = readMethod(given, allGrids ? 'grid' : 'random')
  const count = readInteger(given, 'trials', -1, 1, MOST_TRIALS)
  const wanted = count > 0 ? count : method === 'grid' ? undefined : 32
  const seed = readInteger(given, 'seed', 1, 0, 0xffffffff)
  const trials = makeTrials(space, { trials: wanted, method, seed })
  const eta = readInteger(given, 'eta', ETA, 2, 1000)
  const rungs = given.has('rungs') ? readInteger(given, 'rungs', 1, 1, 20) : undefined
  const plan = makePlan(spec, presetOptions(spec, preset), space, trials, { eta, rungs })
  const finalists = readInteger(given, 'finalists', 3, 0, trials.length)
  const finalSeeds = readInteger(given, 'final-seeds', 5, 1, 1000)
  const config = plan.configOf(trials[0])
  const definition: Definition = {
    version: 1,
    env: { id: spec.id, hash: sourceHash(spec) },
    base: baseOf(config, space),
    axes: space.axes.map(({ name, kind, scale, values, bounds }) => ({ name, kind, scale, values, bounds })),
    ...{ trials: trials.length, method, seed, eta },
    rungs: plan.untils(trials[0]).length,
    asha: given.has('asha'),
    ...{ finalists, finalSeeds: finalists > 0 ? finalSeeds : 0 },
  }
  return {
    ...{ spec, module, plan, space, definition, id: sweepId(definition), config },
    batch: given.has('batch') ? readInteger(given, 'batch', 1, 1, 32767) : null,
    firstSeed: seedAfter(trials, finalists > 0 ? finalSeeds : 0),
    trainArgs: trainArgs(given, module, space, preset),
  }
}

function readMethod(given: Given, unset: Method): Method {
  const text = given.text('method') ?? unset
  const method = METHODS.find((one) => one === text)
  if (method) return method
  throw new UsageError(
    `--method: ${JSON.stringify(text)} is not one of ${METHODS.join(', ')}${suggest(text, METHODS)}.`,
  )
}

/** `--set` with the flags that stand for an option. */
function pairsOf(given: Given): string[] {
  const flags = FLAGGED.filter((name) => name !== 'seed' && name !== 'numAgents' && given.has(flagOf(name)))
  const pairs = [...given.all('set'), ...flags.map((name) => `${name}=${given.text(flagOf(name))}`)]
  const all = given.has('no-autotune') ? [...pairs, 'autotune=false'] : pairs
  if (given.has('seed') && all.some((pair) => /^\s*seed\s*=/.test(pair))) {
    throw new UsageError('--seed and --set seed: the same option twice.')
  }
  return all
}

/** What is not searched; the seed is that of the definition. */
function baseOf(config: PpoConfig, { axes }: Space): Record<string, unknown> {
  const searched = new Set(axes.map(({ name }) => name))
  const { seed: _seed, sweep: _sweep, envParams, ...options } = config
  const kept = (values: object, prefix = '') =>
    Object.entries(values).filter(([name]) => !searched.has(`${prefix}${name}`))
  return { ...Object.fromEntries(kept(options)), envParams: Object.fromEntries(kept(envParams, 'env.')) }
}

function seedAfter(trials: Trial[], seeds: number): number {
  const first = largest(trials.map(({ seed }) => seed)) + 1
  if (first + seeds - 1 <= 0xffffffff) return first
  throw new UsageError(
    `--seed: leaves no seeds after those of the trials for --final-seeds ${seeds}. Use a smaller one.`,
  )
}

function trainArgs(given: Given, module: EnvModule | undefined, { fixed }: Space, preset: string): string[] {
  const env = module ? moduleText(module) : given.text('env')
  const { envParams: _envParams, ...options } = fixed
  const sets = Object.entries(options)
    .filter(([name]) => isOptionName(name) && name !== 'seed' && name !== 'numAgents')
    .flatMap(([name, value]) => ['--set', `${name}=${formatValue(value, OPTIONS[name as OptionName])}`])
  const params = given
    .all('env-set')
    .filter((pair) => Object.hasOwn(fixed.envParams ?? {}, pair.slice(0, pair.indexOf('='))))
  return [
    ...(env === undefined ? [] : ['--env', env]),
    ...(preset === 'default' ? [] : ['--preset', preset]),
    ...sets,
    ...params.flatMap((pair) => ['--env-set', pair]),
  ]
}
