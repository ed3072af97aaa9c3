/** obs -> policy -> sample -> env step -> auto-reset -> store, for numSteps steps of numEnvs environments. One agent. */
import { type EnvSpec, type Observed, obsDim } from '../env/contract'
import { distributionOf } from '../model/distributions/table'
import type { NetworkLayout } from '../model/network'
import { type LayerTwins, TWINS } from '../model/twins'
import type { ParamSettings } from '../options/params'
import { someChoice } from './faults'
import { actorRows, type LayerBuffers, makeLayerBuffers, mlpForward } from './mlp'
import type { Normaliser } from './normaliser'
import { maskEnvs, observeEnvs } from './observe_envs'
import { type EnvSlot, resetEnvs } from './reset_envs'
import { sample } from './sample'
import { type RewardOptions, stepEnvs } from './step_envs'

/**
 * One agent's rollout; slot t has the observation of step t, the action, and its results. Strides are multiples of 4.
 */
export interface Rollout<S> {
  numSteps: number
  numEnvs: number
  obsStride: number
  outStride: number
  /** Settings of the environment's parameters. */
  settings: ParamSettings
  rewardOptions: RewardOptions
  /** [numEnvs] */
  slots: EnvSlot<S>[]
  /** [numSteps + 1][numEnvs][obsStride], as the critic sees them; the last row is only for its value. */
  obs: Float64Array
  /** Logits or means, [numSteps][numEnvs][outStride]. */
  out: Float64Array
  /** The distribution's own parameters during the rollout; null if it has none. */
  oldOwn: Float64Array | null
  /** 0 forbids a choice, [numSteps][numEnvs][actionDim]; null without masks. */
  masks: Float64Array | null
  /** [numSteps][numEnvs][actionStride of the distribution], unclipped. */
  actions: Float64Array
  /** [numSteps][numEnvs] */
  logprobs: Float64Array
  rewards: Float64Array
  finalValues: Float64Array
  /** 0 or 1. */
  terminated: Uint8Array
  truncated: Uint8Array
  /** Bits of FAULT. */
  faults: Uint8Array
  /** [numSteps][numEnvs][obsStride]: the last observation of an episode, if one ended. */
  finalObs: Float64Array
  /** [numSteps + 1][numEnvs] */
  values: Float64Array
  /** Working memory of the networks, numEnvs rows. */
  actor: LayerBuffers
  critic: LayerBuffers
  /** How the layers are computed. */
  twins: LayerTwins
}

/** Buffers, and the first observations: every environment is reset at global step 0. `stagger`: see `resetEnvs`. */
export function makeRollout<S>(
  spec: EnvSpec<S>,
  layout: NetworkLayout,
  numSteps: number,
  numEnvs: number,
  seed: number,
  stagger = false,
  twins = TWINS,
  settings: ParamSettings = {},
  rewardOptions: RewardOptions = {},
) {
  const { actor, critic, shape } = layout
  const { own, actionStride } = distributionOf(shape)
  const size = numSteps * numEnvs
  const obsStride = critic[0].inStride
  const outStride = actor.at(-1)!.outStride
  const rollout: Rollout<S> = {
    numSteps,
    numEnvs,
    obsStride,
    outStride,
    settings,
    rewardOptions,
    slots: resetEnvs(spec, seed, numEnvs, stagger, settings),
    obs: new Float64Array((size + numEnvs) * obsStride),
    out: new Float64Array(size * outStride),
    oldOwn: own ? new Float64Array(own.count) : null,
    masks: shape.masked ? new Float64Array(size * shape.actionDim) : null,
    actions: new Float64Array(size * actionStride),
    logprobs: new Float64Array(size),
    rewards: new Float64Array(size),
    finalValues: new Float64Array(size),
    terminated: new Uint8Array(size),
    truncated: new Uint8Array(size),
    faults: new Uint8Array(size),
    finalObs: new Float64Array(size * obsStride),
    values: new Float64Array(size + numEnvs),
    actor: makeLayerBuffers(actor, numEnvs),
    critic: makeLayerBuffers(critic, numEnvs),
    twins,
  }
  observeEnvs(spec, rollout.slots, rollout.obs, size * obsStride, obsStride, null, framesOf(spec, layout), true)
  return rollout
}

/** Frames of the environment that the network sees at once. */
const framesOf = (spec: Observed, { shape }: NetworkLayout): number => shape.obsDim / obsDim(spec)

/** Values of `rows` observations, [rows], at most numEnvs. */
function valuesOf(
  layout: NetworkLayout,
  params: Float64Array,
  obs: Float64Array,
  rows: number,
  { critic: outputs, twins }: Pick<Rollout<unknown>, 'critic' | 'twins'>,
) {
  const stride = layout.critic.at(-1)!.outStride
  const out = mlpForward(layout.critic, params, obs, rows, outputs, twins)
  return Float64Array.from({ length: rows }, (_, row) => out[row * stride])
}

/**
 * Fills `rollout` under fixed `params`. `iteration` counts from 0: the global step of slot t is iteration * numSteps + t.
 */
export function collectRollout<S>(
  spec: EnvSpec<S>,
  layout: NetworkLayout,
  params: Float64Array,
  seed: number,
  iteration: number,
  rollout: Rollout<S>,
  normaliser: Normaliser | null = null,
): void {
  const { numSteps, numEnvs, obsStride, outStride, slots, obs, values, actions } = rollout
  const { actionDim } = layout.shape
  const distribution = distributionOf(layout.shape)
  const perAction = distribution.actionStride
  const obsRow = numEnvs * obsStride
  const own = distribution.own ? params : null
  rollout.finalValues.fill(0)
  rollout.oldOwn?.set(params.subarray(layout.own, layout.own + rollout.oldOwn.length))
  // Older frames are those after the latest step.
  const frames = framesOf(spec, layout)
  obs.copyWithin(0, numSteps * obsRow)
  observeEnvs(spec, slots, obs, 0, obsStride, normaliser, frames)

  for (let t = 0; t < numSteps; t++) {
    const step = iteration * numSteps + t
    const obsNow = obs.subarray(t * obsRow, (t + 1) * obsRow)
    const seen = actorRows(layout, obsNow, numEnvs)
    const out = mlpForward(layout.actor, params, seen, numEnvs, rollout.actor, rollout.twins)
    rollout.out.set(out, t * numEnvs * outStride)
    values.set(valuesOf(layout, params, obsNow, numEnvs, rollout), t * numEnvs)
    const first = t * numEnvs
    const masks = rollout.masks?.subarray(first * actionDim) ?? null
    if (masks) maskEnvs(spec, slots, masks, 0)
    const head = { distribution, out, outStride, own, ownOffset: layout.own, masks }

    const finalObs = rollout.finalObs.subarray(t * obsRow, (t + 1) * obsRow)
    for (let env = 0; env < numEnvs; env++) {
      if (masks && !someChoice(masks, env * actionDim, distribution.parts)) slots[env].standsStill = true
      rollout.logprobs[first + env] = sample(head, seed, step, env, actions, (first + env) * perAction)
    }
    stepEnvs(
      spec,
      slots,
      seed,
      step,
      actions.subarray(first * perAction),
      perAction,
      obsStride,
      {
        rewards: rollout.rewards.subarray(first),
        terminated: rollout.terminated.subarray(first),
        truncated: rollout.truncated.subarray(first),
        faults: rollout.faults.subarray(first),
        finalObs,
        nextObs: obs.subarray((t + 1) * obsRow),
      },
      normaliser,
      rollout.settings,
      frames > 1 ? { frames, before: obsNow } : null,
      rollout.rewardOptions,
    )
    for (let env = 0; env < numEnvs; env++) {
      if (!rollout.truncated[first + env]) continue
      const last = finalObs.subarray(env * obsStride, (env + 1) * obsStride)
      rollout.finalValues[first + env] = valuesOf(layout, params, last, 1, rollout)[0]
    }
  }
  values.set(valuesOf(layout, params, obs.subarray(numSteps * obsRow), numEnvs, rollout), numSteps * numEnvs)
}
