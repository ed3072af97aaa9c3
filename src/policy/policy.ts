/**
 * A trained policy without a GPU: inference in plain TypeScript, for games and pages. Its file is src/policy/policyfile.ts.
 */
import { type ActionScale, scaled } from '../model/actions'
import { type Layer, layoutNetwork, type NetworkShape, round4 } from '../model/network'
import { type NormaliserStats, normalised, type Running } from '../model/normaliser'
import { categoricalMode, categoricalSample } from '../reference/categorical'
import { gaussianSample } from '../reference/gaussian'
import { makeLayerBuffers, mlpForward } from '../reference/mlp'

/** A file that is valid safetensors but no policy of this project. The message says where and what is wrong. */
export class PolicyError extends Error {
  override name = 'PolicyError'
}

/** A trained actor and critic of one agent. All arithmetic is float64 on the stored float32 weights. */
export interface Policy {
  /** Id of the environment that it was trained on. */
  readonly env: string
  readonly shape: NetworkShape
  /** What `obs` is normalised by, here and in training; null when it is not. */
  readonly normaliser: NormaliserStats | null
  /** With `scaleActions`, the bounds that the network's [-1, 1] stands for; null where it acts in the environment's units. */
  readonly actionScale: ActionScale | null
  /**
   * The deterministic action for `obs` (`shape.obsDim` finite numbers): `[index]` of the most probable action, the
   * first of equals, or the mean of each action dimension, in the environment's units and not clipped to its bounds.
   * @throws PolicyError when `obs` has another length or holds NaN or infinity. So do the other methods.
   */
  act(obs: ArrayLike<number>): number[]
  /** An action drawn from the policy; `random` gives uniform numbers in [0, 1), Math.random for example. */
  sample(obs: ArrayLike<number>, random: () => number): number[]
  /** The critic's estimate of the discounted return from `obs`, in the unit of training: of scaled rewards with normReward. */
  value(obs: ArrayLike<number>): number
  /** The actor's output: the logit of each action, or the mean of each action dimension, not scaled. */
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
  const { actionDim } = shape
  const run = (layers: Layer[], obs: ArrayLike<number>): Float64Array => {
    const x = checkObs(obs, shape.obsDim, normaliser?.obs ?? null)
    return mlpForward(layers, params, x, 1, makeLayerBuffers(layers, 1))
  }
  const outputs = (obs: ArrayLike<number>) => Array.from(run(layout.actor, obs).subarray(0, actionDim))
  const inUnits = (actions: number[]) => (actionScale ? actions.map((a, i) => scaled(a, i, actionScale)) : actions)
  return {
    env,
    shape,
    normaliser,
    actionScale,
    outputs,
    value: (obs) => run(layout.critic, obs)[0],
    act: (obs) =>
      shape.dist === 'gaussian' ? inUnits(outputs(obs)) : [categoricalMode(run(layout.actor, obs), 0, actionDim)],
    sample(obs, random) {
      const means = run(layout.actor, obs)
      if (shape.dist === 'categorical') return [categoricalSample(means, 0, actionDim, random())]
      const normals = Array.from({ length: actionDim }, () => standardNormal(random))
      const actions = new Float64Array(actionDim)
      gaussianSample(
        { means, offset: 0, logStd: params, logStdOffset: layout.logStd, n: actionDim },
        normals,
        actions,
        0,
      )
      return inUnits(Array.from(actions))
    },
  }
}

/** Box and Muller (1958), with 1 - u because u may be 0. */
const standardNormal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** `obs` as the networks see it: float64, normalised, padded with zeros to a multiple of 4. */
function checkObs(obs: ArrayLike<number>, obsDim: number, running: Running | null): Float64Array {
  if (obs.length !== obsDim) throw new PolicyError(`obs: ${obs.length} numbers, but this policy takes ${obsDim}.`)
  const x = new Float64Array(round4(obsDim))
  for (let i = 0; i < obsDim; i++) {
    if (!Number.isFinite(obs[i])) throw new PolicyError(`obs[${i}]: ${obs[i]} is not a finite number.`)
    x[i] = running ? normalised(obs[i], running, i) : obs[i]
  }
  return x
}
