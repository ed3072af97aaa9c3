/** The trials of a sweep as what they train: configurations, shapes, members of a batch. */
import { derivedSizes } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { smallest } from '../../src/extremes'
import { OPTION_NAMES, type PpoConfig, type PpoOptions } from '../../src/options/options'
import { isSweepKey } from '../../src/options/sweep'
import type { FileRef, Member, Trial } from '../../src/sweep/types'
import { rungBudgets } from './rungs'
import { type Space, trialConfig } from './space'

export interface Plan {
  spec: EnvSpec
  trials: Trial[]
  /** The trial's own configuration, of one agent. @throws ConfigError that names the trial. */
  configOf(trial: Trial): PpoConfig
  /** Equal for trials that can be trained side by side; from 0. */
  shapeOf(trial: Trial): number
  memberOf(trial: Trial, from: FileRef | null): Member
  /** Timesteps at which each rung ends for the trial, of whole iterations. */
  untils(trial: Trial): number[]
}

const OF_A_SHAPE = OPTION_NAMES.filter((name) => !isSweepKey(name))

/** What trials that can be trained side by side have in common. */
interface Shape {
  id: number
  /** Of its first trial. */
  config: PpoConfig
  untils: number[]
}

/**
 * @param halving Without `rungs` as many as fit the shape with the fewest iterations.
 * @throws ConfigError for a trial that cannot be trained, or a budget that is too short.
 */
export function makePlan(
  spec: EnvSpec,
  preset: PpoOptions,
  space: Space,
  trials: Trial[],
  { eta, rungs }: { eta: number; rungs?: number },
): Plan {
  const configOf = (trial: Trial) => trialConfig(trial, space, preset, spec)
  const names = space.axes.map(({ name }) => name)
  const swept = names.filter(isSweepKey).filter((name) => name !== 'seed')
  const params = names.filter((name) => name.startsWith('env.')).map((name) => name.slice('env.'.length))
  const budgetsOf = (config: PpoConfig, rungs?: number) =>
    rungBudgets(config.totalTimesteps, derivedSizes(config).batchSize, { eta, rungs, trials: trials.length })
  const shapes = new Map<string, Shape>()
  const findShape = (trial: Trial): Shape => {
    const config = configOf(trial)
    const key = JSON.stringify(OF_A_SHAPE.map((name) => config[name]))
    const shape = shapes.get(key) ?? { id: shapes.size, config, untils: [] }
    shapes.set(key, shape)
    return shape
  }
  // A configuration takes longer to make than a decision of the scheduler, and more memory than a trial: once for each.
  const shapeOfTrial = trials.map(findShape)
  const all = [...shapes.values()]
  const common = rungs ?? smallest(all.map(({ config }) => budgetsOf(config).length))
  for (const shape of all) shape.untils = budgetsOf(shape.config, common)
  /** A finalist's run is none of `trials`; it has the values of one. */
  const shapeOf = (trial: Trial): Shape => shapeOfTrial[trial.id] ?? findShape(trial)
  const pick = (values: Trial['values'], names: string[], prefix = '') =>
    Object.fromEntries(names.map((name) => [name, values[`${prefix}${name}`]]))
  return {
    spec,
    trials,
    untils: (trial) => shapeOf(trial).untils,
    configOf,
    shapeOf: (trial) => shapeOf(trial).id,
    memberOf: ({ id, seed, values }, from) => ({
      ...{ trial: id, seed, from },
      sweep: pick(values, swept) as Member['sweep'],
      envParams: pick(values, params, 'env.') as Member['envParams'],
    }),
  }
}
