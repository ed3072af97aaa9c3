/**
 * Proximal Policy Optimization on the GPU. Read this first: it is the map of the project.
 *
 * An iteration is a list of dispatches, made once and encoded again and again. The host reads nothing while it encodes:
 * minibatch order, learning rate, early stops and statistics are computed and consumed on the GPU, and one row of
 * metrics per agent comes back late, through a ring of three staging buffers.
 */
import type { EnvSpec } from '../envs/env'
import { checkSpec } from './check/spec'
import { type PpoConfig, type PpoOptions, presetOptions, resolveConfig } from './config'
import { type Gpu, requestGpu, watchDevice } from './gpu/device'
import type { Dispatch } from './gpu/dispatch'
import { readBuffer } from './gpu/readback'
import { readNormalisers } from './hyper'
import { initParams } from './init'
import { control, measure, reset, rollout, update } from './iteration'
import type { Plan } from './kernels'
import type { MetricsRow } from './metrics'
import { networkShape } from './network'
import type { NormaliserStats } from './normaliser'
import { loadPolicy, type Policy, policyFile } from './policy'
import { createRun, destroyRun, type Run } from './run'
import { agentConfig } from './sweep'
import { type Calls, Trainer } from './trainer'
import type { Tuning } from './tuning'

export interface CreateOptions extends PpoOptions {
  /** The environment, such as `cartPole`. */
  env: EnvSpec
  /** Which options to start from: `default` (the environment's own) or a name of PRESETS. */
  preset?: string
  /** A device of your own; its limits are used as they are, and it is not destroyed. */
  device?: GPUDevice
  /** Where to look for an adapter, when there is no `device`; navigator.gpu unless given. */
  gpu?: GPU
}

/** What `train` yields: the first agent's latest row, its steps per second, and the rows of all agents. */
export interface TrainUpdate extends MetricsRow {
  /** Environment steps per second of all agents together, training included, since the start of this call. */
  sps: number
  /** [iteration][agent]: every row since the last update; null for an agent that had stopped before. */
  rows: (MetricsRow | null)[][]
}

export interface TrainOptions {
  /** Stop after so many timesteps per agent (rounded down to whole iterations) instead of the configuration's total. */
  totalTimesteps?: number
  /** Ends the loop after the iterations that are already on their way. */
  signal?: AbortSignal
}

export interface Ppo {
  config: PpoConfig
  /** Iterations whose metrics have come back. */
  readonly iterations: number
  /** How the mathematics is split into dispatches (ARCHITECTURE.md), why, and how many an iteration takes. */
  readonly plan: Plan
  readonly planReason: string
  readonly dispatchesPerIteration: number
  /** Threads of the fused kernels: measured, or from a table (option `autotune`). */
  readonly tuning: Tuning
  /** Submits, iterations and the host's own milliseconds, counted since creation. */
  readonly calls: Calls
  gpu: Gpu
  /** Trains until the configuration's end, every agent has stopped, or `signal`. */
  train(options?: TrainOptions): AsyncGenerator<TrainUpdate, void, void>
  /** Current parameters, padded: f32 [numAgents][paramStride] (src/network.ts). */
  params(): Promise<Float32Array>
  /** What each agent's observations and rewards are normalised by; null without normObs and normReward. */
  normalisers(): Promise<(NormaliserStats | null)[]>
  /** The policy of one agent, for the CPU. */
  policy(agent?: number): Promise<Policy>
  /** The policy of one agent as a safetensors file. */
  policyFile(agent?: number): Promise<Uint8Array>
  /** Frees all buffers; destroys the device unless it was the caller's. */
  dispose(): void
}

/** One iteration of every agent. */
export function iteration(run: Run, slot: number): Dispatch[] {
  return [
    ...rollout(run), // numSteps x numEnvs: obs -> policy -> sample -> env step -> auto-reset -> store; then GAE
    ...measure(run), // not-finite numbers, explained variance, episodes, moments of the advantages
    ...update(run), // updateEpochs x numMinibatches: gather -> forward -> loss -> backward -> grad norm -> adam
    ...control(run, slot), // statistics to normalise by, schedules, early stops, counters, one metrics row
  ]
}

/**
 * Prepares a run: validates the options, gets a device, compiles, allocates, and writes the first weights.
 * @throws ConfigError for a wrong option or environment, before any GPU call; GpuError without usable WebGPU.
 */
export async function createPpo(options: CreateOptions): Promise<Ppo> {
  const { env, preset = 'default', device, gpu: provider, ...given } = options
  checkSpec(env)
  const config = resolveConfig(presetOptions(env, preset), given, env)
  const gpu = device ? watchDevice(device, device.adapterInfo) : await requestGpu(provider)
  const run = await createRun(gpu, { spec: env, shape: networkShape(env, config), config, iterationsPerSubmit: 'auto' })
  const trainer = new Trainer(run, reset(run), (slot) => iteration(run, slot))
  writeFirstWeights(run)

  const params = async (): Promise<Float32Array> =>
    new Float32Array(await readBuffer(gpu.device, run.buffers.parameters))
  const normalisers = () => readNormalisers(run)
  const file = async (agent = 0): Promise<Uint8Array> => {
    const stride = run.layout.paramStride
    const own = (await params()).slice(agent * stride, (agent + 1) * stride)
    return policyFile(env, run.layout.shape, own, (await normalisers())[agent])
  }
  return {
    config,
    gpu,
    plan: run.plan,
    planReason: run.planReason,
    tuning: run.tuning,
    dispatchesPerIteration: trainer.dispatchesPerIteration,
    calls: trainer.calls,
    get iterations() {
      return trainer.iterations
    },
    train: (trainOptions) => trainer.train(trainOptions),
    params,
    normalisers,
    policyFile: file,
    policy: async (agent) => loadPolicy(await file(agent)),
    dispose() {
      destroyRun(run)
      trainer.destroy()
      if (!device) gpu.device.destroy()
    },
  }
}

/** Orthogonal weights for every agent, from its own seed. */
export function writeFirstWeights(run: Run): void {
  for (let agent = 0; agent < run.sizes.numAgents; agent++) {
    const params = new Float32Array(initParams(run.layout, agentConfig(run.config, agent)))
    run.gpu.device.queue.writeBuffer(run.buffers.parameters, agent * params.byteLength, params)
  }
}
