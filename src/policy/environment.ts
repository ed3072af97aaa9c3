/** The environment of a policy, as its file describes it: enough to name and bound what goes in and out. */
import { type ActionSpace, type AnyEnvSpec, obsDim as entriesOf, type GridSpace } from '../env/contract'
import { sourceHash } from '../env/source'
import type { NetworkShape } from '../model/network'
import { parseObject } from './metadata'

export interface PolicyEnvironment {
  /** Names of the observation's entries; null for a grid, and if they were too many to store. */
  observations: string[] | null
  /** The observation, where it is a grid: one frame of those that the policy sees. */
  observation?: GridSpace
  actionSpace: ActionSpace
  /** As in `EnvSpec`: a name for each action or dimension, a list for each part; null if they were too many. */
  actions: string[] | string[][] | null
  /** Steps after which an episode was truncated; null: there was no time limit. */
  maxEpisodeSteps: number | null
  rewardThreshold: number | null
  /** SHA-256 of its source (src/env/source.ts). */
  source: string
}

/** Bytes that a list of names may take in a header, which has a limit of 1 MiB for all. */
const MOST_BYTES = 2 ** 18

/** A text in a header is JSON in JSON. */
const isShort = (names: unknown): boolean =>
  new TextEncoder().encode(JSON.stringify(JSON.stringify(names))).length <= MOST_BYTES

const known = new WeakMap<object, PolicyEnvironment>()

export function environmentOf(spec: AnyEnvSpec): PolicyEnvironment {
  let found = known.get(spec)
  if (found) return found
  const { observations = null, observation, actionSpace, actions, maxEpisodeSteps, rewardThreshold } = spec
  found = {
    observations: isShort(observations) ? observations : null,
    ...(observation ? { observation } : {}),
    actionSpace,
    actions: isShort(actions) ? actions : null,
    maxEpisodeSteps,
    rewardThreshold,
    source: sourceHash(spec),
  }
  known.set(spec, found)
  return found
}

const isName = (value: unknown): boolean => typeof value === 'string' && value !== ''
const areNames = (value: unknown, length: number): boolean =>
  Array.isArray(value) && value.length === length && value.every(isName)
const isNumber = (value: unknown): value is number => Number.isFinite(value)

/**
 * The environment in a policy's metadata; null in files of before 0.3.0.
 * @throws PolicyError that names the field if it is broken, or does not fit the network.
 */
export function parseEnvironment(text: string | undefined, shape: NetworkShape): PolicyEnvironment | null {
  if (text === undefined) return null
  const { obsDim, actionDim, dist, nvec } = shape
  const parts = dist === 'multi_discrete' ? nvec! : null
  const given = parseObject('environment', text, {
    observations: {
      valid: (value) => value === null || areNames(value, obsDim),
      wanted: `a list of ${obsDim} names, or null`,
    },
    observation: {
      valid: (value) => value === undefined || isGrid(value, obsDim),
      wanted: `a grid of which one or more frames have ${obsDim} entries`,
    },
    actionSpace: {
      valid: (value) => isSpace(value, shape),
      wanted: `the space of a ${dist} policy of ${actionDim} outputs`,
    },
    actions: {
      valid: (value) =>
        value === null ||
        (parts
          ? Array.isArray(value) &&
            value.length === parts.length &&
            value.every((names, i) => areNames(names, parts[i]))
          : areNames(value, actionDim)),
      wanted: parts
        ? `a list of names for each of the parts ${parts}, or null`
        : `a list of ${actionDim} names, or null`,
    },
    maxEpisodeSteps: {
      valid: (value) => value === null || (Number.isSafeInteger(value) && (value as number) >= 1),
      wanted: 'a whole number from 1, or null',
    },
    rewardThreshold: { valid: (value) => value === null || isNumber(value), wanted: 'a number, or null' },
    source: {
      valid: (value) => typeof value === 'string' && /^[\da-f]{64}$/.test(value),
      wanted: '64 hexadecimal digits',
    },
  })
  return given as unknown as PolicyEnvironment
}

/** Whether it is a grid, of which the network sees one or more frames. */
function isGrid(value: unknown, inputs: number): boolean {
  const { shape, storage, ...others } = (value ?? {}) as Record<string, unknown>
  if (!Array.isArray(shape) || shape.length !== 3 || !shape.every((n) => Number.isSafeInteger(n) && n >= 1))
    return false
  const frames = inputs / entriesOf({ observation: value as GridSpace })
  const known = storage === 'f32' || storage === 'bits' || storage === 'bytes'
  return known && Object.keys(others).length === 0 && Number.isInteger(frames)
}

/** Whether it is the action space of a policy with these outputs, and has nothing besides. */
function isSpace(space: unknown, { dist, actionDim, nvec }: NetworkShape): boolean {
  const { kind, n, low, high, ...given } = (space ?? {}) as Record<string, unknown>
  const parts = given.nvec
  const fields = space && typeof space === 'object' ? Object.keys(space).sort().join() : ''
  if (dist === 'categorical') return fields === 'kind,n' && kind === 'discrete' && n === actionDim
  if (dist === 'multi_discrete')
    return fields === 'kind,nvec' && kind === dist && JSON.stringify(parts) === JSON.stringify(nvec)
  const areBounds = (side: unknown) => Array.isArray(side) && side.length === actionDim && side.every(isNumber)
  return (
    fields === 'high,kind,low' &&
    kind === 'box' &&
    areBounds(low) &&
    areBounds(high) &&
    (low as number[]).every((bound, i) => bound < (high as number[])[i])
  )
}

/** The policy's environment has another source than `spec`, of the same name: what each was hashed to; else null. */
export function otherSource(
  environment: PolicyEnvironment | null,
  spec: AnyEnvSpec,
): [then: string, now: string] | null {
  if (!environment) return null
  const now = environmentOf(spec).source
  return now === environment.source ? null : [environment.source, now]
}
