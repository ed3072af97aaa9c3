/** The policy that RUN_OR_POLICY of a command line names: a file, or one in a run's folder. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { actionDim, type EnvSpec, obsDim } from '../envs/env'
import { loadPolicy, type Policy } from '../src/policy'
import { UsageError } from './errors'

export interface PolicyOnDisk {
  file: string
  bytes: Uint8Array
  policy: Policy
}

/**
 * @param agent Which agent's, in the folder of a run; its first one's unless given.
 * @throws UsageError
 */
export function readPolicyFile(path: string, agent?: number): PolicyOnDisk {
  if (!existsSync(path)) throw new UsageError(`${path}: there is no such run or policy file.`)
  const file = findPolicy(path, agent)
  try {
    const bytes = new Uint8Array(readFileSync(file))
    return { file, bytes, policy: loadPolicy(bytes) }
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`)
  }
}

function findPolicy(path: string, agent: number | undefined): string {
  if (!statSync(path).isDirectory()) {
    if (agent === undefined) return path
    throw new UsageError(`--agent ${agent}: ${path} is the policy of one agent. Name the folder of a run instead.`)
  }
  const first = join(path, 'policy.safetensors')
  if (!existsSync(first))
    throw new UsageError(`${path}: the folder holds no policy.safetensors; the run did not finish.`)
  if (agent === undefined || agent === 0) return first
  const file = join(path, `policy-${agent}.safetensors`)
  if (existsSync(file)) return file
  throw new UsageError(`--agent ${agent}: ${path} holds no policy-${agent}.safetensors. Agents are numbered from 0.`)
}

/** @throws UsageError when the policy was not made for an environment of this shape. */
export function checkFit({ file, policy }: PolicyOnDisk, spec: EnvSpec): void {
  const { obsDim: inputs, actionDim: outputs, dist } = policy.shape
  const wanted = spec.actionSpace.kind === 'discrete' ? 'categorical' : 'gaussian'
  if (inputs === obsDim(spec) && outputs === actionDim(spec) && dist === wanted) return
  throw new UsageError(
    `${file}: a ${dist} policy of ${inputs} inputs and ${outputs} outputs does not fit ${spec.id}, ` +
      `which takes a ${wanted} one of ${obsDim(spec)} and ${actionDim(spec)}.`,
  )
}
