/** Checkpoints of earlier versions: their tensors under today's names, and what is not bit-identical since. */
import type { Tensor } from '../files/safetensors'

/**
 * Until 0.1.0 the return of a running episode was one sum, `episode.episodic_return`; now it is a sum of blocks, and
 * the last block may begin anywhere. Ended episodes had sums as well, but between two iterations there are none.
 */
export function tensorsOfToday(tensors: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const before = tensors.get('episode.episodic_return')
  if (before?.dtype !== 'F32') return tensors
  const running = before.data as Float32Array
  const blocks = new Float32Array(4 * running.length)
  for (const [i, sum] of running.entries()) blocks[4 * i + 3] = sum
  const today = new Map(tensors)
  today.delete('episode.episodic_return')
  today.set('episode.return_blocks', { ...before, shape: [...before.shape, 4], data: blocks })
  for (const name of ['return', 'length']) {
    const sum = today.get(`episode.${name}_sum`)
    if (!sum) continue
    today.delete(`episode.${name}_sum`)
    today.set(`episode.${name}_mean`, sum)
  }
  return today
}

/** What a version computes in a different order than the version before it, in one plan. */
const OTHER_ORDERS = [
  { since: '0.3.0', plan: 'layered', what: 'the layered plan sums gradients, their norm and losses in another order' },
]

/** What `plan` computes in a different order than in `version`, which wrote a checkpoint; phrases for a sentence. */
export const otherOrders = (version: string, plan: string): string[] =>
  OTHER_ORDERS.filter((other) => {
    return other.plan === plan && version.localeCompare(other.since, 'en', { numeric: true }) < 0
  }).map(({ since, what }) => `since ${since} ${what}`)
