/** The trials of a sweep as what they train: configurations, shapes, members of a batch. */
import { derivedSizes } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import { smallest } from '../../src/extremes'
import { OPTION_NAMES, type PpoConfig, type PpoOptions } from '../../src/options/options'
import { agentParams } from '../../src/options/params'
import { isSweepKey } from '../../src/options/sweep'
import type { FileRef, Member, Trial } from '../../src/sweep/types'
import { rungBudgets } from './rungs'
import { type Space, trialConfig } from './space'

export interface Plan {
  spec: EnvSpec
  trials: Trial[]
  /** The trial's own configuration, of one agent. @throws ConfigError that names the trial. */
  configOf(trial: Trial): PpoConfig
  /** Equal for trials that can be trained side by side. */
  shapeOf(trial: Trial): string
  memberOf(trial: Trial, from: FileRef | null): Member
  /** Timesteps at which each rung ends for the trial, of whole iterations. */
  untils(trial: Trial): number[]
}

const OF_A_SHAPE = OPTION_NAMES.filter((name) => !isSweepKey(name))

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
  const sizes = new Map(
    trials.map((trial) => configOf(trial)).map((config) => [derivedSizes(config).batchSize, config]),
  )
  const common = rungs ?? smallest([...sizes.values()].map((config) => budgetsOf(config).length))
  const budgets = new Map([...sizes].map(([size, config]) => [size, budgetsOf(config, common)]))
  return {
    spec,
    trials,
    untils: (trial) => budgets.get(derivedSizes(configOf(trial)).batchSize)!,
    configOf,
    shapeOf(trial) {
      const config = configOf(trial)
      return JSON.stringify(OF_A_SHAPE.map((name) => config[name]))
    },
    memberOf(trial, from) {
      const config = configOf(trial)
      const own = agentParams(config.envParams, 0)
      return {
        trial: trial.id,
        seed: trial.seed,
        sweep: Object.fromEntries(swept.map((name) => [name, config[name]])),
        envParams: Object.fromEntries(params.map((name) => [name, own[name]])),
        from,
      }
    },
  }
}
