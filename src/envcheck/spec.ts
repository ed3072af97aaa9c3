/** Whether an environment's description is consistent, before any GPU call. */

import { ConfigError, resolveConfig } from '../config/config'
import { type ActionSpace, actionDim, type EnvSpec } from '../env/contract'
import { LinkError, link, type Slot } from '../gpu/link'
import { kernelPath, SHADERS } from '../gpu/shaders'
import { layoutNetwork, networkShape } from '../model/network'
import { envSlots, policySlots, quadSlots } from '../plan/kernels'
import { quadLayers } from '../plan/quadlayers'
import { checkContract } from './contract'
import { checkParams } from './params'

/** Import slots that the framework binds itself. */
export const SLOTS = [
  'env',
  'finite',
  'params',
  'params_hyper',
  'params_running',
  'action',
  'bounds',
  'dist',
  'shape',
  'shuffle',
  'normaliser',
  'mask',
  'norm',
  'quad',
]
/** Kernels that contain an environment: its names must not clash with theirs. */
export const STEMS = [
  ...['reset_envs', 'observe_envs', 'step_envs', 'fused_rollout', 'quad_rollout'],
  ...['replay_envs', 'reset_draws'],
]
/** Only names are linked here, no sizes. */
/** An action uses one pair of random numbers for every two dimensions, and there are 256 (shaders/lib/rng.wgsl). */
const MAX_DIMENSIONS = 512
/** At most this many parts of a discrete action have their own draw. */
const MAX_PARTS = 256
/** Episodes are counted in f32, which is exact up to here. */
const MAX_STEPS = 2 ** 24
const F32_MAX = 3.4028234663852886e38

const show = (value: unknown): string =>
  typeof value === 'number' ? `${value}` : (JSON.stringify(value) ?? `${value}`)

/**
 * Checks everything in `spec` that needs no GPU: its fields, and that its WGSL declares what the framework calls.
 * @throws ConfigError that says where, what is wrong, and what to do.
 */
export function checkSpec(spec: EnvSpec): void {
  if (typeof spec !== 'object' || spec === null) {
    throw new ConfigError(`env: ${show(spec)} is not an environment. Give an EnvSpec, such as cartPole.`)
  }
  if (typeof spec.id !== 'string' || !/^[A-Za-z0-9][\w.-]{0,99}$/.test(spec.id)) {
    throw new ConfigError(
      `env.id: ${show(spec.id)} is not a name. Use a letter or a digit, then letters, digits, ".", "_", "-"; at most 100.`,
    )
  }
  checkNames('env.observations', spec.observations)
  checkActionSpace(spec.actionSpace)
  checkActionNames(spec)
  checkNumbers(spec)
  checkTwin(spec)
  checkParams(spec)
  try {
    resolveConfig(spec.preset, {}, spec)
  } catch (error) {
    throw new ConfigError(`env.preset: ${(error as Error).message}`)
  }
  checkWgsl(spec)
}

/** Each part draws one random number of its own. */
function checkParts(nvec: unknown): void {
  const path = 'env.actionSpace.nvec'
  if (!Array.isArray(nvec) || nvec.length === 0) {
    throw new ConfigError(
      `${path}: ${show(nvec)} is not a list. Give the number of actions of each part, such as [3, 2].`,
    )
  }
  for (let part = 0; part < nvec.length; part++) {
    if (Number.isInteger(nvec[part]) && nvec[part] >= 1) continue
    throw new ConfigError(
      `${path}[${part}]: ${show(nvec[part])} is not a number of actions. Use a whole number, 1 or more.`,
    )
  }
  if (nvec.length > MAX_PARTS) {
    throw new ConfigError(
      `${path}: has ${nvec.length} parts; at most ${MAX_PARTS} have a random number of their own. Use fewer.`,
    )
  }
}

function checkNames(path: string, names: unknown): void {
  if (!Array.isArray(names) || names.length === 0) {
    throw new ConfigError(`${path}: ${show(names)} is not a list of names. Give at least one.`)
  }
  // Not forEach: that leaves out the holes of a sparse array.
  for (let i = 0; i < names.length; i++) {
    if (typeof names[i] === 'string' && names[i] !== '') continue
    throw new ConfigError(`${path}[${i}]: ${show(names[i])} is not a name. Say in a word or two what it is.`)
  }
}

/** As many as the action space has choices or dimensions; for multi-discrete actions a separate list per part. */
function checkActionNames({ actions, actionSpace: space }: EnvSpec): void {
  const checkLength = (path: string, names: readonly unknown[], wanted: number, each: string): void => {
    if (names.length === wanted) return
    throw new ConfigError(`${path}: has ${names.length} names, not ${wanted}: one for each ${each}.`)
  }
  if (space.kind !== 'multi_discrete') {
    checkNames('env.actions', actions)
    checkLength(
      'env.actions',
      actions,
      actionDim({ actionSpace: space }),
      space.kind === 'box' ? 'dimension' : 'action',
    )
    return
  }
  if (!Array.isArray(actions) || actions.length !== space.nvec.length) {
    throw new ConfigError(
      `env.actions: ${show(actions)} is not a list for each of the ${space.nvec.length} parts of nvec [${space.nvec}]. ` +
        'Give the names of each part, such as [["left", "right"], ["stay", "jump"]].',
    )
  }
  space.nvec.forEach((n, part) => {
    checkNames(`env.actions[${part}]`, actions[part])
    checkLength(`env.actions[${part}]`, actions[part] as string[], n, `action of part ${part}`)
  })
}

function checkActionSpace(space: ActionSpace): void {
  const path = 'env.actionSpace'
  if (space?.kind === 'multi_discrete') {
    checkParts(space.nvec)
    return
  }
  if (space?.kind === 'discrete') {
    if (Number.isInteger(space.n) && space.n >= 1) return
    throw new ConfigError(`${path}.n: ${show(space.n)} is not a number of actions. Use a whole number, 1 or more.`)
  }
  if (space?.kind !== 'box') {
    throw new ConfigError(
      `${path}.kind: ${show((space as { kind?: unknown } | undefined)?.kind)} is not one of discrete, multi_discrete, box.`,
    )
  }
  const { low, high } = space
  for (const [name, bounds] of Object.entries({ low, high })) {
    if (Array.isArray(bounds) && bounds.length > 0) continue
    throw new ConfigError(`${path}.${name}: ${show(bounds)} is not a list of bounds. Give one for each dimension.`)
  }
  if (low.length !== high.length) {
    throw new ConfigError(`${path}.high: has ${high.length} bounds, but low has ${low.length}. Give as many.`)
  }
  if (low.length > MAX_DIMENSIONS) {
    throw new ConfigError(
      `${path}: has ${low.length} dimensions; at most ${MAX_DIMENSIONS} have random numbers of their own. Use fewer.`,
    )
  }
  for (let i = 0; i < low.length; i++) {
    for (const [name, bound] of Object.entries({ low: low[i], high: high[i] })) {
      if (typeof bound === 'number' && Math.abs(bound) <= F32_MAX) continue
      throw new ConfigError(
        `${path}.${name}[${i}]: ${show(bound)} is not a finite number in f32. Actions are clipped to it: use what the ` +
          'environment can take.',
      )
    }
    if (Math.fround(low[i]) < Math.fround(high[i])) continue
    throw new ConfigError(`${path}: low[${i}] ${low[i]} is not below high[${i}] ${high[i]} in f32. Swap or widen them.`)
  }
}

function checkNumbers({ maxEpisodeSteps, rewardThreshold, published, tolerance, angles }: EnvSpec): void {
  if (!Number.isInteger(maxEpisodeSteps) || maxEpisodeSteps < 1 || maxEpisodeSteps > MAX_STEPS) {
    throw new ConfigError(
      `env.maxEpisodeSteps: ${show(maxEpisodeSteps)} is not a whole number from 1 to ${MAX_STEPS}, the largest that is ` +
        'counted exactly.',
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
  for (const stem of STEMS) {
    for (const on of [false, true]) {
      const norm = { normObs: on, normReward: on }
      const slots = {
        ...policySlots(shape),
        ...quadSlots(stem, quadLayers(layoutNetwork(shape))),
        ...envSlots(spec, { norm, scaleActions: on }),
      }
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
