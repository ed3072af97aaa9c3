/**
 * A trained policy without a GPU: inference in plain TypeScript, for games and pages. Its file is src/policy/policyfile.ts.
 */
import { type ActionScale, scaled } from '../model/actions'
import {
  type ActingDistribution,
  type Draws,
  type PolicyRow,
  policyRow,
  takesMask,
} from '../model/distributions/distribution'
import { actingOf } from '../model/distributions/table'
import { type Layer, layoutNetwork, type NetworkShape, round4 } from '../model/network'
import { type NormaliserStats, normalised, type Running } from '../model/normaliser'
import { makeLayerBuffers, mlpForward } from '../reference/mlp'

/** A file that is valid safetensors but not a policy of this project. The message says where and what is wrong. */
export class PolicyError extends Error {
  override name = 'PolicyError'
}

/** A trained actor and critic of one agent. All arithmetic is float64 on the stored float32 weights. */
export interface Policy {
  /** Id of the environment that it was trained on. */
  readonly env: string
  readonly shape: NetworkShape
  /** The statistics that normalise `obs`, here and in training; null without normalisation. */
  readonly normaliser: NormaliserStats | null
  /**
   * With `scaleActions`, the bounds that correspond to the network's [-1, 1]; null if it acts in the environment's
   * units.
   */
  readonly actionScale: ActionScale | null
  /**
   * The deterministic action for `obs` (`shape.obsDim` finite numbers): `[index]` of the most probable action, the
   * first if there are several; one index for each part of a multi-discrete action; or the mean of each action
   * dimension, in the environment's units and not clipped to its bounds. `mask` (`shape.actionDim` numbers) forbids
   * choices with 0; without it all are allowed.
   * @throws PolicyError if `obs` or `mask` has the wrong length, `obs` contains NaN or infinity, `mask` allows no
   * choice of a part, or `mask` is given to a policy that takes none. The other methods throw the same.
   */
  act(obs: ArrayLike<number>, mask?: ArrayLike<number>): number[]
  /** An action drawn from the policy; `random` returns uniform numbers in [0, 1), such as Math.random. */
  sample(obs: ArrayLike<number>, random: () => number, mask?: ArrayLike<number>): number[]
  /**
   * The critic's estimate of the discounted return from `obs`, in the units of training: scaled rewards with
   * normReward.
   */
  value(obs: ArrayLike<number>): number
  /** The actor's output: the logit of each choice, not masked, or the mean of each action dimension, not scaled. */
  outputs(obs: ArrayLike<number>): number[]
}

/** A policy from one agent's padded parameters, which are not copied. */
export function makePolicy(
  env: string,
  shape: NetworkShape,
  params: Float32Array,
  normaliser: NormaliserStats | null = null,
  actionScale: ActionScale | null = null,
): Policy {
  const layout = layoutNetwork(shape)
  const distribution = actingOf(shape)
  const run = (layers: Layer[], obs: ArrayLike<number>): Float64Array => {
    const x = checkObs(obs, shape.obsDim, normaliser?.obs ?? null)
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
    return Array.from(actions, (action, i) => (actionScale ? scaled(action, i, actionScale) : action))
  }
  return {
    env,
    shape,
    normaliser,
    actionScale,
    outputs: (obs) => Array.from(run(layout.actor, obs).subarray(0, shape.actionDim)),
    value: (obs) => run(layout.critic, obs)[0],
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

/** `obs` as the networks' input: float64, normalised, padded with zeros to a multiple of 4. */
function checkObs(obs: ArrayLike<number>, obsDim: number, running: Running | null): Float64Array {
  if (obs.length !== obsDim) throw new PolicyError(`obs: ${obs.length} numbers, but this policy takes ${obsDim}.`)
  const x = new Float64Array(round4(obsDim))
  for (let i = 0; i < obsDim; i++) {
    if (!Number.isFinite(obs[i])) throw new PolicyError(`obs[${i}]: ${obs[i]} is not a finite number.`)
    x[i] = running ? normalised(obs[i], running, i) : obs[i]
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
