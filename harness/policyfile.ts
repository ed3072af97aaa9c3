/** The policy that RUN_OR_POLICY of a command line names: a policy file, a checkpoint, or a run's folder. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { actionDim, type EnvSpec, obsDim } from '../envs/env'
import { type PolicyData, readPolicy } from '../src/policyfile'
import { UsageError } from './errors'

export interface PolicyOnDisk {
  file: string
  policy: PolicyData
}

/**
 * @param agent Which agent's, of a run or checkpoint of several.
 * @throws UsageError
 */
export function readPolicyFile(path: string, agent = 0): PolicyOnDisk {
  if (!existsSync(path)) throw new UsageError(`${path}: there is no such run or policy file.`)
  const folder = statSync(path).isDirectory()
  const file = folder ? findPolicy(path, agent) : path
  try {
    return { file, policy: readPolicy(new Uint8Array(readFileSync(file)), folder ? 0 : agent) }
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`)
  }
}

function findPolicy(path: string, agent: number): string {
  const first = join(path, 'policy.safetensors')
  if (!existsSync(first))
    throw new UsageError(`${path}: the folder holds no policy.safetensors; the run did not finish.`)
  if (agent === 0) return first
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
