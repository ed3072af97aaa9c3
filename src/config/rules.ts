/** Rules between options, and between options and the environment. */
import { type EnvSpec, isPacked, observedShape } from '../env/contract'
import { ConfigError } from '../options/errors'
import { checkImplications } from '../options/implications'
import { shapeLayers } from '../options/layershapes'
import { networkLayers } from '../options/layerspec'
import { ADAPTIVE_LR, OPTION_NAMES, OPTIONS, type OptionName, type PpoConfig } from '../options/options'
import { show } from '../options/show'
import { derivedSizes } from '../options/sizes'
import { isSweepKey } from '../options/sweep'

/** Rules that involve more than one option. */
export function checkTogether(config: PpoConfig): void {
  const { seed, numAgents, numEnvs, numSteps, numMinibatches, totalTimesteps } = config
  const { batchSize, minibatchSize, numIterations } = derivedSizes(config)
  const sizes = `batchSize ${batchSize} (numEnvs ${numEnvs} x numSteps ${numSteps})`
  if (!config.sweep.seed && seed + numAgents > 2 ** 32) {
    throw new ConfigError(
      `config.seed: the last of ${numAgents} agents would have seed ${seed + numAgents - 1}, more than 32 bits hold. ` +
        `Use at most ${2 ** 32 - numAgents}.`,
    )
  }
  if (batchSize >= 2 ** 31) {
    throw new ConfigError(`config.numEnvs: ${sizes} passes 2^31 - 1. Use fewer environments or steps.`)
  }
  if (batchSize % numMinibatches !== 0) {
    const divisors: number[] = []
    for (let d = 1; d * d <= batchSize; d++) if (batchSize % d === 0) divisors.push(d, batchSize / d)
    const known = [...new Set(divisors)].sort((x, y) => x - y)
    const list = known.slice(0, 8).join(', ') + (known.length > 8 ? ', ...' : '.')
    throw new ConfigError(`config.numMinibatches: ${numMinibatches} does not divide ${sizes}. Use ${list}`)
  }
  if (minibatchSize === 1 && config.normAdv && config.normAdvOver === 'minibatch') {
    throw new ConfigError(
      `config.normAdv: a minibatch of 1 sample has no standard deviation (batchSize ${batchSize} / numMinibatches ` +
        `${numMinibatches}). Use normAdv false or fewer minibatches.`,
    )
  }
  if (numIterations < 1) {
    throw new ConfigError(
      `config.totalTimesteps: ${totalTimesteps} is less than one ${sizes}. Use at least ${batchSize}.`,
    )
  }
  // The counter of the random numbers has 32 bits for the step; the reset after the last step uses one more.
  if (numIterations * numSteps >= 2 ** 32) {
    throw new ConfigError(
      `config.totalTimesteps: ${totalTimesteps} is ${numIterations * numSteps} steps of each environment (numEnvs ${numEnvs}), ` +
        `and the random numbers repeat after ${2 ** 32}. Use more environments or at most ${(2 ** 32 - numSteps) * numEnvs}.`,
    )
  }
  checkImplications(config)
  checkContradictions(config, batchSize)
}

/** Combinations that make no sense, besides the requirements in the options' own rows. */
function checkContradictions(config: PpoConfig, batchSize: number): void {
  const rule = (broken: boolean, message: string): void => {
    if (broken) throw new ConfigError(`config.${message}`)
  }
  rule(
    config.normAdv && config.normAdvOver === 'batch' && batchSize === 1,
    'normAdv: a batch of 1 sample has no standard deviation. Use normAdv false or more steps.',
  )
  const { network } = config
  const unused = (['hidden', 'actorHidden', 'criticHidden', 'activation'] as const).find(
    (name) => network !== 'mlp' && String(config[name]) !== String(OPTIONS[name].default),
  )
  rule(
    unused !== undefined,
    `${unused}: ${show(config[unused!])} is for network mlp, and network is ${network}, which names its own layers. ` +
      `Leave it out, or set network mlp.`,
  )
  const widths = [config.actorHidden ?? config.hidden, config.criticHidden ?? config.hidden].map((w) => `[${w}]`)
  rule(
    network === 'mlp' && config.sharedTrunk && widths[0] !== widths[1],
    `sharedTrunk: actor and critic cannot share hidden layers of ${widths[0]} and ${widths[1]}. Set hidden, and ` +
      'actorHidden and criticHidden null, or sharedTrunk false.',
  )
  rule(
    network === 'mlp' && config.sharedTrunk && widths[0] === '[]',
    'sharedTrunk: without hidden layers there is nothing to share. Set hidden, for example [64, 64], or sharedTrunk false.',
  )
  const rates = config.sweep.learningRate ?? [config.learningRate]
  const { min, max } = ADAPTIVE_LR
  const outside = config.adaptiveLr ? rates.find((rate) => rate < min || rate > max) : undefined
  rule(
    outside !== undefined,
    `learningRate: ${outside} is outside of the range of adaptiveLr. Use a number from ${min} to ${max}.`,
  )
}

/** What the options require of the environment's observations. */
function checkObserved({ frameStack, normObs, sharedTrunk }: PpoConfig, spec: EnvSpec): void {
  const { id, observation, privileged } = spec
  if (sharedTrunk && privileged) {
    throw new ConfigError(
      `config.sharedTrunk: true, but only the critic of ${id} sees ${privileged.join(', ')}: the actor would see them in the layers ` +
        'that both share. Use false.',
    )
  }
  if (frameStack > 1 && !observation) {
    throw new ConfigError(
      `config.frameStack: ${frameStack}, but the observations of ${id} are a list of names, and only grids are stacked. Use 1.`,
    )
  }
  if (normObs && isPacked(spec)) {
    throw new ConfigError(
      `config.normObs: the observations of ${id} are ${observation!.storage}: 0 to 1 as the network sees them, and packed, so ` +
        'that there is nothing to normalise. Use false.',
    )
  }
  if (normObs && frameStack > 1) {
    throw new ConfigError(
      `config.normObs: the older frames of frameStack ${frameStack} were normalised by older statistics. Use normObs false ` +
        'or frameStack 1.',
    )
  }
}

/** What the options require of the environment's actions, observations and time limit. */
export function checkActions(config: PpoConfig, spec: EnvSpec): void {
  for (const name of OPTION_NAMES) checkApplies(name, config, spec)
  checkObserved(config, spec)
  const { id, actionSpace, maxEpisodeSteps } = spec
  if (config.staggerEpisodes && maxEpisodeSteps === null) {
    throw new ConfigError(
      `config.staggerEpisodes: true, but ${id} has no time limit (maxEpisodeSteps null) that first episodes could end ` +
        'early by. Set staggerEpisodes false.',
    )
  }
  if (actionSpace.kind !== 'box') return
  const { low, high } = actionSpace
  for (const [name, bounds] of Object.entries({ low, high })) {
    const bad = bounds.findIndex((bound) => !Number.isFinite(bound))
    if (bad < 0) continue
    throw new ConfigError(
      `env ${id}: actionSpace.${name}[${bad}]: ${bounds[bad]} is not finite. Use the largest action that makes sense there.`,
    )
  }
  if (low.length !== high.length || low.some((bound, i) => bound >= high[i])) {
    throw new ConfigError(`env ${id}: actionSpace: low [${low}] is not below high [${high}] in every dimension.`)
  }
}

/** Whether the layers of the network fit each other and the observations. */
export function checkNetwork({ network, frameStack, sharedTrunk }: PpoConfig, spec: EnvSpec): void {
  const layers = networkLayers(network)
  if (!layers) return
  const shaped = shapeLayers('config.network', observedShape(spec, frameStack), layers)
  if (sharedTrunk && shaped.length === 0) {
    throw new ConfigError(
      `config.sharedTrunk: ${network} has no layer to share. Add one, such as dense(64),tanh, or set sharedTrunk false.`,
    )
  }
}

/** An option that applies only to other kinds of actions keeps its default. */
function checkApplies(name: OptionName, config: PpoConfig, { id, actionSpace: { kind } }: EnvSpec): void {
  const { only, default: unset } = OPTIONS[name]
  if (only === undefined || !('actions' in only) || only.actions.includes(kind)) return
  const swept = isSweepKey(name) ? (config.sweep[name] ?? []) : []
  const given = [config[name], ...swept].find((value) => value !== unset)
  if (given === undefined) return
  throw new ConfigError(
    `config.${name}: ${given}, but the actions of ${id} are ${kind.replace('_', '-')} and ${only.because}. Leave it out.`,
  )
}
