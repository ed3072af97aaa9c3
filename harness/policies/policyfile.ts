/** The policy given by RUN_OR_POLICY: a policy file, a checkpoint, or a run's folder; and of which agent. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type EnvSpec, type GridSpace, hasMask, obsDim, observedShape } from '../../src/env/contract'
import { largest } from '../../src/extremes'
import { distributionFor } from '../../src/model/distributions/table'
import { type PolicyData, readPolicies } from '../../src/policy/policyfile'
import type { Flag, Given } from '../cli/args'
import { UsageError } from '../cli/errors'
import { readInteger } from '../setup/setup'

export interface PolicyOnDisk {
  file: string
  policy: PolicyData
}

/** The policies of a run, or in a file: agents are numbered from 0. */
export interface PoliciesOnDisk {
  numAgents: number
  /** @throws UsageError if there is no such agent, or its file is invalid. */
  read(agent: number): PolicyOnDisk
}

export const AGENT_FLAG: Flag = {
  value: 'K',
  help: 'Which agent of a run or checkpoint of several, or best: the highest mean of 100 deterministic episodes. Default 0.',
}

export const BEST_FLAG: Flag = {
  help: 'The best policy of the run, by its evaluations while it trained (evalEvery), in place of the last one.',
}

/**
 * The policies named on the command line, the last ones of a run or with `--best` its best ones.
 * @throws UsageError
 */
export function givenPolicies(given: Given): PoliciesOnDisk {
  return given.has('best') ? bestPolicies(given.positionals[0]) : openPolicies(given.positionals[0])
}

/** `--agent`; null if it was not given. */
export function readAgent(given: Given): number | 'best' | null {
  const text = given.text('agent')
  if (text === undefined || text === 'best') return text ?? null
  if (!/^\d[\d_]*$/.test(text)) {
    throw new UsageError(`--agent: ${JSON.stringify(text)} is not a whole number from 0, and not best.`)
  }
  return readInteger(given, 'agent', 0, 0, 2 ** 20)
}

/** @throws UsageError */
export function openPolicies(path: string): PoliciesOnDisk {
  if (!existsSync(path)) throw new UsageError(`${path}: there is no such run or policy file.`)
  if (statSync(path).isDirectory()) return policiesOfRun(path)
  if (!statSync(path).isFile()) throw new UsageError(`${path}: is not a file.`) // reading a pipe would wait for ever
  const explained = <T>(read: () => T): T => {
    try {
      return read()
    } catch (error) {
      throw new UsageError(`${path}: ${(error as Error).message}`)
    }
  }
  const { numAgents, read } = explained(() => readPolicies(new Uint8Array(readFileSync(path))))
  return { numAgents, read: (agent) => ({ file: path, policy: explained(() => read(agent)) }) }
}

function policiesOfRun(path: string): PoliciesOnDisk {
  if (!existsSync(join(path, policyName('policy', 0))))
    throw new UsageError(`${path}: the folder holds no policy.safetensors; the run did not finish.`)
  return policiesIn(path, 'policy')
}

/** @throws UsageError if `path` is not the folder of a run that was evaluated while it trained. */
function bestPolicies(path: string): PoliciesOnDisk {
  if (!existsSync(path)) throw new UsageError(`${path}: there is no such run.`)
  if (!statSync(path).isDirectory()) {
    throw new UsageError(`--best: ${path} is one file. Name the folder of its run, or leave --best out.`)
  }
  if (existsSync(join(path, policyName('policy-best', 0)))) return policiesIn(path, 'policy-best')
  throw new UsageError(
    `--best: ${path} holds no ${policyName('policy-best', 0)}. A run keeps its best policy if it is evaluated while it ` +
      'trains: --set evalEvery=10. Leave --best out for its last policy.',
  )
}

/** The file of an agent in a run's folder: its last policy, or its best. */
export const policyName = (stem: 'policy' | 'policy-best', agent: number): string =>
  agent === 0 ? `${stem}.safetensors` : `${stem}-${agent}.safetensors`

function policiesIn(path: string, stem: 'policy' | 'policy-best'): PoliciesOnDisk {
  const pattern = new RegExp(`^${stem}-(\\d+)\\.safetensors$`)
  const agents = readdirSync(path).flatMap((name) => pattern.exec(name)?.[1] ?? [])
  const numAgents = largest(agents.map(Number), 0) + 1
  const read = (agent: number): PolicyOnDisk => {
    const name = policyName(stem, agent)
    if (agent > 0 && !existsSync(join(path, name))) {
      const those = numAgents === 1 ? 'it is of one agent, 0' : `its agents are 0 to ${numAgents - 1}`
      throw new UsageError(`--agent ${agent}: ${path} holds no ${name}; ${those}.`)
    }
    return openPolicies(join(path, name)).read(0)
  }
  return { numAgents, read }
}

/** ` (10 x 10 x 4 of bits)` */
const grid = (given: GridSpace | undefined): string =>
  given ? ` (${given.shape.join(' x ')} of ${given.storage})` : ''

/** @throws UsageError if the policy is not for an environment of this shape. */
export function checkFit({ file, policy }: PolicyOnDisk, spec: EnvSpec): void {
  const { obsDim: inputs, actionDim: outputs, dist, nvec, masked = false } = policy.shape
  const wanted = distributionFor(spec.actionSpace)
  const sameParts = String(nvec) === String(wanted.nvec)
  const frames = inputs / obsDim(spec)
  const seen = policy.shape.observation
  const stacked = seen && spec.observation ? String(observedShape(spec, frames)) === String(seen.shape) : frames === 1
  const sameStorage = seen?.storage === spec.observation?.storage
  const sameSizes = stacked && sameStorage && outputs === wanted.actionDim && sameParts
  if (sameSizes && dist === wanted.dist && masked === hasMask(spec)) return
  const told = (parts: readonly number[] | undefined, withMask: boolean): string =>
    `${parts ? ` (parts of ${parts.join(', ')})` : ''}${withMask ? ' with masks' : ''}`
  throw new UsageError(
    `${file}: a ${dist} policy of ${inputs} inputs${grid(seen)} and ${outputs} outputs${told(nvec, masked)} does not fit ${spec.id}, ` +
      `which takes a ${wanted.dist} one of ${obsDim(spec)}${grid(spec.observation)} and ${wanted.actionDim}${told(wanted.nvec, hasMask(spec))}.`,
  )
}
