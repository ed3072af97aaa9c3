/** The records of the agents: hyperparameters, and the initial state of training. */

import { derivedSizes, type PpoConfig } from '../config/config'
import type { EnvSpec } from '../env/contract'
import { reflectStruct, writeStruct } from '../gpu/reflect'
import { criticDim } from '../model/networkshape'
import {
  firstNormaliser,
  isNormalising,
  type NormaliserStats,
  normaliserStride,
  readNormaliser,
} from '../model/normaliser'
import { IN_HYPER, OPTIONS, type OptionName } from '../options/options'
import { agentConfig } from '../options/sweep'
import { boundsOf } from '../plan/params'
import type { Run } from './run'

/** Means "no limit" where a kernel compares with a limit; infinity is not portable in WGSL. */
const NO_LIMIT = 3.4028234663852886e38

/** The record `Hyper` of one agent. */
export function hyperValues(
  all: PpoConfig,
  spec: EnvSpec | undefined,
  agent: number,
): Record<string, number | boolean | [number, number][]> {
  const config = agentConfig(all, agent)
  const options = Object.fromEntries(IN_HYPER.map((name) => [name, inHyper(name, config[name])]))
  return { ...options, ...derived(config, spec), envParams: boundsOf(spec ?? {}, config.envParams) }
}

/** An option's value as kernels read it: a choice by its index in the table, null as no limit. */
function inHyper(name: OptionName, value: unknown): number | boolean {
  const option = OPTIONS[name]
  if (option.type === 'choice') return option.choices.indexOf(value as string)
  return value === null ? NO_LIMIT : (value as number | boolean)
}

/** Fields of `Hyper` that are not options, and options whose value there depends on others. */
function derived(config: PpoConfig, spec: EnvSpec | undefined): Record<string, number | boolean> {
  const penalty = config.algorithm === 'penalty'
  return {
    numIterations: derivedSizes(config).numIterations,
    penalty,
    klCoef: penalty ? config.klCoef : 0,
    vfClipCoef: config.vfClipCoef ?? (penalty ? 0.2 : config.clipCoef),
    annealVfClipCoef: config.annealClipCoef && config.vfClipCoef === null,
    logAdamBeta1: logBeta(config.adamBeta1),
    logAdamBeta2: logBeta(config.adamBeta2),
    rewardThreshold: spec?.rewardThreshold ?? NO_LIMIT,
  }
}

/** ln of the decay in the GPU's precision; -100 for a decay of 0, so that no old moment remains. */
const logBeta = (beta: number): number => Math.max(Math.log(Math.fround(beta)), -100)

/** Writes `hyper`, and the initial `progress` and `normaliser`, of every agent. */
export function writeAgents(run: Run, overrides: Record<string, number | boolean>): void {
  const { code } = run.kernels.control
  const write = (name: 'hyper' | 'progress', struct: string, values: (agent: number) => Record<string, unknown>) => {
    const layout = reflectStruct(code, struct)
    const bytes = new ArrayBuffer(layout.size * run.sizes.numAgents)
    for (let agent = 0; agent < run.sizes.numAgents; agent++) {
      writeStruct(layout, values(agent), new DataView(bytes), agent * layout.size)
    }
    run.gpu.device.queue.writeBuffer(run.buffers[name], 0, bytes)
  }
  const hyper = (agent: number) => ({ ...hyperValues(run.config, run.spec, agent), ...overrides })
  write('hyper', 'Hyper', hyper)
  if (isNormalising(run.config)) {
    const first = (agent: number) =>
      firstNormaliser(criticDim(run.layout.shape), run.sizes.numEnvs, agentConfig(run.config, agent).gamma)
    for (let agent = 0; agent < run.sizes.numAgents; agent++) {
      const numbers = first(agent) as Float32Array<ArrayBuffer>
      run.gpu.device.queue.writeBuffer(run.buffers.normaliser, agent * numbers.byteLength, numbers)
    }
  }
  write('progress', 'Progress', (agent) => {
    const { learningRate, klCoef } = hyper(agent)
    const { seed } = agentConfig(run.config, agent)
    const start = { iteration: 0, status: 0, adamStep: 0, solvedAt: 0, windowNext: 0, remaining: 1 }
    return { ...start, seed, learningRate, klCoef }
  })
}

/** The statistics that normalise each agent's observations and rewards, from the contents of `normaliser`; null without. */
export function normalisersIn(
  { config, layout, sizes }: Run,
  bytes: ArrayBuffer | undefined,
): (NormaliserStats | null)[] {
  const agents = Array.from({ length: sizes.numAgents }, (_, agent) => agent)
  if (!bytes) return agents.map(() => null)
  const all = new Float32Array(bytes)
  const seenDim = criticDim(layout.shape)
  const stride = normaliserStride(seenDim, sizes.numEnvs)
  return agents.map((agent) => readNormaliser(config, seenDim, all.subarray(agent * stride, (agent + 1) * stride)))
}
