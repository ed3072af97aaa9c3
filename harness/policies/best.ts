/** Finds the agent with the best policy: `--agent best`. */
import { makePolicy } from '../../src/policy/policy'
import { UsageError } from '../cli/errors'
import { count } from '../cli/output'
import { average } from '../figures/summary'
import { type Known, playedEnv } from './environment'
import { EVAL_SEED, evaluatePolicy } from './evaluate'
import type { PoliciesOnDisk, PolicyOnDisk } from './policyfile'

/** Episodes of each agent: the default of `eval`. */
const EPISODES = 100
const TELL_MS = 5000

export interface ChosenPolicy extends PolicyOnDisk {
  agent: number
  numAgents: number
}

/**
 * The agent given by `--agent`; without it the first, and a line that there are others.
 * @throws UsageError
 */
export function choosePolicy(
  policies: PoliciesOnDisk,
  agent: number | 'best' | null,
  known: Known,
  say: (line: string) => void,
): ChosenPolicy {
  const { numAgents } = policies
  if (agent === null && numAgents > 1) {
    say(`Agent 0 of ${count(numAgents)}. For another one give --agent K, for the best of them --agent best.`)
  }
  const chosen = agent === 'best' ? bestAgent(policies, known, say) : (agent ?? 0)
  return { ...policies.read(chosen), agent: chosen, numAgents }
}

/**
 * The agent with the highest mean return; the first if several are equal. Diverged agents have no policy and are left
 * out.
 */
function bestAgent({ numAgents, read }: PoliciesOnDisk, known: Known, say: (line: string) => void): number {
  if (numAgents === 1) return 0
  let best = { agent: -1, mean: Number.NEGATIVE_INFINITY }
  const refused: string[] = []
  let told = Date.now()
  for (let agent = 0; agent < numAgents; agent++) {
    const found = readOrWhy(read, agent)
    if (typeof found === 'string') refused.push(found)
    else {
      const mean = meanReturn(found, known)
      if (best.agent < 0 || mean > best.mean) best = { agent, mean }
    }
    if (Date.now() - told < TELL_MS) continue
    told = Date.now()
    say(`Evaluated ${count(agent + 1)} of ${count(numAgents)} agents, ${EPISODES} episodes each.`)
  }
  if (best.agent < 0) throw new UsageError(`--agent best: no agent has a policy that can be used. ${refused[0]}`)
  if (refused.length > 0) say(`WARNING: ${count(refused.length)} left out, the first for this: ${refused[0]}`)
  say(`Agent ${best.agent} is the best of ${count(numAgents)}: ${count(best.mean, 1)} over ${EPISODES} episodes.`)
  return best.agent
}

function readOrWhy(read: PoliciesOnDisk['read'], agent: number): PolicyOnDisk | string {
  try {
    return read(agent)
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
}

function meanReturn(found: PolicyOnDisk, known: Known): number {
  const spec = playedEnv(found, known)
  return average(evaluatePolicy(spec, makePolicy(found.policy), EPISODES, EVAL_SEED).map((episode) => episode.return))
}
