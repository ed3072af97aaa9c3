/** Whether the description of an environment's actions is consistent. */

import { ConfigError } from '../config/config'
import { type ActionSpace, actionDim, type EnvSpec } from '../env/contract'
import { show } from '../options/show'
import { suggest } from '../options/suggest'
import { constantOf } from '../wgsl/constants'
import { moduleOf } from '../wgsl/module'
import { isFloat } from './floats'

/** An action uses one pair of random numbers for every two dimensions, and there are 256 (shaders/lib/rng.wgsl). */
const MAX_DIMENSIONS = 512
/** At most this many parts of a discrete action have their own draw. */
const MAX_PARTS = 256

const KINDS: readonly ActionSpace['kind'][] = ['discrete', 'multi_discrete', 'box']

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

export function checkNames(path: string, names: unknown): void {
  if (!Array.isArray(names) || names.length === 0) {
    throw new ConfigError(`${path}: ${show(names)} is not a list of names. Give at least one.`)
  }
  // Not forEach: that leaves out the holes of a sparse array.
  for (let i = 0; i < names.length; i++) {
    if (typeof names[i] === 'string' && names[i] !== '') continue
    throw new ConfigError(`${path}[${i}]: ${show(names[i])} is not a name. Say in a word or two what it is.`)
  }
}

/** What an action space says of ACTION_DIM, with the value. */
export function saysActions(space: ActionSpace): string {
  if (space.kind === 'discrete') return `n is ${space.n}`
  if (space.kind === 'box') return `low and high have ${space.low.length} bounds`
  return `nvec [${space.nvec.join(', ')}] adds up to ${actionDim({ actionSpace: space })}`
}

/** What the WGSL says, if that can be read: of three that should agree, the odd one is probably wrong. */
function saysWgsl({ wgsl, wgslFile }: EnvSpec): string {
  try {
    return `; in ${wgslFile} ACTION_DIM is ${constantOf(moduleOf(wgsl), 'ACTION_DIM')}`
  } catch {
    return ''
  }
}

/** As many as the action space has choices or dimensions; for multi-discrete actions a separate list per part. */
export function checkActionNames(spec: EnvSpec): void {
  const { actions, actionSpace: space } = spec
  const checkLength = (path: string, names: readonly unknown[], wanted: number, each: string): void => {
    if (names.length === wanted) return
    throw new ConfigError(
      `${path}: has ${names.length} names, not ${wanted}: one for each ${each} of actionSpace (${saysActions(space)}` +
        `${saysWgsl(spec)}).`,
    )
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

export function checkActionSpace(space: ActionSpace): void {
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
    const kind: unknown = (space as { kind?: unknown } | undefined)?.kind
    const hint = typeof kind === 'string' ? suggest(kind, KINDS) : ''
    throw new ConfigError(`${path}.kind: ${show(kind)} is not one of ${KINDS.join(', ')}${hint}.`)
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
      if (isFloat(bound)) continue
      throw new ConfigError(
        `${path}.${name}[${i}]: ${show(bound)} is not a finite number in f32. Actions are clipped to it: use what the ` +
          'environment can take.',
      )
    }
    if (Math.fround(low[i]) < Math.fround(high[i])) continue
    throw new ConfigError(`${path}: low[${i}] ${low[i]} is not below high[${i}] ${high[i]} in f32. Swap or widen them.`)
  }
}
