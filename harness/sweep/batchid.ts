/** The names of batches. */
import { createHash } from 'node:crypto'
import type { Step } from './scheduler'

/** The same for the same steps: `r0-` and 16 hexadecimal digits. */
export function batchId(steps: readonly Step[]): string {
  const members = steps.map(({ trial }) => trial).join(' ')
  return `r${steps[0].rung}-${createHash('sha256').update(`${steps[0].rung}: ${members}`).digest('hex').slice(0, 16)}`
}
