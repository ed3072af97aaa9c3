/** From the actions of a policy to those of the environment: boxes, clipped, or scaled with the option `scaleActions`. */
import type { ActionSpace, BoxSpace, EnvSpec, EnvTwin } from '../env/contract'
import type { PpoConfig } from '../options/options'

/** The box that [-1, 1] of a policy's actions stands for: bounds of each dimension. */
export interface ActionScale {
  low: number[]
  high: number[]
}

/** How the actions of a run are scaled; null where the policy acts in the environment's own units. */
export function actionScale(
  { actionSpace }: Pick<EnvSpec, 'actionSpace'>,
  { scaleActions }: Pick<PpoConfig, 'scaleActions'>,
): ActionScale | null {
  if (!scaleActions || actionSpace.kind !== 'box') return null
  return { low: [...actionSpace.low], high: [...actionSpace.high] }
}

/** Entry `i` of an action in [-1, 1], in the environment's units; further out in the same measure, not clipped. */
export function scaled(action: number, i: number, { low, high }: ActionScale): number {
  const share = 0.5 + 0.5 * action
  return low[i] * (1 - share) + high[i] * share
}

/**
 * The environment as the policy meets it: with `scaleActions` its box is [-1, 1], and the twin's step takes an action in it.
 * Observations, states and rewards are the same.
 */
export function asActed<S>(spec: EnvSpec<S>, config: Pick<PpoConfig, 'scaleActions'>): EnvSpec<S> {
  const scale = actionScale(spec, config)
  if (!scale) return spec
  const unit: BoxSpace = { kind: 'box', low: scale.low.map(() => -1), high: scale.low.map(() => 1) }
  const step: EnvTwin<S>['step'] = (state, action, rng, params) =>
    spec.twin!.step(
      state,
      Array.from(action, (a, i) => scaled(a, i, scale)),
      rng,
      params,
    )
  return { ...spec, actionSpace: unit, ...(spec.twin ? { twin: { ...spec.twin, step } } : {}) }
}

/** What e^2 is: log standard deviations are kept below 2. */
const LARGEST_STD = Math.exp(2)
/** A box is hard to fill where its half is so many times the largest deviation, hard to hit where so many times below the first. */
const WIDE = 2
const NARROW = 1 / 20

/**
 * Why a Gaussian policy that acts in the box's own units will hardly learn there, and what to do; null where it may, and for
 * scaled and discrete actions. It begins at means near 0 with deviations of e^logStdInit, and they stay below e^2.
 */
export function whyScaleActions(
  space: ActionSpace,
  { scaleActions, logStdInit }: Pick<PpoConfig, 'scaleActions' | 'logStdInit'>,
): string | null {
  if (space.kind !== 'box' || scaleActions) return null
  const first = Math.exp(logStdInit)
  const problems = space.low.flatMap((low, i) => {
    const high = space.high[i]
    const half = (high - low) / 2
    const of = `action ${i} has the bounds ${low} to ${high}`
    if (half > WIDE * LARGEST_STD) {
      return `${of}, and the policy's standard deviation stays below ${LARGEST_STD.toFixed(1)}: most of them is never tried`
    }
    if (low > 3 * first || high < -3 * first)
      return `${of}, and the policy begins at 0: what it tries is clipped to one bound`
    if (half < NARROW * first) {
      return `${of}, and the policy's first standard deviation is ${Number(first.toPrecision(2))}: nearly all it tries is clipped`
    }
    return []
  })
  if (problems.length === 0) return null
  const others = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return `${problems[0]}${others}. Use scaleActions=true, with which the policy acts in [-1, 1].`
}
