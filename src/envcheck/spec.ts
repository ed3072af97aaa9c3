/** Whether an environment's description is consistent, before any GPU call. */

import { ConfigError, presetOptions, resolveConfig } from '../config/config'
import { type EnvSpec, isPacked } from '../env/contract'
import { checkKeys } from '../env/keys'
import { LinkError, link, type Slot } from '../gpu/link'
import { kernelPath, SHADERS } from '../gpu/shaders'
import { layoutNetwork, networkShape } from '../model/network'
import { show } from '../options/show'
import { envSlots, gridSlots, policySlots, quadSlots } from '../plan/kernels'
import { quadLayers } from '../plan/quadlayers'
import { checkActionNames, checkActionSpace } from './actions'
import { checkContract } from './contract'
import { checkObservations } from './observation'
import { checkParams } from './params'
import { checkPicture } from './picture'

/** Import slots that the framework binds itself. */
export const SLOTS = [
  'env',
  'finite',
  'params',
  'params_hyper',
  'params_running',
  'learning',
  'action',
  'bounds',
  'dist',
  'shape',
  'shuffle',
  'normaliser',
  'mask',
  'reset',
  'norm',
  'quad',
  'grid_rows',
]
/** Kernels that contain an environment: its names must not clash with theirs. */
export const STEMS = [
  ...['reset_envs', 'observe_envs', 'step_envs', 'fused_rollout', 'quad_rollout', 'grid_rollout'],
  ...['observe_words', 'replay_envs', 'reset_draws'],
]
/** These take no packed observations and no stacks of frames. */
const FUSED_STEMS = ['fused_rollout', 'quad_rollout']
/** Only for packed observations. */
const PACKED_STEMS = ['grid_rollout', 'observe_words']
const isUsed = (stem: string, packed: boolean): boolean => !(packed ? FUSED_STEMS : PACKED_STEMS).includes(stem)
/** Episodes are counted in f32, which is exact up to here. */
const MAX_STEPS = 2 ** 24

/**
 * Checks everything in `spec` that needs no GPU: its fields, and that its WGSL declares what the framework calls.
 * @throws ConfigError that says where, what is wrong, and what to do.
 */
export function checkSpec(spec: EnvSpec): void {
  if (typeof spec !== 'object' || spec === null) {
    throw new ConfigError(`env: ${show(spec)} is not an environment. Give an EnvSpec, such as cartPole.`)
  }
  checkKeys(spec)
  if (typeof spec.id !== 'string' || !/^(?=.{1,100}$)[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)?$/.test(spec.id)) {
    throw new ConfigError(
      `env.id: ${show(spec.id)} is not a name. Use a letter or a digit, then letters, digits, ".", "_", "-"; at most 100. ` +
        'It may have two such parts with one "/" between.',
    )
  }
  checkObservations(spec)
  checkActionSpace(spec.actionSpace)
  checkActionNames(spec)
  checkNumbers(spec)
  checkTwin(spec)
  checkParams(spec)
  checkPreset(spec)
  checkPicture(spec)
  checkWgsl(spec)
}

function checkPreset(spec: EnvSpec): void {
  const preset: unknown = spec.preset ?? {}
  if (typeof preset !== 'object' || Array.isArray(preset)) {
    throw new ConfigError(`env.preset: ${show(preset)} is not an object of options. Give for example { numEnvs: 32 }.`)
  }
  try {
    resolveConfig(presetOptions(spec, 'default'), {}, spec)
  } catch (error) {
    throw new ConfigError(`env.preset: ${(error as Error).message}`)
  }
}

function checkNumbers({ maxEpisodeSteps, rewardThreshold, published, tolerance, angles }: EnvSpec): void {
  const limited = Number.isInteger(maxEpisodeSteps) && maxEpisodeSteps! >= 1 && maxEpisodeSteps! <= MAX_STEPS
  if (maxEpisodeSteps !== null && !limited) {
    throw new ConfigError(
      `env.maxEpisodeSteps: ${show(maxEpisodeSteps)} is not a whole number from 1 to ${MAX_STEPS}, the largest that is ` +
        'counted exactly. Use null when there is no time limit.',
    )
  }
  if (rewardThreshold !== null && !Number.isFinite(rewardThreshold)) {
    throw new ConfigError(`env.rewardThreshold: ${show(rewardThreshold)} is not a number. Use null when there is none.`)
  }
  if (published !== undefined && !(Number.isFinite(published?.score) && typeof published.label === 'string')) {
    throw new ConfigError(
      `env.published: ${show(published)} is not a published result. Give { score, label }: a number, and whose it is.`,
    )
  }
  if (tolerance !== undefined && !(tolerance > 0 && tolerance < 1)) {
    throw new ConfigError(`env.tolerance: ${show(tolerance)} is out of range. Use a number above 0 and below 1.`)
  }
  if (angles !== undefined && (!Array.isArray(angles) || !angles.every((name) => typeof name === 'string'))) {
    throw new ConfigError(`env.angles: ${show(angles)} is not a list of names. Name fields of EnvState.`)
  }
}

function checkTwin({ twin }: EnvSpec): void {
  if (twin === undefined) return
  for (const name of ['reset', 'step', 'observe'] as const) {
    if (typeof twin?.[name] === 'function') continue
    throw new ConfigError(`env.twin.${name}: ${show(twin?.[name])} is not a function. Write it, or leave the twin out.`)
  }
}

function checkWgsl(spec: EnvSpec): void {
  const { wgsl, wgslFile, modules = {} } = spec
  if (typeof wgslFile !== 'string' || wgslFile === '') {
    throw new ConfigError(`env.wgslFile: ${show(wgslFile)} is not a file name. Say where the WGSL is, for its errors.`)
  }
  if (typeof wgsl !== 'string' || wgsl.trim() === '') {
    throw new ConfigError(
      `env.wgsl: ${typeof wgsl === 'string' ? 'is empty' : show(wgsl)}. Give the source of the WGSL.`,
    )
  }
  if (typeof modules !== 'object' || modules === null || Array.isArray(modules)) {
    throw new ConfigError(`env.modules: ${show(modules)} is not an object. Give { name: { file, source } }.`)
  }
  for (const [name, module] of Object.entries(modules)) {
    const path = `env.modules[${JSON.stringify(name)}]`
    if (SLOTS.includes(name) || SHADERS.has(name)) {
      throw new ConfigError(`${path}: the framework has a module of this name. Use another.`)
    }
    if (typeof module?.file !== 'string' || typeof module?.source !== 'string') {
      throw new ConfigError(`${path}: is not a module. Give { file, source }, both text.`)
    }
  }
  const linked = linkEnv('env', SHADERS, envSlots(spec))
  checkContract(spec, linked)
  const shape = networkShape(spec, resolveConfig({}, { hidden: [4] }))
  const packed = isPacked(spec)
  for (const stem of STEMS.filter((stem) => isUsed(stem, packed))) {
    for (const on of [false, true]) {
      const norm = { normObs: on && !packed, normReward: on }
      const quads = stem === 'quad_rollout' ? quadSlots(stem, quadLayers(layoutNetwork(shape))) : {}
      const grid = stem === 'grid_rollout' ? gridSlots({ rows: 1 }) : {}
      const frames = on && spec.observation && !FUSED_STEMS.includes(stem) ? 2 : 1
      const slots = { ...policySlots(shape), ...quads, ...envSlots(spec, { norm, scaleActions: on, frames }), ...grid }
      linkEnv(kernelPath(stem), SHADERS, slots)
    }
  }
}

function linkEnv(path: string, sources: ReadonlyMap<string, string>, slots: Record<string, Slot>) {
  try {
    return link(path, sources, slots)
  } catch (error) {
    if (!(error instanceof LinkError)) throw error
    throw new ConfigError(`env.wgsl: ${error.message}`)
  }
}
