/** The best policies of a run, scored again: the mean by which one was chosen among many is too good on average. */
import { agentParams } from '../../src/options/params'
import { agentConfig } from '../../src/options/sweep'
import { loadPolicy } from '../../src/policy/policyfile'
import { average, type BestScore } from '../figures/summary'
import { EVAL_SEED, evaluatePolicy } from '../policies/evaluate'
import type { TrainResult } from '../protocol/protocol'
import type { Session } from './session'

/**
 * Plays `evalEpisodes` episodes of each best policy on the CPU, from initial states that neither training nor its
 * evaluations had. Null for an agent without an evaluation; no score where the environment has no twin, and after an
 * interruption.
 */
export async function scoreBest(session: Session, { best }: Pick<TrainResult, 'best'>): Promise<(BestScore | null)[]> {
  const { setup, interrupted, output } = session
  const { spec, config } = setup
  const plays = spec.twin !== undefined && !interrupted()
  if (plays) output.say(`Playing ${config.evalEpisodes} other episodes of each best policy, on the CPU.`)
  session.underWay = 'the policy that is being evaluated'
  const scores: (BestScore | null)[] = []
  for (const [k, policy] of best.entries()) {
    await new Promise(setImmediate) // signals are handled between the policies
    const freshSeed = (agentConfig(config, k).seed + EVAL_SEED) >>> 0
    const settings = agentParams(config.envParams, k)
    const play = () =>
      evaluatePolicy(spec, loadPolicy(policy!.file), config.evalEpisodes, freshSeed, undefined, settings)
    const freshReturn = policy && plays && !interrupted() ? average(play().map((episode) => episode.return)) : null
    scores.push(policy && { timesteps: policy.timesteps, evalReturn: policy.evalReturnMean, freshReturn, freshSeed })
  }
  session.underWay = null
  return scores
}
