/** The one episode of each environment of an evaluation: the first. */

export interface Scored {
  episodicReturn: number
  episodicLength: number
  /** How it ended: by the task or its time limit, or at a number that is not finite. */
  ended: 'no' | 'ended' | 'broken'
}

export const newScored = (): Scored => ({ episodicReturn: 0, episodicLength: 0, ended: 'no' })

/** What a step of an environment gave. */
export interface ScoredStep {
  /** Raw. */
  reward: number
  /** Terminated or truncated. */
  isOver: boolean
  standsStill: boolean
}

/** Adds one step of every environment, in place; whether any episode goes on. */
export function scoreEpisodes(episodes: Scored[], stepOf: (env: number) => ScoredStep): boolean {
  for (const [env, episode] of episodes.entries()) {
    if (episode.ended !== 'no') continue
    const { reward, isOver, standsStill } = stepOf(env)
    if (standsStill) {
      episode.ended = 'broken'
      continue
    }
    episode.episodicReturn += reward
    episode.episodicLength++
    if (isOver) episode.ended = 'ended'
  }
  return episodes.some(({ ended }) => ended === 'no')
}
