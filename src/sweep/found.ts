/** Going on from what a dead worker left. */
import { splitCheckpoint } from '../checkpoint/agents'
import type { EnvSpec } from '../env/contract'
import { type Agent, type AgentState, agentState, isSame } from './agent'
import { isSameFingerprint } from './fingerprint'
import { type Left, readLeft } from './left'
import type { Fingerprint } from './types'

/** Puts each agent to its latest state in `found`; what cannot be read, or is of another agent, counts as not there. */
export function takeUp(agents: readonly Agent[], found: readonly Uint8Array[], spec: EnvSpec, here: Fingerprint): void {
  for (const bytes of found) {
    const { left, states } = statesIn(bytes, spec)
    for (const [k, state] of states.entries()) {
      const agent = agents.find(({ member }) => member.trial === left.trials[k])
      if (!agent || !isSame(agent.config, state.config) || state.iterations <= (agent.state?.iterations ?? 0)) continue
      agent.state = state
      agent.mixed ||= left.mixed[k] || !isSameFingerprint(left.fingerprint, here)
      agent.seconds = left.seconds[k]
      agent.curve.restore(left.curves[k], state.config.numEnvs * state.config.numSteps)
    }
  }
}

const NOTHING = { left: { trials: [] as number[] } as Left, states: [] as AgentState[] }

function statesIn(bytes: Uint8Array, spec: EnvSpec): typeof NOTHING {
  const read = readLeft(bytes)
  if (!read) return NOTHING
  try {
    const parts = splitCheckpoint(read.checkpoint, spec)
    if (parts.length !== read.left.trials.length) return NOTHING
    return { left: read.left, states: parts.map((part) => agentState(part, spec)) }
  } catch {
    return NOTHING
  }
}
