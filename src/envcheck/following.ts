/** First states that follow on the last state of an episode, where `env_reset` has the parameter `previous`. */
import { hasPrevious } from '../env/contract'
import { episodeParams, wholeRange } from '../env/params'
import { makeRng, STREAM } from '../env/rng'
import { numbers } from './draws'
import { GuardedTwin, TwinFault } from './guarded'
import type { Subject } from './kernel'
import { digits } from './report'
import { numberOf, readState, readWord } from './state'
import type { EnvKernels } from './transitions'

/** Resets every environment after `last`, [numEnvs][words of EnvState], on both sides. */
export async function checkFollowing(
  subject: Subject,
  kernels: EnvKernels,
  last: Uint32Array,
  seed: number,
): Promise<void> {
  const { spec, stateSize } = subject
  if (!hasPrevious(spec)) return
  const { states, draws } = await kernels.resetAfter(seed, 1, last.slice())
  for (let env = 0; env < last.length / stateSize; env++) {
    try {
      checkOne(subject, { last, states, draws }, seed, env)
    } catch (error) {
      if (!(error instanceof TwinFault)) throw error
      subject.findings.add(error.check, error.key, error.tell)
    }
  }
}

type Reset = Record<'last' | 'states' | 'draws', Uint32Array>

function checkOne(subject: Subject, { last, states, draws }: Reset, seed: number, env: number): void {
  const { spec, words, stateSize, places, findings } = subject
  const at = env * stateSize
  const where = `reset after an episode, seed ${seed}, env ${env}`
  const own = `env_reset (${places.env_reset})`
  const previous = readState(words, last, at)
  const before = JSON.stringify(previous)
  const rng = makeRng(seed, 0, STREAM.ENV_RESET, env)
  const params = episodeParams(spec, wholeRange(spec), seed, 0, env)
  const state = new GuardedTwin(spec, words).reset(() => ({ where }), rng, params, previous)
  if (JSON.stringify(previous) !== before) {
    findings.add('twin shape', 'reset previous', () => {
      return `twin.reset: changes the state \`previous\`. Return a new state. Seen at ${where}.`
    })
  }
  if (rng.draw !== draws[env]) {
    findings.add('draws', 'twin.reset after', () => {
      return `${where}: ${own} drew ${numbers(draws[env])}, twin.reset ${rng.draw}. Draw the same numbers in the same order.`
    })
  }
  for (const word of words) {
    const [kernel, twin] = [readWord(word, states, at), numberOf(state, word)!]
    const limit = word.kind === 'f32' ? (spec.tolerance ?? 1e-6) * Math.max(1, Math.abs(twin)) : 0
    if (Math.abs(kernel - twin) <= limit) continue
    findings.add(
      'twin reset',
      `${word.name} after`,
      () =>
        `${where}: state.${word.name}: kernel ${digits(kernel)}, twin ${digits(twin)}, limit ${digits(limit)}, and ` +
        `${digits(readWord(word, last, at))} before. Take the same from \`previous\` in ${own} and twin.reset.`,
      'state',
    )
  }
}
