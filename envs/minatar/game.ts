/** What MinAtar's games share: draws, sticky actions, and the twin of a game as the framework wants it. */
import type { EnvTwin, StepResult } from '../../src/env/contract'
import type { BooleanParam, NumberParam } from '../../src/env/params'
import { type Rng, uniform } from '../../src/env/rng'

/** Cells along each side of the board. */
export const SIZE = 10

/** The six actions of MinAtar: nothing, left, up, right, down, fire. */
export const ACTION = { none: 0, left: 1, up: 2, right: 3, down: 4, fire: 5 } as const

/** The source of random numbers, drawn in the order of the original. */
export interface Draws {
  /** A real number in [0, 1). */
  uniform(): number
  /** A whole number in [0, n). */
  integer(n: number): number
}

/** The draws of the framework's generator: one each. */
export const drawsOf = (rng: Rng): Draws => ({
  uniform: () => uniform(rng),
  integer: (n) => Math.floor(n * uniform(rng)),
})

export const MINATAR_PARAMS = {
  stickyActionProb: {
    ...{ default: 0.1, min: 0, max: 1 },
    help: 'Probability that a step repeats the action of the step before instead of the chosen one.',
  },
  difficultyRamping: {
    default: true,
    help: 'The game gets faster with time. Breakout and Freeway do not depend on it.',
  },
} satisfies Record<string, NumberParam | BooleanParam>

export type MinAtarParams = { stickyActionProb: number; difficultyRamping: boolean }

/** What every state has: the action of the last step, of the six; it outlives the episode. */
export interface Remembers {
  last_action: number
}

/** One game. A state has only whole numbers, in the form of WGSL's `EnvState`. */
export interface Game<S extends Remembers> {
  /** As golden files and folders call it. */
  name: string
  /** Names of the channels. */
  channels: readonly string[]
  /** The actions that have an effect, of the six. */
  minimal: readonly number[]
  reset(draws: Draws): Omit<S, 'last_action'>
  /** One step with the action that is carried out. */
  step(state: S, action: number, draws: Draws, ramping: boolean): StepResult
  /** Calls `put` for every cell of every channel that is 1; a cell may be put twice. */
  observe(state: S, put: (channel: number, x: number, y: number) => void): void
}

/** The twin of an environment, and its parts with given draws. */
export interface MinAtarTwin<S extends Remembers> extends EnvTwin<S> {
  resetWith(draws: Draws, previous?: S): S
  /** `action`: of the six. */
  stepWith(state: S, action: number, draws: Draws, params: MinAtarParams): StepResult
}

/** @param actions The action of the six for each index that the agent chooses. */
export function makeTwin<S extends Remembers>(game: Game<S>, actions: readonly number[]): MinAtarTwin<S> {
  const width = game.channels.length
  const resetWith = (draws: Draws, previous?: S): S =>
    ({ ...game.reset(draws), last_action: previous?.last_action ?? ACTION.none }) as S
  const stepWith = (state: S, action: number, draws: Draws, params: MinAtarParams): StepResult => {
    if (draws.uniform() >= params.stickyActionProb) state.last_action = action
    return game.step(state, state.last_action, draws, params.difficultyRamping)
  }
  return {
    resetWith,
    stepWith,
    reset: (rng, _params, previous) => resetWith(drawsOf(rng), previous),
    step: (state, action, rng, params) =>
      stepWith(state, actions[action[0]], drawsOf(rng), params as unknown as MinAtarParams),
    observe(state, obs, offset) {
      obs.fill(0, offset, offset + SIZE * SIZE * width)
      game.observe(state, (channel, x, y) => {
        obs[offset + (y * SIZE + x) * width + channel] = 1
      })
    },
  }
}

export const inside = (x: number): boolean => x >= 0 && x < SIZE
