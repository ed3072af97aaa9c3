/** Which state each card of the grid shows in each picture, and when. */
import type { States } from './play'

export interface Timeline {
  /** The states of each card in order; episode e is on card e modulo the number of cards. */
  cards: States[]
  /** The step of each picture; the last one is always there. */
  steps: number[]
  /** Seconds at which each picture is shown, and the end of the last. */
  times: number[]
}

/**
 * A card goes on with its next episode, and stands still after its last one until the longest card has ended.
 * @param fps Steps per second.
 * @param mostFps Where steps are more frequent than this, only every second, third, ... is shown.
 */
export function timelineOf(episodes: readonly States[], numCards: number, fps: number, mostFps: number): Timeline {
  const cards = Array.from({ length: numCards }, (_, card) => episodes.filter((_, e) => e % numCards === card).flat())
  const count = Math.max(...cards.map((states) => states.length))
  const every = Math.ceil(fps / mostFps)
  const steps: number[] = []
  for (let step = 0; step < count; step += every) steps.push(step)
  if (steps.at(-1) !== count - 1) steps.push(count - 1)
  return { cards, steps, times: [...steps, count].map((step) => step / fps) }
}

/** The states of pictures [from, until): [pictures][cards][words]. */
export function statesOf({ cards, steps }: Timeline, from: number, until: number): Uint32Array {
  const words = cards[0][0].length
  const out = new Uint32Array((until - from) * cards.length * words)
  for (let i = from; i < until; i++) {
    for (const [card, states] of cards.entries()) {
      const state = states[Math.min(steps[i], states.length - 1)]
      out.set(state, ((i - from) * cards.length + card) * words)
    }
  }
  return out
}
