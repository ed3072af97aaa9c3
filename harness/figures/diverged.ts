/** The error of `train` and `learn` for agents that stopped at a non-finite value. */
import type { NotFinite } from '../../src/metrics'
import { EXIT, HarnessError } from '../cli/errors'
import { commandLine, quoted } from '../cli/invocation'
import type { CurveRow } from './csv'

const ENVIRONMENT = `Look into the environment: ${commandLine('check-env', '--env ID')}, or FILE, steps it beside its twin.`
const TRAINING = 'Use a smaller learningRate or maxGradNorm.'

const ADVICE: Record<NotFinite['buffer'], string> = {
  obs: ENVIRONMENT,
  states: ENVIRONMENT,
  rewards: ENVIRONMENT,
  finalObs: ENVIRONMENT,
  advantages: 'Rewards or values are too large to add up: use normReward, or scale them in the environment.',
  logits: TRAINING,
  actions: TRAINING,
  logprobs: TRAINING,
  values: TRAINING,
  gradients: TRAINING,
  parameters: TRAINING,
  masks: 'Let env_mask allow at least one choice of every part of the action, in every state that a step can lead to.',
}
/** The most agents that are named one by one. */
const NAMED = 8

/** `rewards of step 3, env 2`; `gradients of update 5`. */
export const placeOf = ({ buffer, step, env }: NotFinite): string =>
  buffer === 'gradients' || buffer === 'parameters'
    ? `${buffer} of update ${step}`
    : `${buffer} of step ${step}, env ${env}`

const faultOf = ({ buffer }: NotFinite): string => (buffer === 'masks' ? 'leave an action no choice' : 'are not finite')

/** The file of an agent's dump, in the run folder. */
export const dumpName = (iteration: number, agent: number, numAgents: number): string =>
  `not-finite-${iteration}${numAgents > 1 ? `-agent-${agent}` : ''}.safetensors`

/**
 * @throws HarnessError, exit code 4, if one or more agents stopped at a non-finite value: which, where, and what to do.
 * `dumps` are the paths of their dumps, by agent.
 */
export function failIfDiverged(rows: CurveRow[][], dumps: ReadonlyMap<number, string> = new Map()): void {
  const lost = rows.flatMap((list) => {
    const row = list.at(-1)
    return row?.status === 'notFinite' && row.notFinite ? [{ ...row, notFinite: row.notFinite }] : []
  })
  if (lost.length === 0) return
  const lines = lost.slice(0, NAMED).map(({ agent, seed, iteration, notFinite }) => {
    const dump = dumps.get(agent)
    const replay = dump ? ` Replay it: ${commandLine('verify', quoted(dump))}` : ''
    return `agent ${agent} (seed ${seed}), iteration ${iteration}: ${placeOf(notFinite)} ${faultOf(notFinite)}. ${ADVICE[notFinite.buffer]}${replay}`
  })
  if (lost.length > NAMED) lines.push(`and ${lost.length - NAMED} more; metrics.jsonl names them all.`)
  const who =
    rows.length === 1 ? 'the agent stopped' : `${lost.length} of ${rows.length} agents stopped, and the others finished`
  throw new HarnessError(`train: ${who}.\n  ${lines.join('\n  ')}`, EXIT.diverged)
}
