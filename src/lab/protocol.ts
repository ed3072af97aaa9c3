/** The messages between the page and its Worker. The Worker owns the device; the page owns everything that is shown. */
import type { Comparison } from '../compare/columns'
import type { PpoConfig } from '../config/config'
import type { FilmFormat } from '../film/formats'
import type { Finding } from '../metrics/diagnosis'
import type { NormaliserStats } from '../model/normaliser'
import type { Snapshot as RunSnapshot } from '../plan/kept'
import type { PpoEvents } from '../run/api'
import type { Arrangement, Surface } from '../scene/grid'
import type { OwnEnv } from './environments'

export type { Surface } from '../scene/grid'

/** A run as the user chose it. `config` is complete and checked. */
export interface RunChoice {
  env: string
  config: PpoConfig
  /** If it is not built in. */
  own?: OwnEnv
}

/** How the environments are shown. */
export interface ViewChoice extends Pick<Arrangement, 'layout'> {
  /** `policy`: separate environments, in which the current policy acts in real time; `training`: those of training. */
  source: 'policy' | 'training'
  /** Environments shown. */
  count: number
  /** The one that is enlarged, and whose numbers are shown. */
  focus: number
  /** Speed of the policy's environments: 1 is real time. */
  tempo: number
}

/** Whether pictures are drawn on the canvas directly or through a copy; `auto`: a copy on software adapters. */
export const DRAWINGS = ['auto', 'direct', 'copy'] as const
export type Drawing = (typeof DRAWINGS)[number]

export type ToWorker =
  | { type: 'open'; canvas: OffscreenCanvas; surface: Surface; view: ViewChoice; draw: Drawing; visible: boolean }
  /** Starts run `run`: from the parameters of a saved policy, from a snapshot, or from the beginning. */
  | { type: 'start'; run: number; choice: RunChoice; play: boolean; weights?: Weights; snapshot?: Snapshot }
  | { type: 'play' }
  | { type: 'pause' }
  | { type: 'step' }
  /** Iterations per second at most; 0: no limit. */
  | { type: 'pace'; iterationsPerSecond: number }
  /** Changes options of the running agents; only those in LIVE of src/options/options.ts. */
  | { type: 'live'; config: PpoConfig; change: Change }
  | { type: 'view'; view: ViewChoice }
  | { type: 'surface'; surface: Surface }
  | { type: 'visible'; visible: boolean }
  /** Sets a field of the focused environment's state (src env's Picture.handles). */
  | { type: 'poke'; field: string; value: number }
  /**
   * What a person does in the focused environment from its next step on; null: the policy acts. `pressed`: by a key that
   * was pressed just now, which acts once also if it is released before the step.
   */
  | { type: 'act'; action: number | null; pressed: boolean }
  | { type: 'policy'; id: number }
  | { type: 'snapshot'; id: number }
  /** Records what is drawn from now on; the answer comes when it ends. */
  | { type: 'record'; id: number }
  | { type: 'stopRecording' }

/** What the user changed while agents train: an option or a parameter, with its values as text. */
export interface Change {
  name: string
  from: string
  to: string
}

export interface AdapterFacts {
  name: string
  software: boolean
}

/** A series' value in one iteration: over the agents, the mean and the middle half; null where no agent has one. */
export interface Spread {
  mean: number
  low: number
  high: number
}

export const SERIES = [
  'episodicReturn',
  'returnMean',
  'lengthMean',
  'pgLoss',
  'vLoss',
  'loss',
  'entropy',
  'approxKl',
  'clipfrac',
  'explainedVariance',
  'learningRate',
  'gradNorm',
  'klCoef',
] as const
export type SeriesName = (typeof SERIES)[number]

/** One iteration of all agents. */
export interface IterationSummary {
  timesteps: number
  series: Record<SeriesName, Spread | null>
  /** Samples in each of the six situations, all agents together. */
  situations: number[]
}

export type AgentStatus = 'running' | 'finished' | 'solved' | 'notFinite'

/** Whose environments a picture shows, and how many; there may be fewer than were chosen. */
export interface DrawnEnvs {
  source: ViewChoice['source']
  count: number
}

/** The status of training. */
export interface Standing {
  iterations: number
  timesteps: number
  /** Environment steps per second of all agents, over the last seconds; null while training is paused. */
  sps: number | null
  playing: boolean
  /** Agents by status. */
  agents: Record<AgentStatus, number>
  /** Timesteps at which agent 0 was solved; null before. */
  solvedAt: number | null
  /** The first non-finite value, in words; null if there is none. */
  notFinite: string | null
  /** Why agent 0 does not learn, if that can be seen. */
  diagnosis: Finding[]
  /** Pictures per second of the environments, over the last seconds. */
  fps: number
  /** What the latest picture shows; null before the first of this run. */
  drawn: DrawnEnvs | null
  /** Submits of training: milliseconds of a recent one, null before it was measured; and their size, 1: full size. */
  submit: { ms: number | null; share: number }
}

/** The focused environment: the observation and the policy's output. */
export interface FocusFacts {
  agent: number
  env: number
  obs: number[]
  /** The policy's outputs that were chosen: for discrete actions the choice of each part. Box: none. */
  taken: number[]
  /** Discrete: probabilities of the choices, 0 where one is forbidden. Box: means. */
  policy: number[]
  /** Standard deviations; box only. */
  std: number[] | null
  action: number[]
  value: number
  episodicReturn: number
  episodicLength: number
  /** Fields of the state that can be set by hand. */
  state: Record<string, number>
}

/** Number of samples by advantage (rows, from low to high) and ratio (columns), of the latest minibatch. */
export interface Histogram {
  columns: number
  rows: number
  ratioMin: number
  ratioMax: number
  advantageMax: number
  counts: Uint32Array
}

/** One channel beside the other: `values` is [channel][y][x], null where they are too many to be read. */
export interface ChannelMaps {
  /** What they come from: `conv 3 x 3, relu`. */
  name: string
  height: number
  width: number
  channels: number
  values: Float32Array | null
}

/** Of an agent whose network begins with a convolution: its filters, and what the focused environment makes of them. */
export interface FeatureMaps {
  agent: number
  /** Maps of `kernel` x `kernel` weights, [filter][channel of the observation]; the first `filters` of `outOf`. */
  filters: { kernel: number; filters: number; outOf: number; inputs: number; values: Float32Array }
  /** The observation after the latest step, and each layer's maps of it; null without environments of the policy. */
  maps: ChannelMaps[] | null
}

/** Of a saved policy: one agent's padded parameters, and the statistics that normalise its observations and rewards. */
export interface Weights {
  params: Float32Array
  normaliser: NormaliserStats | null
}

/** The whole state of training, and the run that it belongs to. */
export interface Snapshot extends RunSnapshot {
  choice: RunChoice
}

/** A film of what was drawn; or why there is none. */
export type Recording =
  | { bytes: Uint8Array<ArrayBuffer>; format: FilmFormat; codec: string; pictures: number; seconds: number }
  | { failed: string }

/** The answer of a comparison's Worker. */
export type CompareAnswer = { stages: Comparison[]; cpuSps: number } | { failed: string }

export type FromWorker =
  | { type: 'opened'; adapter: AdapterFacts }
  | { type: 'started'; run: number; plan: string; planReason: string; dispatches: number }
  | {
      type: 'progress'
      run: number
      iterations: IterationSummary[]
      standing: Standing
      scores: (number | null)[] | null
    }
  /** A change holds from the first iteration after `timesteps` on. */
  | { type: 'changed'; run: number; timesteps: number; change: Change }
  | { type: 'focus'; facts: FocusFacts }
  | { type: 'histogram'; histogram: Histogram }
  | { type: 'maps'; run: number; maps: FeatureMaps }
  | { type: 'policy'; id: number; bytes: Uint8Array }
  | { type: 'snapshot'; id: number; snapshot: Snapshot | null }
  | { type: 'recorded'; id: number; recording: Recording }
  /** The device is lost; the run waits for another one. */
  | { type: 'lost'; message: string }
  /** Continues on another device, after `ms`: iterations after `from` up to `iterations` are computed again. */
  | ({ type: 'recovered'; adapter: AdapterFacts } & PpoEvents['recovered'])
  /** `where`: the device is lost or was not found; or the run could not start, or has a non-finite value. */
  | { type: 'failed'; where: 'device' | 'run'; message: string }
