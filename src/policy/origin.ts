/** How a policy was trained, as its file says it. */
import type { PpoConfig } from '../options/options'
import { parseObject } from './metadata'

/** Each is null where the file does not say it. */
export interface PolicyOrigin {
  /** Version of this library. */
  library: string | null
  /** What computed it; software adapters end in "(software)". */
  adapter: string | null
  /** Of this agent: with several, its own values. */
  seed: number | null
  /** Environment steps of training. */
  steps: number | null
  /** Mean return over its latest 100 episodes of training (`episodicReturn`); null with fewer. */
  score: number | null
  /** Every option of this agent; in a checkpoint, of its run. Read from a file, it is as somebody wrote it. */
  config: Partial<PpoConfig> | null
}

export const NO_ORIGIN: PolicyOrigin = {
  ...{ library: null, adapter: null, seed: null, steps: null, score: null, config: null },
}

/** It is printed. */
const isText = (value: unknown): boolean =>
  value == null || (typeof value === 'string' && value.length <= 500 && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value))
const isCount = (value: unknown): boolean => value == null || (Number.isSafeInteger(value) && (value as number) >= 0)
const anything = { valid: () => true, wanted: '' }

const FIELDS = {
  library: { valid: isText, wanted: 'a version of one line, or null' },
  adapter: { valid: isText, wanted: 'a name of one line, or null' },
  seed: { valid: isCount, wanted: 'a whole number from 0, or null' },
  steps: { valid: isCount, wanted: 'a whole number from 0, or null' },
  score: { valid: (value: unknown) => value == null || Number.isFinite(value), wanted: 'a number, or null' },
}
/** What a checkpoint says besides; src/checkpoint/checkpoint.ts reads it. */
const OF_CHECKPOINTS = { software: anything, plan: anything, tuning: anything, seconds: anything }

/** What the tensors of a checkpoint say of one agent. */
interface State {
  seed?: number
  iterations?: number
}

/**
 * The origin in the metadata of a policy; of a checkpoint if `state` is given; null in policies of before 0.3.0.
 * @throws PolicyError that names the field if it is broken.
 */
export function parseOrigin(
  { origin, config }: Record<string, string | undefined>,
  state: State | null,
): PolicyOrigin | null {
  if (origin === undefined && config === undefined) return null
  const fields = state ? { ...FIELDS, ...OF_CHECKPOINTS } : FIELDS
  const given = origin === undefined ? {} : parseObject('origin', origin, fields)
  const options: Partial<PpoConfig> | null = config === undefined ? null : parseObject('config', config, null)
  const own = Object.fromEntries(Object.keys(FIELDS).map((key) => [key, given[key] ?? null]))
  const read: PolicyOrigin = { ...NO_ORIGIN, ...own, config: options }
  const { seed = read.seed, iterations } = state ?? {}
  const steps = Number(iterations) * Number(options?.numEnvs) * Number(options?.numSteps)
  return { ...read, seed, steps: Number.isSafeInteger(steps) ? steps : read.steps }
}
