/**
 * A trained policy without a GPU: inference in plain TypeScript, for games and pages. Its file is src/policy/policyfile.ts.
 */
import { seen } from '../env/grid'
import { type ActionScale, scaled } from '../model/actions'
import {
  type ActingDistribution,
  type Draws,
  type PolicyRow,
  policyRow,
  takesMask,
} from '../model/distributions/distribution'
import { actingOf } from '../model/distributions/table'
import { criticDim, type Layer, layoutNetwork, type NetworkShape, round4 } from '../model/network'
import { type NormaliserStats, normalised } from '../model/normaliser'
import { makeLayerBuffers, mlpForward } from '../reference/mlp'
import type { PolicyEnvironment } from './environment'
import { PolicyError } from './error'
import type { PolicyOrigin } from './origin'

export { PolicyError } from './error'

/** The contents of a policy. */
export interface PolicyData {
  /** Id of the environment that it was trained on. */
  env: string
  /** What the file says of the environment; null in files of before 0.3.0, and where only an id was given. */
  environment: PolicyEnvironment | null
  /** How it was trained; null in files of before 0.3.0. */
  origin: PolicyOrigin | null
  shape: NetworkShape
  /** Padded, [paramStride] of `layoutNetwork(shape)`. */
  params: Float32Array
  normaliser: NormaliserStats | null
  /** The bounds that its actions are scaled to; null without scaling, as in older files. */
  actionScale: ActionScale | null
}

/** A trained actor and critic of one agent. All arithmetic is float64 on the stored float32 weights. */
export interface Policy {
  /** Id of the environment that it was trained on. */
  readonly env: string
  /** Its spaces and names, from the file; null in files of before 0.3.0, and where only an id was given. */
  readonly environment: PolicyEnvironment | null
  /** How it was trained, from the file; null in files of before 0.3.0. */
  readonly origin: PolicyOrigin | null
  readonly shape: NetworkShape
  /** The statistics that normalise `obs`, here and in training; null without normalisation. */
  readonly normaliser: NormaliserStats | null
  /**
   * With `scaleActions`, the bounds that correspond to the network's [-1, 1]; null if it acts in the environment's
   * units.
   */
  readonly actionScale: ActionScale | null
  /**
   * The deterministic action for `obs` (`shape.obsDim` finite numbers; of a grid the entries of all stacked frames, as the
   * environment's twin writes them, bytes from 0 to 255): `[index]` of the most probable action, the
   * first if there are several; one index for each part of a multi-discrete action; or the mean of each action
   * dimension, in the environment's units, clipped to the bounds in `environment` (not clipped without them). `mask`
   * (`shape.actionDim` numbers) forbids choices with 0; without it all are allowed.
   * @throws PolicyError if `obs` or `mask` has the wrong length, `obs` contains NaN or infinity, `mask` allows no
   * choice of a part, or `mask` is given to a policy that takes none. The other methods throw the same.
   */
  act(obs: ArrayLike<number>, mask?: ArrayLike<number>): number[]
  /** An action drawn from the policy, clipped as that of `act`; `random` returns uniform numbers in [0, 1), such as Math.random. */
  sample(obs: ArrayLike<number>, random: () => number, mask?: ArrayLike<number>): number[]
  /**
   * The critic's estimate of the discounted return from `obs`, in the units of training: scaled rewards with
   * normReward. With `shape.privileged` it takes so many numbers more, behind those of `act`.
   */
  value(obs: ArrayLike<number>): number
  /** The actor's output: the logit of each choice, not masked, or the mean of each action dimension, not scaled. */
  outputs(obs: ArrayLike<number>): number[]
}

/** A policy from its contents, which are not copied. */
export function makePolicy(data: PolicyData): Policy {
  const { env, environment, origin, shape, params, normaliser, actionScale } = data
  const space = environment?.actionSpace
  const layout = layoutNetwork(shape)
  const distribution = actingOf(shape)
  const run = (layers: Layer[], obs: ArrayLike<number>, width = shape.obsDim): Float64Array => {
    const x = checkObs(obs, data, width)
    return mlpForward(layers, params, x, 1, makeLayerBuffers(layers, 1))
  }
  const decide = (
    obs: ArrayLike<number>,
    mask: ArrayLike<number> | undefined,
    take: (row: PolicyRow, actions: Float64Array) => void,
  ): number[] => {
    const masks = mask ? checkMask(mask, distribution) : null
    const own = distribution.own ? params : null
    const out = run(layout.actor, obs)
    const actions = new Float64Array(distribution.actionCount)
    take(policyRow({ distribution, out, outStride: out.length, own, ownOffset: layout.own, masks }, 0), actions)
    const inUnits = Array.from(actions, (action, i) => (actionScale ? scaled(action, i, actionScale) : action))
    return space?.kind === 'box' ? inUnits.map((x, i) => Math.min(space.high[i], Math.max(space.low[i], x))) : inUnits
  }
  return {
    env,
    environment,
    origin,
    shape,
    normaliser,
    actionScale,
    outputs: (obs) => Array.from(run(layout.actor, obs).subarray(0, shape.actionDim)),
    value: (obs) => run(layout.critic, obs, criticDim(shape))[0],
    act: (obs, mask) => decide(obs, mask, (row, actions) => distribution.mode(row, actions, 0)),
    sample: (obs, random, mask) =>
      decide(obs, mask, (row, actions) => distribution.sample(row, drawsFrom(random), actions, 0)),
  }
}

const drawsFrom = (random: () => number): Draws => ({
  uniform: random,
  normalPair: () => [standardNormal(random), standardNormal(random)],
})

/** Box and Muller (1958), with 1 - u because u may be 0. */
const standardNormal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** `obs` as the networks' input: float64, normalised, bytes as parts of 1, padded with zeros to a multiple of 4. */
function checkObs(obs: ArrayLike<number>, { shape, environment, normaliser }: PolicyData, width: number): Float64Array {
  const { obsDim } = shape
  const names = environment?.observations
  if (obs.length !== width) {
    const grid = environment?.observation ? `: frames of ${environment.observation.shape.join(' x ')}` : ''
    const which = names ? `: ${names.slice(0, 8).join(', ')}${obsDim > 8 ? ', ...' : ''}` : grid
    const more = width > obsDim ? ` and, for a value, ${width - obsDim} privileged` : ''
    throw new PolicyError(`obs: ${obs.length} numbers, but this policy takes ${obsDim}${which}${more}.`)
  }
  const running = normaliser?.obs
  const x = new Float64Array(round4(width))
  for (let i = 0; i < width; i++) {
    if (!Number.isFinite(obs[i]))
      throw new PolicyError(`obs[${i}]${names?.[i] ? ` (${names[i]})` : ''}: ${obs[i]} is not a finite number.`)
    x[i] = running ? normalised(obs[i], running, i) : seen(shape.observation?.storage, obs[i])
  }
  return x
}

/** A mask that allows at least one choice of every part. */
function checkMask(mask: ArrayLike<number>, distribution: ActingDistribution): Float64Array {
  const { parts, width, kind } = distribution
  if (!takesMask(distribution))
    throw new PolicyError(`mask: a mask cannot forbid actions of a ${kind} policy. Leave it out.`)
  if (mask.length !== width)
    throw new PolicyError(`mask: ${mask.length} numbers, but this policy has ${width} choices.`)
  let first = 0
  for (const [part, n] of parts.entries()) {
    const end = first + n
    if (!Array.prototype.slice.call(mask, first, end).some((entry) => Number(entry) !== 0)) {
      const which = parts.length > 1 ? `choices ${first} to ${end - 1}, of part ${part}` : 'choices'
      throw new PolicyError(`mask: forbids all ${which}. At least one entry must not be 0.`)
    }
    first = end
  }
  return Float64Array.from(mask)
}
