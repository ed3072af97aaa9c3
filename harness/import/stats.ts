/**
 * The statistics that normalised the observations and rewards of a policy: those of Stable-Baselines3's VecNormalize, or
 * of this project's files.
 */
import type { Tensor } from '../../src/files/safetensors'
import { CLIP, EPS, type NormaliserStats, type Running } from '../../src/model/normaliser'
import { floatsOf, type Tensors } from './layers'
import { refuse } from './refuse'

/** Names of mean, variance and count, of observations and of returns. */
const NAMES = [
  { obs: 'obs_rms', returns: 'ret_rms', variance: 'var' },
  { obs: 'normaliser.obs', returns: 'normaliser.returns', variance: 'variance' },
]
/** Numbers of VecNormalize that are the same for every network here. */
const FIXED = { clip_obs: CLIP, clip_reward: CLIP, epsilon: EPS }

export const isStatistic = (key: string): boolean =>
  Object.hasOwn(FIXED, key) ||
  NAMES.some(({ obs, returns }) => key.startsWith(`${obs}.`) || key.startsWith(`${returns}.`))

/**
 * @param tensors Those with statistics in their names; null if there are none.
 * @throws UsageError for others among them, and for numbers that cannot be used here.
 */
export function readStats(tensors: ReadonlyMap<string, Tensor>, where: string, obsDim: number): NormaliserStats | null {
  const left: Tensors = new Map(tensors)
  const take = (key: string, count: number): number[] | null => {
    const found = left.get(key)
    if (!found) return null
    left.delete(key)
    const isCount =
      found.data.length === 1 && !(found.data instanceof BigInt64Array || found.data instanceof BigUint64Array)
    const data =
      found.dtype.startsWith('I') && isCount
        ? Float32Array.from(found.data as Int32Array)
        : floatsOf(found, `${where}: ${key}`)
    if (data.length === count) return [...data]
    return refuse(
      `${where}: ${key}`,
      `[${found.shape}], but ${count} numbers are wanted`,
      'Give the statistics of this policy',
    )
  }
  for (const [key, own] of Object.entries(FIXED)) {
    const [given] = take(key, 1) ?? [own]
    if (Math.abs(given - own) <= 1e-6 * own) continue
    refuse(`${where}: ${key}`, `${given}, but networks here are normalised with ${own}`, `Train it with ${key}=${own}`)
  }
  const running = (name: string, variance: string, size: number): Running | null => {
    const [mean, spread, count] = [
      take(`${name}.mean`, size),
      take(`${name}.${variance}`, size),
      take(`${name}.count`, 1),
    ]
    if (!mean && !spread && !count) return null
    if (!mean || !spread || !count)
      return refuse(where, `has not all of ${name}.mean, ${name}.${variance}, ${name}.count`, LINES)
    if (spread.some((v) => v < 0) || count[0] < 0)
      refuse(`${where}: ${name}`, 'has a variance or a count below 0', LINES)
    return { mean, variance: spread, count: count[0] }
  }
  const all = NAMES.map(({ obs, returns, variance }) => ({
    obs: running(obs, variance, obsDim),
    returns: running(returns, variance, 1),
  }))
  const [other] = left.keys()
  if (other !== undefined)
    refuse(`${where}: ${JSON.stringify(other.slice(0, 100))}`, 'is not a statistic that is known', LINES)
  return all.find(({ obs, returns }) => obs || returns) ?? null
}

export const LINES = 'docs/import.md has the lines of Python that write them'
