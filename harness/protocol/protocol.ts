/**
 * The tasks that the host (Node) can start in the page (Chrome, the GPU's side). Arguments and results are plain
 * objects whose leaves are JSON values or typed arrays; `harness/protocol/wire.ts` encodes them.
 */

import type { StageDump, UpdateResult } from '../../src/compare/dump'
import type { PpoConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import type { FilmFormat } from '../../src/film/formats'
import type { KernelRun } from '../../src/gpu/once'
import type { MetricsRow } from '../../src/metrics'
import type { NetworkShape } from '../../src/model/network'
import type { NormaliserStats } from '../../src/model/normaliser'
import type { Tuning } from '../../src/plan/tuned'
import type { BestPolicy, Every, PpoEvents } from '../../src/run/api'
import type { Preparing } from '../../src/run/preparing'
import type { EnvArgs } from './environment'

export type { KernelRun } from '../../src/gpu/once'

/** Sends an event to the host while a task runs. */
export type Emit = (event: unknown) => void

/** The adapter: part of every result. */
export interface AdapterFacts {
  vendor: string
  architecture: string
  device: string
  description: string
  /** True for software adapters, such as Chrome's SwiftShader. */
  software: boolean
  /** As the adapter reports it; null if it does not. */
  isFallbackAdapter: boolean | null
  limits: Record<string, number>
}

export interface TrainArgs extends EnvArgs {
  config: PpoConfig
  /** On a device without subgroups the fused plan uses tiles, as on hardware. */
  withoutSubgroups?: boolean
  /** Only then: whether another such device can be requested after a loss. */
  anotherDevice?: boolean
  /** For tests: on a device of its own with the limits that every adapter has, and no more. */
  ordinaryLimits?: boolean
  /** For tests: on a shared device, so that later runs reuse its compiled kernels. */
  sharedDevice?: boolean
  /** The same for batches of a sweep: after a loss on another device, which then is kept. */
  keptDevice?: boolean
  /** A checkpoint to continue from, or a policy file to begin with. */
  from?: Uint8Array
  checkpointEvery?: Every
  /** Ends after this many timesteps instead of the configuration's total. */
  untilTimesteps?: number
  /** For tests: the device is destroyed when the rows of these iterations have been read back. */
  loseDeviceAt?: number[]
  /** For tests: the loop over the updates is left then, and another one started. */
  leaveLoopAt?: number[]
  /** For tests: calls into WebGPU during which the device is lost, one after the other. */
  loseDeviceIn?: LossAt[]
  /** From inside the page, or by a listener of the event `loseDevice`: the call waits until it has happened. */
  lostBy?: 'destroy' | 'outside'
  /** For tests: tunes on a software adapter too. */
  tuneSoftware?: boolean
}

/** The n-th call since the previous loss, from 1, of objects with `label` in their labels. */
export interface LossAt {
  /** What the run does at that time. */
  phase: string
  call: 'createComputePipelineAsync' | 'onSubmittedWorkDone' | 'mapAsync'
  label?: string
  nth: number
}

/** Events while `train` runs, in order. */
export type TrainEvent =
  /** Rows [iteration][agent], null for an agent that had stopped before. */
  | { type: 'rows'; rows: (MetricsRow | null)[][]; seconds: number }
  /** Of an iteration whose rows have been reported. */
  | { type: 'checkpoint'; bytes: Uint8Array }
  /** Of an agent that stopped at a non-finite value. */
  | { type: 'dump'; agent: number; iteration: number; bytes: Uint8Array }
  /** Before the first rows, if that takes long. */
  | { type: 'preparing'; detail: Preparing }
  | { type: 'deviceLost'; detail: PpoEvents['deviceLost'] }
  | { type: 'recovered'; detail: PpoEvents['recovered'] }

export interface TrainResult {
  /** Padded parameters of every agent, [numAgents][paramStride]. */
  params: Float32Array
  /** The statistics that normalise each agent's observations and rewards; null without normObs and normReward. */
  normalisers: (NormaliserStats | null)[]
  /** At the end; null for the reference. */
  checkpoint: Uint8Array | null
  /** With `evalEvery`, each agent's best policy so far; else empty. */
  best: (BestPolicy | null)[]
  iterations: number
  /** Seconds from the first dispatch to the last readback. */
  seconds: number
  plan: string
  /** Null for the reference. */
  tuning: Tuning | null
  dispatchesPerIteration: number
  /** Calls during training, to check that nothing is transferred inside an iteration. */
  calls: { submits: number; mapAsyncs: number; writeBuffers: number }
  hostMsPerIteration: number
}

export interface StageArgs extends TrainArgs {
  /** Iterations trained before the compared one, so that weights and moments are not the initial ones. */
  warmup: number
}

/** A golden PPO update: parameters, a batch, permutations. Arrays are unpadded, in torch's layout. */
export interface UpdateArgs {
  shape: NetworkShape
  config: PpoConfig
  /** The number of samples in the batch. */
  batch: number
  /** Padded parameters, [paramStride]. */
  params: Float32Array
  /** [batch][criticDim] */
  obs: Float32Array
  /** [batch][actionCount of the distribution] */
  actions: Float32Array
  logprobs: Float32Array
  values: Float32Array
  advantages: Float32Array
  returns: Float32Array
  /** [batch][actionDim] logits or means of the behaviour policy. */
  oldOut: Float32Array
  /** Its distribution's own parameters; empty if it has none. */
  oldOwn: Float32Array
  /** 0 forbids a choice, [batch][actionDim]; empty without masks. */
  masks: Float32Array
  /** One permutation per epoch, [epochs][batch]; minibatch j is entries [j*m, (j+1)*m), m = floor(batch/minibatches). */
  permutations: Uint32Array
  epochs: number
  minibatches: number
}

export interface GaeArgs {
  numSteps: number
  numEnvs: number
  rewards: Float32Array
  values: Float32Array
  finalValues: Float32Array
  nextValue: Float32Array
  terminated: Uint32Array
  truncated: Uint32Array
  gamma: number
  gaeLambda: number
}

export interface TransitionArgs {
  env: string
  /** [n][number of EnvState fields] */
  states: Float32Array
  /** [n][1 or actionDim] */
  actions: Float32Array
  n: number
}

export interface TransitionResult {
  states: Float32Array
  obs: Float32Array
  rewards: Float32Array
  terminated: Uint32Array
}

/** What `bench` times: a whole iteration, or one part of it with the same dispatches. */
export type Unit = 'iteration' | 'rollout' | 'update' | 'minibatch' | 'steps'

export interface BenchArgs extends TrainArgs {
  unit: Unit
  /** Timed repeats after a warm-up, and the shortest length of each in seconds. With 0, only the first update. */
  repeats: number
  repeatSeconds: number
}

export interface BenchResult {
  /** Seconds of each repeat, and units in each. */
  seconds: number[]
  units: number
  plan: string
  /** Dispatches per unit, and per whole iteration. */
  dispatches: number
  dispatchesPerIteration: number
  /** The host's own milliseconds per unit. */
  hostMs: number
  /** From requesting a device to the metrics of the first iteration. */
  firstUpdateSeconds: number
  /** The same end, counted from the navigation to this page (or the start of this process). */
  loadToFirstUpdateSeconds: number
}

/** The convolutions of a network, on one minibatch. */
export interface ConvolutionsArgs extends EnvArgs {
  config: PpoConfig
  /** Timed rounds, and the shortest length of a side of each in seconds. */
  rounds: number
  seconds: number
}

/** One pass of a convolution, and that of a dense layer with the same M, N and K. */
export interface ConvolutionTime {
  layer: string
  /** Forward, or the gradient of the weight or of the inputs. */
  pass: 'forward' | 'weight' | 'input'
  /** The convolution's kernel. */
  stem: string
  m: number
  n: number
  k: number
  /** Seconds of a dispatch, in each round. */
  convolution: number[]
  matmul: number[]
}

/** As BenchArgs; every dispatch in a separate compute pass, so that the GPU records its beginning and end. */
export type ProfileArgs = Omit<BenchArgs, 'repeats' | 'repeatSeconds'>

export interface ProfileResult {
  plan: string
  /** By total time, longest first. Null if the adapter has no timestamps. */
  kernels: KernelTime[] | null
}

export interface KernelTime {
  kernel: string
  /** Per unit. */
  dispatches: number
  /** Milliseconds per unit. */
  ms: number
  /** Floating-point operations per unit, including padding; 0 if they are not counted. */
  flops: number
}

/** A run to train to its end, and how many times to create and dispose of one like it afterwards. */
export interface LeakArgs {
  env: string
  config: PpoConfig
  cycles: number
}

/** Events of `leaks`: the largest number of live buffers, and bytes in them, since the previous event. */
export interface LeakSample {
  phase: 'iterations' | 'cycles'
  /** Iterations, or cycles, so far; after a cycle, what is alive after the run was disposed of. */
  count: number
  buffers: number
  bytes: number
}

/** A film that begins: cards in a grid, each with one environment. */
export interface FilmArgs {
  spec: Omit<EnvSpec, 'twin'>
  format: FilmFormat
  width: number
  height: number
  columns: number
  rows: number
}

/** Further pictures of the film. */
export interface FilmPictures {
  /** [pictures][rows][columns][words of EnvState] */
  states: Uint32Array
  /** Seconds at which each is shown, and the end of the last one. */
  times: Float64Array
}

/** Every task the page offers: name -> [arguments, result]. */
export interface Tasks {
  adapter: [Record<string, never>, AdapterFacts]
  runKernel: [KernelRun, Record<string, Float32Array | Uint32Array | Int32Array>]
  train: [TrainArgs, TrainResult]
  leaks: [LeakArgs, Record<string, never>]
  /** Requests the running `train` to stop after the submitted iterations. */
  stop: [Record<string, never>, boolean]
  stages: [StageArgs, StageDump]
  update: [UpdateArgs, UpdateResult]
  gae: [GaeArgs, { advantages: Float32Array; returns: Float32Array }]
  transitions: [TransitionArgs, TransitionResult]
  bench: [BenchArgs, BenchResult]
  convolutions: [ConvolutionsArgs, { times: ConvolutionTime[] }]
  profile: [ProfileArgs, ProfileResult]
  /** A film at a time: its beginning, pictures, and the file. */
  filmBegin: [FilmArgs, { codec: string }]
  filmDraw: [FilmPictures, Record<string, never>]
  filmEnd: [Record<string, never>, Uint8Array]
}
export type TaskName = keyof Tasks
