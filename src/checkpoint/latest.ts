/** The latest episodes of an agent, from the state of its training. */
import { RETURN_WINDOW } from '../metrics'

/**
 * Over the fewest latest iterations that together have 100 finished episodes, as `control` computes it; with fewer, over
 * all that have ended so far.
 * @param window The contents of `return_window`, [agent][RETURN_WINDOW][episodes, sum of returns].
 * @param next `window_next` of the agent's `progress`: iterations in which episodes have ended.
 */
export function latestEpisodes(
  window: Float32Array,
  agent: number,
  next: number,
): { episodes: number; returnMean: number | null } {
  let [episodes, sum] = [0, 0]
  for (let back = 1; back <= Math.min(next, RETURN_WINDOW) && episodes < RETURN_WINDOW; back++) {
    const at = 2 * (agent * RETURN_WINDOW + ((next - back) % RETURN_WINDOW))
    episodes += window[at]
    sum = Math.fround(sum + window[at + 1])
  }
  return { episodes, returnMean: episodes > 0 ? Math.fround(sum / episodes) : null }
}
