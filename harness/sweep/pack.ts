/** Which steps are trained side by side. */
import { createHash } from 'node:crypto'
import type { Step } from './scheduler'

/**
 * Batches of at most `most` steps, of one rung and one shape each, in the order in which the steps are given.
 * @param shapeOf Equal for trials that can be trained side by side.
 */
export function packSteps(steps: readonly Step[], shapeOf: (trial: number) => string, most: number): Step[][] {
  const batches: Step[][] = []
  const open = new Map<string, Step[]>()
  for (const step of steps) {
    const key = `${step.rung} ${shapeOf(step.trial)}`
    let batch = open.get(key)
    if (!batch || batch.length === most) {
      batch = []
      batches.push(batch)
      open.set(key, batch)
    }
    batch.push(step)
  }
  return batches
}

/** The same for the same steps: `r0-` and 16 hexadecimal digits. */
export function batchId(steps: readonly Step[]): string {
  const members = steps.map(({ trial }) => trial).join(' ')
  return `r${steps[0].rung}-${createHash('sha256').update(`${steps[0].rung}: ${members}`).digest('hex').slice(0, 16)}`
}
