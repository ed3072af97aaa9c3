/**
 * What the host (Node) can ask of the page (Chrome, the GPU's side). Arguments and results are plain objects whose
 * leaves are JSON values or typed arrays; `harness/protocol/wire.ts` carries them across.
 */

import type { StageDump, UpdateResult } from '../../src/compare/dump'
import type { PpoConfig } from '../../src/config/config'
import type { EnvSpec } from '../../src/env/contract'
import type { KernelRun } from '../../src/gpu/once'
import type { MetricsRow } from '../../src/metrics'
import type { NetworkShape } from '../../src/model/network'
import type { NormaliserStats } from '../../src/model/normaliser'
import type { Tuning } from '../../src/plan/tuned'
import type { Every, PpoEvents } from '../../src/run/api'
import type { Preparing } from '../../src/run/preparing'

export type { KernelRun } from '../../src/gpu/once'

/** Tells the host of something, while a task runs. */
export type Emit = (event: unknown) => void

/** Who computes: part of every result. */
export interface AdapterFacts {
  vendor: string
  architecture: string
  device: string
  description: string
  /** True for software adapters, Chrome's SwiftShader among them. */
  software: boolean
  /** What the adapter says of itself; null where it says nothing. */
  isFallbackAdapter: boolean | null
  limits: Record<string, number>
}

export interface TrainArgs {
  env: string
  /** The environment itself, without its twin, where it is none of the registry's. */
  spec?: Omit<EnvSpec, 'twin'>
  config: PpoConfig
  /** On a device without them the fused plan works by tiles, as it does on hardware. */
  withoutSubgroups?: boolean
  /** Then: whether another such device can be asked for when it is lost. */
  anotherDevice?: boolean
  /** For tests: on a device that stays for later runs, so that the same kernels are compiled once. */
  sharedDevice?: boolean
  /** A checkpoint to go on from. */
  from?: Uint8Array
  checkpointEvery?: Every
  /** Ends after so many timesteps instead of the configuration's total. */
  untilTimesteps?: number
  /** For tests: the device is destroyed when the rows of these iterations have come back. */
  loseDeviceAt?: number[]
  /** For tests: the loop over the updates is left then, and another one begun. */
  leaveLoopAt?: number[]
  /** For tests: calls into WebGPU during which the device is lost, one after the other. */
  loseDeviceIn?: LossAt[]
  /** From inside of the page, or by whoever hears of the event `loseDevice`: the call is held until it has happened. */
  lostBy?: 'destroy' | 'outside'
  /** For tests: tunes on a software adapter too. */
  tuneSoftware?: boolean
}

/** The n-th call since the loss before, from 1, of objects that have `label` in theirs. */
export interface LossAt {
  /** What the run is doing then. */
  phase: string
  call: 'createComputePipelineAsync' | 'onSubmittedWorkDone' | 'mapAsync'
  label?: string
  nth: number
}

/** Events while `train` runs, in order. */
export type TrainEvent =
  /** Rows [iteration][agent], null for an agent that had stopped before. */
  | { type: 'rows'; rows: (MetricsRow | null)[][]; seconds: number }
  /** Of an iteration whose rows have been told. */
  | { type: 'checkpoint'; bytes: Uint8Array }
  /** Of an agent that stopped at a number that is not finite. */
  | { type: 'dump'; agent: number; iteration: number; bytes: Uint8Array }
  /** Before the first rows, while it takes long. */
  | { type: 'preparing'; detail: Preparing }
  | { type: 'deviceLost'; detail: PpoEvents['deviceLost'] }
  | { type: 'recovered'; detail: PpoEvents['recovered'] }

export interface TrainResult {
  /** Padded parameters of every agent, [numAgents][paramStride]. */
  params: Float32Array
  /** What each agent's observations and rewards are normalised by; null without normObs and normReward. */
  normalisers: (NormaliserStats | null)[]
  /** Of the end; null for the reference. */
  checkpoint: Uint8Array | null
  iterations: number
  /** Seconds from the first dispatch to the last readback. */
  seconds: number
  plan: string
  /** Null for the reference. */
  tuning: Tuning | null
  dispatchesPerIteration: number
  /** Calls counted while training, for the promise that nothing crosses inside an iteration. */
  calls: { submits: number; mapAsyncs: number; writeBuffers: number }
  hostMsPerIteration: number
}

export interface StageArgs extends TrainArgs {
  /** Iterations trained before the one that is looked at, so that weights and moments are no longer the first. */
  warmup: number
}

/** A golden PPO update: parameters, a batch, permutations. Arrays are unpadded, torch's layout. */
export interface UpdateArgs {
  shape: NetworkShape
  config: PpoConfig
  /** The number of samples in the batch. */
  batch: number
  /** Padded parameters, [paramStride]. */
  params: Float32Array
  /** [batch][obsDim] */
  obs: Float32Array
  /** [batch][actionCount of the distribution] */
  actions: Float32Array
  logprobs: Float32Array
  values: Float32Array
  advantages: Float32Array
  returns: Float32Array
  /** [batch][actionDim] logits or means of the behaviour policy. */
  oldOut: Float32Array
  /** Its distribution's own parameters; empty where it has none. */
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

/** What `bench` times: a whole iteration, or one part of it through the same dispatches. */
export type Unit = 'iteration' | 'rollout' | 'update' | 'minibatch' | 'steps'

export interface BenchArgs extends TrainArgs {
  unit: Unit
  /** Timed repeats after a warm-up, and seconds that each should last at least. With 0, only the first update. */
  repeats: number
  repeatSeconds: number
}

export interface BenchResult {
  /** Seconds of each repeat, and units in each. */
  seconds: number[]
  units: number
  plan: string
  /** Dispatches of a unit, and of the whole iteration. */
  dispatches: number
  dispatchesPerIteration: number
  /** The host's own milliseconds in a unit. */
  hostMs: number
  /** From asking for a device to the metrics of the first iteration. */
  firstUpdateSeconds: number
  /** The same end, counted from the navigation to this page (or the start of this process). */
  loadToFirstUpdateSeconds: number
}

/** As BenchArgs; every dispatch in a compute pass of its own, so that the GPU tells when each began and ended. */
export type ProfileArgs = Omit<BenchArgs, 'repeats' | 'repeatSeconds'>

export interface ProfileResult {
  plan: string
  /** By total time, longest first. Null when the adapter has no timestamps. */
  kernels: KernelTime[] | null
}

export interface KernelTime {
  kernel: string
  /** In one unit. */
  dispatches: number
  /** Milliseconds in one unit. */
  ms: number
  /** Floating-point operations in one unit, padding included; 0 where they are not counted. */
  flops: number
}

/** Every task the page offers: name -> [arguments, result]. */
/** A run to train to its end, and how many times to make and dispose of one like it after. */
export interface LeakArgs {
  env: string
  config: PpoConfig
  cycles: number
}

/** Events of `leaks`: the most buffers, and bytes in them, that were alive at once since the event before. */
export interface LeakSample {
  phase: 'iterations' | 'cycles'
  /** Iterations, or cycles, until now; after a cycle, what is alive when the run has been disposed of. */
  count: number
  buffers: number
  bytes: number
}

export interface Tasks {
  adapter: [Record<string, never>, AdapterFacts]
  runKernel: [KernelRun, Record<string, Float32Array | Uint32Array | Int32Array>]
  train: [TrainArgs, TrainResult]
  leaks: [LeakArgs, Record<string, never>]
  /** Asks the running `train` to stop after the iterations already submitted. */
  stop: [Record<string, never>, boolean]
  stages: [StageArgs, StageDump]
  update: [UpdateArgs, UpdateResult]
  gae: [GaeArgs, { advantages: Float32Array; returns: Float32Array }]
  transitions: [TransitionArgs, TransitionResult]
  bench: [BenchArgs, BenchResult]
  profile: [ProfileArgs, ProfileResult]
}
export type TaskName = keyof Tasks
