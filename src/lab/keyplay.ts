/** A person plays the enlarged environment with the keyboard: arrows and space. */
import { effect, signal, untracked } from '@preact/signals'
import type { EnvSpec } from '../env/contract'
import { spec } from './state'
import { setView } from './store/actions'
import { tell } from './store/line'

/** Whether a person plays; else the policy does. */
export const plays = signal(false)

const KEYS: Record<string, string> = {
  ArrowLeft: 'left',
  ArrowUp: 'up',
  ArrowRight: 'right',
  ArrowDown: 'down',
  ' ': 'fire',
}
/** What is done while no key is pressed. */
const IDLE = 'none'

const indexOf = ({ actions }: EnvSpec, name: string | undefined): number => (actions as string[]).indexOf(name ?? '')

/** One of its actions is to do nothing, and others have keys. */
export const isPlayable = (spec: EnvSpec): boolean => spec.actionSpace.kind === 'discrete' && indexOf(spec, IDLE) >= 0

/** Keys that are down, the latest last. */
let down: string[] = []

const act = (pressed: boolean): void => {
  const name = down.length > 0 ? KEYS[down[down.length - 1]] : IDLE
  tell({ type: 'act', action: indexOf(spec.value, name), pressed })
}

export function setPlays(person: boolean): void {
  down = []
  plays.value = person
  if (person) {
    setView({ source: 'policy', layout: 'one', tempo: 1 })
    act(false)
  } else tell({ type: 'act', action: null, pressed: false })
}

const stop = (): void => setPlays(false)
// Another environment has other actions.
effect(() => {
  void spec.value
  if (plays.peek()) untracked(stop)
})

/** Takes a key of the game; whether it was one. */
export function playKey({ key, type, repeat }: KeyboardEvent): boolean {
  if (!plays.value || !Object.hasOwn(KEYS, key) || indexOf(spec.value, KEYS[key]) < 0) return false
  if (repeat) return true
  down = down.filter((other) => other !== key)
  if (type === 'keydown') down.push(key)
  act(type === 'keydown')
  return true
}
