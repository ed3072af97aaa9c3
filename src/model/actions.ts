/** Converts a policy's actions to the environment's: boxes are clipped, or scaled with the option `scaleActions`. */
import type { ActionSpace, BoxSpace, EnvSpec, EnvTwin } from '../env/contract'
import type { PpoConfig } from '../options/options'

/** The bounds of the box that corresponds to a policy's [-1, 1], per dimension. */
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

/** Entry `i` of an action in [-1, 1], in the environment's units; values outside are scaled the same, not clipped. */
export function scaled(action: number, i: number, { low, high }: ActionScale): number {
  const share = 0.5 + 0.5 * action
  return low[i] * (1 - share) + high[i] * share
}

/**
 * The environment from the policy's side: with `scaleActions` its box is [-1, 1], and the twin's step takes an action
 * in it. Observations, states and rewards are the same.
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

/** e^2, because log standard deviations stay below 2. */
const LARGEST_STD = Math.exp(2)
/**
 * A box is too wide if its half width exceeds this many of the largest deviation, too narrow below this part of the
 * first.
 */
const WIDE = 2
const NARROW = 1 / 20

/**
 * Why a Gaussian policy that acts in the box's own units will hardly learn there, and what to do; null if it can, and
 * for scaled and discrete actions. Its means start near 0 with deviations of e^logStdInit, and deviations stay below
 * e^2.
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
