/**
 * Proximal Policy Optimization on the GPU. Read this first: it is the map of the project.
 *
 * An iteration is a list of dispatches, made once and encoded again and again. The host reads nothing while it encodes:
 * minibatch order, learning rate, early stops and statistics are computed and consumed on the GPU, and one row of
 * metrics per agent comes back late, through a ring of three staging buffers.
 */
import type { EnvSpec } from '../envs/env'
import { version } from '../package.json'
import { checkSpec } from './check/spec'
import { checkpointFile } from './checkpoint'
import { type PpoConfig, type PpoOptions, presetOptions, resolveConfig } from './config'
import { dumpFile } from './dump'
import { type Gpu, gpuName } from './gpu/device'
import type { Dispatch } from './gpu/dispatch'
import { normalisersIn } from './hyper'
import { control, measure, reset, rollout, update } from './iteration'
import type { Plan } from './kernels'
import type { MetricsRow } from './metrics'
import { networkShape } from './network'
import type { NormaliserStats } from './normaliser'
import { loadPolicy, type Policy, type PolicyData, policyFile } from './policy'
import { type DeviceSource, LastingRun, type PpoEvents } from './recovery'
import { createRun, type Run } from './run'
import type { Snapshot } from './snapshot'
import { type Calls, type Every, Trainer } from './trainer'
import type { Tuning } from './tuning'
import { writeFirstWeights, writeWeights } from './weights'

export interface CreateOptions extends PpoOptions {
  /** The environment, such as `cartPole`. */
  env: EnvSpec
  /** Which options to start from: `default` (the environment's own) or a name of PRESETS. */
  preset?: string
  /**
   * A device of your own, or a function that gets one; its limits are used as they are, and it is not destroyed. When it
   * is lost, a function is called again, and training goes on; after the loss of a plain device `train` throws.
   */
  device?: DeviceSource
  /** Where to look for an adapter, when there is no `device`; navigator.gpu unless given. */
  gpu?: GPU
}

/** What `train` yields: the first agent's latest row, its steps per second, and the rows of all agents. */
export interface TrainUpdate extends MetricsRow {
  /** Environment steps per second of all agents together, training included, since the start of this call. */
  sps: number
  /** [iteration][agent]: every row since the last update; null for an agent that had stopped before. */
  rows: (MetricsRow | null)[][]
  /** A checkpoint that was due (`checkpointEvery`): of the latest of these iterations, or of one before. */
  checkpoint: Uint8Array | null
}

export interface TrainOptions {
  /** Stop after so many timesteps per agent (rounded down to whole iterations) instead of the configuration's total. */
  totalTimesteps?: number
  /** Ends the loop after the iterations that are already on their way. */
  signal?: AbortSignal
  /** When a checkpoint is due. It is read while training goes on, and comes with a later update. */
  checkpointEvery?: Every
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
  /** The device under way; another one after a loss. */
  readonly gpu: Gpu
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
  /**
   * A checkpoint: all that training goes on from, bit for bit, as a safetensors file for `loadPpo`. Inside the loop over
   * `train` it is some iterations ahead of the rows; after the loss of a plain `device` it is the latest that was kept.
   */
  save(): Promise<Uint8Array>
  /**
   * What the first number that was not finite came from, as a safetensors file that `verify` replays: of an agent whose
   * latest row is `row`, with `notFinite`.
   */
  dump(agent: number, row: MetricsRow): Promise<Uint8Array>
  /** Calls `listener` at each event of the kind; returns what ends it. */
  on<E extends keyof PpoEvents>(event: E, listener: (detail: PpoEvents[E]) => void): () => void
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
  const { env, preset = 'default', device, gpu, ...given } = options
  checkSpec(env)
  return openPpo({ env, config: resolveConfig(presetOptions(env, preset), given, env), device, gpu })
}

/** What a run begins with, or goes on from. */
export interface Beginning extends Pick<CreateOptions, 'env' | 'device' | 'gpu'> {
  config: PpoConfig
  snapshot?: Snapshot
  /** Of every agent, instead of random ones. */
  weights?: Pick<PolicyData, 'params' | 'normaliser'>
  /** Found by an earlier run on the same adapter. */
  tuning?: Tuning
  /** Seconds of training before. */
  seconds?: number
}

/** A run of a checked configuration. */
export async function openPpo({
  env,
  config,
  snapshot,
  weights,
  tuning,
  seconds = 0,
  ...source
}: Beginning): Promise<Ppo> {
  const shape = networkShape(env, config)
  let known = tuning
  let calls: Calls | undefined
  const prepare = async (gpu: Gpu) => {
    const run = await createRun(gpu, { spec: env, shape, config, iterationsPerSubmit: 'auto', tuning: known })
    const trainer = new Trainer(run, reset(run), (slot) => iteration(run, slot), calls)
    known = run.tuning
    calls = trainer.calls
    if (weights) writeWeights(run, weights)
    else writeFirstWeights(run)
    return { run, trainer }
  }
  const lasting = await LastingRun.open(source, prepare, snapshot ?? null)
  let trained = seconds

  const checkpoint = (snapshot: Snapshot): Uint8Array => {
    const { gpu, run } = lasting
    const { plan, tuning } = run
    const origin = { library: version, adapter: gpuName(gpu), software: gpu.software, plan, tuning, seconds: trained }
    return checkpointFile({ spec: env, config, origin, snapshot })
  }
  const params = async () => new Float32Array((await lasting.state()).buffers.parameters!)
  const normalisers = async () => normalisersIn(lasting.run, (await lasting.state()).buffers.normaliser)
  const file = async (agent = 0): Promise<Uint8Array> => {
    const { paramStride } = lasting.run.layout
    const own = (await params()).slice(agent * paramStride, (agent + 1) * paramStride)
    return policyFile(env, shape, own, (await normalisers())[agent])
  }
  return {
    config,
    get gpu() {
      return lasting.gpu
    },
    plan: lasting.run.plan,
    planReason: lasting.run.planReason,
    tuning: lasting.run.tuning,
    dispatchesPerIteration: lasting.trainer.dispatchesPerIteration,
    calls: lasting.trainer.calls,
    get iterations() {
      return lasting.trainer.iterations
    },
    async *train({ checkpointEvery, ...options } = {}) {
      const before = trained
      const start = performance.now()
      let due: Snapshot | undefined
      const keep = { snapshotEvery: checkpointEvery, onSnapshot: (snapshot: Snapshot) => (due = snapshot) }
      for await (const update of lasting.train({ ...options, ...(checkpointEvery ? keep : {}) })) {
        trained = before + (performance.now() - start) / 1000
        const ready = due && due.iterations <= lasting.trainer.iterations ? due : undefined
        if (ready) due = undefined
        yield { ...update, checkpoint: ready ? checkpoint(ready) : null }
      }
    },
    params,
    normalisers,
    policyFile: file,
    policy: async (agent) => loadPolicy(await file(agent)),
    save: async () => checkpoint(await lasting.state()),
    dump: (agent, row) => dumpFile(lasting.run, agent, row, gpuName(lasting.gpu), version),
    on: (event, listener) => lasting.on(event, listener),
    dispose: () => lasting.dispose(),
  }
}
