/** How many random numbers a reset and a step draw: at most 256 each, after which numbers repeat. */
import type { Subject } from './kernel'
import { type Draws, MAX_DRAWS } from './report'
import type { Resets, Step } from './transitions'

/** `3 numbers` */
export const numbers = (draws: number): string => `${draws} number${draws === 1 ? '' : 's'}`

/** Counts the kernel's draws, with or without a twin; too many are a problem. */
export function checkDraws(subject: Subject, resets: Resets, steps: readonly Step[]): Draws {
  const most: Draws = { reset: 0, step: 0 }
  resets.draws.forEach((draws, i) => {
    most.reset = Math.max(most.reset, draws)
    if (draws > MAX_DRAWS) tooMany(subject, 'reset', draws, `first state ${i}`)
  })
  for (const { step, draws: all } of steps) {
    all.forEach((draws, env) => {
      most.step = Math.max(most.step, draws)
      if (draws > MAX_DRAWS) tooMany(subject, 'step', draws, `step ${step}, env ${env}`)
    })
  }
  return most
}

function tooMany({ findings, places }: Subject, name: keyof Draws, draws: number, where: string): void {
  const fn = `env_${name}`
  findings.add('draws', fn, () => {
    return (
      `${where}: ${fn} drew ${numbers(draws)}; at most ${MAX_DRAWS} per ${name} are its own, then those of before or of ` +
      `another purpose come again. Draw fewer in ${fn} (${places[fn]}): one rng_bits(rng) gives 64 random bits, one ` +
      'rng_normal_pair(rng) two numbers.'
    )
  })
}
