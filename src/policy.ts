/**
 * `ppo-webgpu/policy`: a trained policy where nothing is trained. It has no shaders and needs no GPU; `ppo-webgpu` gives
 * the same functions.
 *
 * @module ppo-webgpu/policy
 */
export { SafetensorsError } from './files/tensorheader'
export type { ActionScale } from './model/actions'
export type { DistributionKind } from './model/distributions/distribution'
export type { NetworkShape } from './model/network'
export type { NormaliserStats, Running } from './model/normaliser'
export type { Activation } from './options/options'
export type { PolicyEnvironment } from './policy/environment'
export type { PolicyOrigin } from './policy/origin'
export type { Policy } from './policy/policy'
export { PolicyError } from './policy/policy'
export { loadPolicy } from './policy/policyfile'
