/** Plays episodes of a policy on the CPU, in the environment's twin. */
import { actionDim, type EnvSpec, type Observed, obsDim } from '../../src/env/contract'
import { episodeParams, type ParamValues } from '../../src/env/params'
import { makeRng, STREAM } from '../../src/env/rng'
import { scaled } from '../../src/model/actions'
import { drawsOf, policyRow } from '../../src/model/distributions/distribution'
import { distributionOf } from '../../src/model/distributions/table'
import { layoutNetwork } from '../../src/model/network'
import type { ParamSettings } from '../../src/options/params'
import { makePolicy, type Policy } from '../../src/policy/policy'
import type { PolicyData } from '../../src/policy/policyfile'
import { observeWords } from '../../src/reference/observe_words'
import { actionForEnv } from '../../src/reference/step_envs'

/** Far from the usual seeds of training, so that the episodes are new. */
export const EVAL_SEED = 1_000_000

/** Steps after which an episode of an environment without a time limit is ended here. */
export const EVAL_CAP = 100_000

export interface Episode {
  return: number
  length: number
  /** It reached EVAL_CAP; the task has not ended. */
  capped: boolean
  /** The task ended; else the time limit, or the cap. */
  terminated: boolean
  /** The parameters of the environment in this episode. */
  params: ParamValues
}

/**
 * The action for `obs` in a step of an environment's episode, not clipped: an index, one for each part, or a vector;
 * `mask` gives the allowed choices, if the environment has masks.
 */
export type Act = (obs: Float64Array, step: number, env: number, mask?: Float64Array) => number[]

/** Actions drawn from a policy, as in training: the same for the same seed, step and environment. */
export function drawnActions(data: PolicyData, seed: number): Act {
  const { shape, params, actionScale } = data
  const policy = makePolicy(data)
  const distribution = distributionOf(shape)
  const ownOffset = layoutNetwork(shape).own
  const actions = new Float64Array(distribution.actionCount)
  return (obs, step, env, mask) => {
    const out = Float64Array.from(policy.outputs(obs))
    const own = distribution.own ? params : null
    const row = policyRow({ distribution, out, outStride: out.length, own, ownOffset, masks: mask ?? null }, 0)
    distribution.sample(row, drawsOf(makeRng(seed, step, STREAM.ACTION, env)), actions, 0)
    return Array.from(actions, (a, i) => (actionScale ? scaled(a, i, actionScale) : a))
  }
}

/**
 * One episode in each of `episodes` environments, with the policy's deterministic action, or the result of `act`. Every
 * environment counts once, so that short episodes are not counted more often than long ones. `settings`: of the
 * environment's parameters. Without a time limit an episode ends after EVAL_CAP steps.
 */
export function evaluatePolicy(
  spec: EnvSpec,
  policy: Pick<Policy, 'act' | 'shape'>,
  episodes: number,
  seed: number,
  act: Act = (obs, _step, _env, mask) => policy.act(obs, mask),
  settings: ParamSettings = {},
): Episode[] {
  const { twin, maxEpisodeSteps, actionSpace } = spec
  const limit = maxEpisodeSteps ?? EVAL_CAP
  if (!twin) throw new Error(`${spec.id} has no CPU twin, so nothing can be evaluated on the CPU.`)
  const frame = new Float64Array(obsDim(spec))
  const obs = new Float64Array(policy.shape.obsDim)
  const frames = obs.length / frame.length
  // The policy takes entries as the twin writes them: bytes are not yet parts of 1.
  const raw: Observed = spec.observation ? { observation: { ...spec.observation, storage: 'f32' } } : spec
  const mask = twin.mask ? new Float64Array(actionDim(spec)) : undefined
  return Array.from({ length: episodes }, (_, env) => {
    const params = episodeParams(spec, settings, seed, 0, env)
    const state = twin.reset(makeRng(seed, 0, STREAM.ENV_RESET, env), params)
    const episode = { return: 0, length: 0, capped: false, terminated: false, params }
    while (!episode.terminated && episode.length < limit) {
      twin.observe(state, frame, 0, params)
      observeWords(raw, frames, frame, obs, 0, episode.length > 0 ? { obs, offset: 0, moved: 1 } : null)
      if (mask) twin.mask!(state, mask, 0, params)
      const bounded = actionForEnv(actionSpace, act(obs, episode.length, env, mask), 0)
      const rng = makeRng(seed, episode.length, STREAM.ENV_STEP, env)
      const result = twin.step(state, bounded, rng, params)
      episode.terminated = result.terminated
      episode.return += result.reward
      episode.length++
    }
    episode.capped = !episode.terminated && maxEpisodeSteps === null
    return episode
  })
}
