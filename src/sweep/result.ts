/** The result of a trial in a rung, and its files. */
import type { EnvSpec } from '../env/contract'
import { sha256 } from '../files/sha256'
import { policyFile, readPolicy } from '../policy/policyfile'
import type { Agent, AgentState } from './agent'
import { oneLine } from './errors'
import type { Work } from './machine'
import type { Batch, FileRef, Member, TrialResult } from './types'

const named = ({ sweep, id, ticket, rung }: Batch, { trial }: Member) =>
  ({ version: 1, sweep, batch: id, ticket, trial, rung }) as const

/** Of an agent that has come to the end of the rung, or has stopped before. */
export async function resultOf(batch: Batch, agent: Agent, state: AgentState, work: Work): Promise<TrialResult> {
  const { member, config, mixed, seconds, curve } = agent
  // There is nothing to go on from, and nothing to play, after a value that is not finite.
  const isKept = state.status !== 'notFinite'
  const put = async (kind: 'checkpoint' | 'policy', bytes: () => Uint8Array): Promise<FileRef | null> =>
    batch.keep[kind] && isKept ? work.files.put(fileName(batch, member, kind), bytes()) : null
  const { params } = state
  return {
    ...named(batch, member),
    timesteps: state.iterations * config.numEnvs * config.numSteps,
    score: state.score,
    status: state.status,
    curve: curve.list,
    seconds,
    weightsHash: sha256(new Uint8Array(params.buffer, params.byteOffset, params.byteLength)),
    fingerprint: work.machine.fingerprint,
    mixed,
    checkpoint: await put('checkpoint', () => state.bytes),
    policy: await put('policy', () => policyOf(state, work.spec)),
    error: null,
  }
}

/** Of a trial that cannot be trained. */
export const failed = (batch: Batch, member: Member, error: unknown, work: Work): TrialResult => ({
  ...named(batch, member),
  ...{ timesteps: 0, score: null, status: 'failed', curve: [], seconds: 0, weightsHash: null },
  ...{ fingerprint: work.machine.fingerprint, mixed: false, checkpoint: null, policy: null, error: oneLine(error) },
})

/** Every name is used once: a batch that is delivered twice puts two files. */
function fileName({ sweep, ticket }: Batch, { trial }: Member, kind: string): string {
  const random = [...crypto.getRandomValues(new Uint8Array(6))].map((x) => x.toString(16).padStart(2, '0')).join('')
  return `${sweep}.${ticket}.${trial}.${random}.${kind}`
}

function policyOf({ bytes, score }: AgentState, spec: EnvSpec): Uint8Array {
  const { shape, params, normaliser, actionScale, origin } = readPolicy(bytes)
  return policyFile(spec, shape, params, normaliser, actionScale, { ...origin, score })
}
