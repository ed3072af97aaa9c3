/** Episodes of a policy on the CPU, in the environment's twin. */
import { type EnvSpec, obsDim } from '../envs/env'
import type { Policy } from '../src/policy'
import { makeRng, STREAM } from '../src/reference/rng'

/** Far from the seeds that people train with, so that the episodes are new ones. */
export const EVAL_SEED = 1_000_000

export interface Episode {
  return: number
  length: number
}

/**
 * One episode in each of `episodes` environments, with the policy's deterministic action. Every environment counts
 * once, so that short episodes are not counted more often than long ones.
 */
export function evaluatePolicy(spec: EnvSpec, policy: Pick<Policy, 'act'>, episodes: number, seed: number): Episode[] {
  const { twin, maxEpisodeSteps, actionSpace } = spec
  if (!twin) throw new Error(`${spec.id} has no CPU twin, so nothing can be evaluated on the CPU.`)
  const obs = new Float64Array(obsDim(spec))
  return Array.from({ length: episodes }, (_, env) => {
    const state = twin.reset(makeRng(seed, 0, STREAM.ENV_RESET, env))
    const episode = { return: 0, length: 0 }
    while (episode.length < maxEpisodeSteps) {
      twin.observe(state, obs, 0)
      const action = policy.act(obs)
      const bounded =
        actionSpace.kind === 'discrete'
          ? action
          : action.map((a, i) => Math.min(actionSpace.high[i], Math.max(actionSpace.low[i], a)))
      const { reward, terminated } = twin.step(state, bounded, makeRng(seed, episode.length, STREAM.ENV_STEP, env))
      episode.return += reward
      episode.length++
      if (terminated) break
    }
    return episode
  })
}
