/** Plays episodes as `eval` does, and keeps every state as the words of WGSL's EnvState. */
import type { EnvSpec, EnvTwin } from '../../src/env/contract'
import { packState, type StateWord, stateWords } from '../../src/envcheck/state'
import { link } from '../../src/gpu/link'
import { reflectStruct } from '../../src/gpu/reflect'
import { SHADERS } from '../../src/gpu/shaders'
import { envSlots } from '../../src/plan/kernels'

/** The states of one episode, the first and the last included; each [words of EnvState]. */
export type States = Uint32Array[]

/** How a state of the twin becomes words. */
export interface StatePacking {
  size: number
  words: StateWord[]
}

export function packingOf(spec: EnvSpec): StatePacking {
  const { code } = link('env', SHADERS, envSlots(spec))
  return { size: reflectStruct(code, 'EnvState').size / 4, words: stateWords(code) }
}

function packed(state: unknown, { size, words }: StatePacking): Uint32Array {
  const out = new Uint32Array(size)
  packState(words, state, out)
  return out
}

/**
 * The twin, which also keeps the states of its episodes, in the order in which they are played.
 * @param onState Called before each state is kept; may throw to end the play.
 */
export function keepingTwin<State>(
  twin: EnvTwin<State>,
  packing: StatePacking,
  onState: (episodes: readonly States[]) => void,
): { twin: EnvTwin<State>; episodes: States[] } {
  const episodes: States[] = []
  const keep = (state: State) => {
    onState(episodes)
    episodes.at(-1)!.push(packed(state, packing))
  }
  const keeping: EnvTwin<State> = {
    reset(...given) {
      const state = twin.reset(...given)
      episodes.push([])
      keep(state)
      return state
    },
    step(state, ...given) {
      const result = twin.step(state, ...given)
      keep(state)
      return result
    },
    observe: (...given) => twin.observe(...given),
    ...(twin.mask ? { mask: (...given) => twin.mask!(...given) } : {}),
  }
  return { twin: keeping, episodes }
}
