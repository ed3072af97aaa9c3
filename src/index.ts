/**
 * The library: PPO that runs entirely on the GPU, through WebGPU. Importing it has no side effects and needs no GPU,
 * DOM or Worker; only the functions that need a GPU request an adapter.
 *
 * @module ppo-webgpu
 */
export { cartPole } from '../envs/cartpole/spec'
export { compilePlanar } from '../envs/planar/compile'
export type {
  BodyDescription,
  CapsuleDescription,
  HingeDescription,
  JointDescription,
  RobotDescription,
  SlideDescription,
} from '../envs/planar/description'
export type { PlanarEnvOptions } from '../envs/planar/env'
export { planarEnv } from '../envs/planar/env'
export type { PlanarModel, Solimp, Solref, Surface, Vec2 } from '../envs/planar/model'
export type { Colour, DrawnRectangle, PlanarLook } from '../envs/planar/picture'
export type { PlanarState } from '../envs/planar/state'
export type { PlanarStep, PlanarTask } from '../envs/planar/task'
export { ENVS, findEnv } from '../envs/registry'
export type { Checkpoint, CheckpointOrigin } from './checkpoint/checkpoint'
export { CheckpointError, readCheckpoint } from './checkpoint/checkpoint'
export type { DerivedSizes, PpoConfig, PpoOptions } from './config/config'
export { ConfigError, derivedSizes, OPTIONS, PRESETS, parseOption, presetOptions, resolveConfig } from './config/config'
export type {
  ActionSpace,
  AnyEnvSpec,
  BoxSpace,
  DiscreteSpace,
  EnvSpec,
  EnvTwin,
  StepResult,
  WgslModule,
} from './env/contract'
export { actionDim, obsDim } from './env/contract'
export type { BooleanParam, EnvParam, NumberParam, ParamValues } from './env/params'
export type { Rng } from './env/rng'
export { normal, uniform } from './env/rng'
export type { CheckEnvOptions, EnvProblem, EnvReport } from './envcheck/checkenv'
export { checkEnv, envReportText } from './envcheck/checkenv'
export type { Dtype, SafetensorsFile, Tensor, TensorData, TensorToWrite } from './files/safetensors'
export { readSafetensors, SafetensorsError, writeSafetensors } from './files/safetensors'
export { ShaderError } from './gpu/compile'
export type { Gpu } from './gpu/device'
export { GpuError } from './gpu/device'
export type { DeviceSource } from './gpu/source'
export type { MetricsRow, NotFinite } from './metrics'
export type { DiagnosedEnv, Finding, FindingId } from './metrics/diagnosis'
export { diagnose } from './metrics/diagnosis'
export type { DistributionKind } from './model/distributions/distribution'
export type { Layer, NetworkLayout, NetworkShape } from './model/network'
export { layoutNetwork } from './model/network'
export type { NormaliserStats, Running } from './model/normaliser'
export type { Activation, Sweep, SweepKey } from './options/options'
export type { ParamSetting, ParamSettings, ParamValue, Uniform } from './options/params'
export type { Snapshot } from './plan/kept'
export type { PolicyEnvironment } from './policy/environment'
export type { PolicyOrigin } from './policy/origin'
export type { Policy } from './policy/policy'
export { PolicyError } from './policy/policy'
export { loadPolicy, policyFile } from './policy/policyfile'
export type { BestPolicy, CreateOptions, Every, Hooks, Ppo, PpoEvents, TrainOptions, TrainUpdate } from './run/api'
export { createPpo } from './run/create'
export { HookError } from './run/hooks'
export type { LoadOptions } from './run/load'
export { loadPpo } from './run/load'
export type { PpoWorker, PpoWorkerOptions } from './worker/api'
export { createPpoWorker } from './worker/create'
