/** What a library has to bring: the networks and one optimiser step. Everything else of PPO is common to all rivals. */
import type { NamedTensor } from '../../../src/model/network'
import type { UpdateHyper } from '../../../src/reference/update'

/** Samples as they enter the loss; advantages already normalised. */
export interface Minibatch {
  rows: number
  /** [rows][obsDim] */
  obs: Float32Array
  /** 1 at the action taken, [rows][actionDim]. */
  oneHot: Float32Array
  /** [rows] each. */
  logprobs: Float32Array
  values: Float32Array
  advantages: Float32Array
  returns: Float32Array
}

/** Of the latest step, before it changed the weights. */
export interface StepResult {
  loss: number
  gradNorm: number
}

/** Weights and Adam's moments, in torch's layout: weights [out][in]. */
export interface RivalState {
  params: NamedTensor[]
  m: NamedTensor[]
  v: NamedTensor[]
}

/** `Data` is a minibatch as the library keeps it on its device. */
export interface Rival<Data = unknown> {
  /** Logits and, last, the value of every observation: [rows][actionDim + 1]. */
  evaluate(obs: Float32Array, rows: number): Promise<Float32Array>
  upload(minibatch: Minibatch): Data
  release(data: Data): void
  /** Forward, loss, backward, clip by the global norm, Adam. Waits for the device only where the library wants it. */
  step(data: Data): void | Promise<void>
  /** Waits until the device has done everything. */
  settle(): Promise<StepResult>
  state(): Promise<RivalState>
}

/** What of the hyperparameters a rival's step uses. */
export type RivalHyper = Pick<
  UpdateHyper,
  | 'clipCoef'
  | 'vfClipCoef'
  | 'entCoef'
  | 'vfCoef'
  | 'maxGradNorm'
  | 'learningRate'
  | 'adamBeta1'
  | 'adamBeta2'
  | 'adamEps'
>

/** Starts the library on one of its backends, with these first weights (torch's layout). */
export type OpenRival = (backend: string, params: NamedTensor[], hyper: RivalHyper) => Promise<Rival>
