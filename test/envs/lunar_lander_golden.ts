/** Episodes of LunarLander-v3 that were recorded with every random draw and Box2D's state after every step. */
import { readFileSync } from 'node:fs'
import type { Draws } from '../../envs/lunar_lander/draws'
import {
  type LunarLanderParams,
  type LunarLanderState,
  makeLunarLanderTwin,
} from '../../envs/lunar_lander/lunar_lander'
import { type Episode, paramsOf, readLander } from '../../harness/verify/landerfile'

export const GOLDEN_FILE = new URL('../golden/LunarLander-v3.ndjson', import.meta.url)

export const readEpisodes = (): Episode[] => readLander(readFileSync(GOLDEN_FILE, 'utf8'), true)

/** The twin with the parameters of an episode. */
export function twinFor(episode: Episode, change: Partial<LunarLanderParams> = {}) {
  const { observe, resetWith, stepWith } = makeLunarLanderTwin(episode.kwargs.continuous === true)
  const params = { ...paramsOf(episode), ...change }
  return {
    observe,
    resetWith: (draws: Draws) => resetWith(draws, params),
    stepWith: (state: LunarLanderState, action: ArrayLike<number>, draws: Draws) =>
      stepWith(state, action, draws, params),
  }
}
