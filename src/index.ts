/**
 * The library: PPO that runs entirely on the GPU, through WebGPU. Importing it has no side effect and needs no GPU, no
 * DOM and no Worker; only `createPpo` asks for an adapter.
 */
export { cartPole } from '../envs/cartpole/spec'
export type { ActionSpace, BoxSpace, DiscreteSpace, EnvSpec, EnvTwin, StepResult } from '../envs/env'
export { actionDim, obsDim } from '../envs/env'
export { ENVS, findEnv } from '../envs/registry'
export type { DerivedSizes, PpoConfig, PpoOptions } from './config'
export { ConfigError, derivedSizes, OPTIONS, PRESETS, parseOption, presetOptions, resolveConfig } from './config'
export type { Gpu } from './gpu/device'
export { GpuError } from './gpu/device'
export type { MetricsRow, NotFinite } from './metrics'
export type { Activation, Distribution, Layer, NetworkLayout, NetworkShape } from './network'
export { layoutNetwork } from './network'
export type { Policy } from './policy'
export { loadPolicy, PolicyError, policyFile } from './policy'
export type { CreateOptions, Ppo, TrainOptions, TrainUpdate } from './ppo'
export { createPpo } from './ppo'
export type { Rng } from './reference/rng'
export { normal, uniform } from './reference/rng'
export type { Dtype, SafetensorsFile, Tensor, TensorData, TensorToWrite } from './safetensors'
export { readSafetensors, SafetensorsError, writeSafetensors } from './safetensors'
export type { Sweep, SweepKey } from './sweep'
