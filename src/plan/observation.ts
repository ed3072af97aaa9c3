/** What a long observation costs, before anything is compiled: a shader keeps it in a variable of each thread. */
import { ConfigError } from '../config/config'
import { isPacked, type Observed, seenDim } from '../env/contract'

/** From here on compiling takes seconds on a software adapter. */
export const LONG_OBSERVATION = 512

/** Entries that a thread holds in a variable: none of packed observations, of which it makes one word. */
export const heldEntries = (spec: Observed): number => (isPacked(spec) ? 0 : seenDim(spec))

/**
 * Seconds that SwiftShader takes to compile step_envs, which takes longest, on an idle core: 1.4 with 512 entries, 3.4 with
 * 1,024, 12.9 with 2,048 (dawn.node, 2026-11-26).
 */
export const compileSeconds = (entries: number): number => 3.4 * (entries / 1024) ** 1.91

/** On a software adapter about 50 s: a compiler that takes 180 s counts as stuck, and other cores are rarely idle. */
const MOST_ENTRIES = { software: 4096, hardware: 16_384 }

/** @throws ConfigError if the observation is longer than can be compiled, with what that would take and what fits. */
export function checkObservation(spec: Observed, software: boolean): void {
  const entries = heldEntries(spec)
  const most = MOST_ENTRIES[software ? 'software' : 'hardware']
  if (entries <= most) return
  const bytes = `${Math.ceil((4 * entries) / 1024)} KiB in the private memory of each thread`
  const why = software
    ? `${bytes}, and about ${Math.ceil(compileSeconds(entries))} s of compilation on a software adapter`
    : bytes
  throw new ConfigError(
    `env.${spec.observation ? 'observation.shape' : 'observations'}: ${entries} entries are too many: ${why}. At most ${most} fit. Use fewer${smaller(entries, most)}${spec.observation ? ', or storage "bits" or "bytes"' : ''}.`,
  )
}

/** Of a square picture, the largest that fits. */
function smaller(entries: number, most: number): string {
  const [side, fits] = [Math.sqrt(entries), Math.floor(Math.sqrt(most))]
  return Number.isInteger(side) ? `, such as ${fits} x ${fits} instead of ${side} x ${side}` : ''
}
