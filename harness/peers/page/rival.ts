/** The interface of a library: the networks and one optimiser step. The rest of PPO is common to all rivals. */
import type { NamedTensor, NetworkLayout } from '../../../src/model/network'
import type { UpdateHyper } from '../../../src/reference/update'

/** Samples as inputs of the loss; advantages already normalised. */
export interface Minibatch {
  rows: number
  /** [rows][obsDim]; of a map [rows][height][width][channels] */
  obs: Float32Array
  /** 1 at the action taken, [rows][actionDim]. */
  oneHot: Float32Array
  /** [rows] each. */
  logprobs: Float32Array
  values: Float32Array
  advantages: Float32Array
  returns: Float32Array
}

/** Of the last step, before it changed the weights. */
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

/** `Data` is a minibatch in the library's own form, on its device. */
export interface Rival<Data = unknown> {
  /** Logits and, last, the value of every observation: [rows][actionDim + 1]. */
  evaluate(obs: Float32Array, rows: number): Promise<Float32Array>
  upload(minibatch: Minibatch): Data
  release(data: Data): void
  /** Forward, loss, backward, clip by the global norm, Adam. Waits for the device only if the library requires it. */
  step(data: Data): void | Promise<void>
  /** Waits until the device has finished. */
  settle(): Promise<StepResult>
  state(): Promise<RivalState>
}

/** The hyperparameters that a rival's step uses. */
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

/** Starts the library on one of its backends, with this network and these initial weights (torch's layout). */
export type OpenRival = (
  backend: string,
  layout: NetworkLayout,
  params: NamedTensor[],
  hyper: RivalHyper,
) => Promise<Rival>
