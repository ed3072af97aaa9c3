/** A task for a planar robot: where it starts, what it sees, what it is paid for. */
import type { EnvTwin, StepResult } from '../../src/env/contract'
import { defaultParams, type EnvParam, type ParamValues } from '../../src/env/params'
import { normalPair, type Rng, uniform } from '../../src/env/rng'
import { forward } from './forward'
import { advance, keep } from './integrate'
import type { PlanarModel } from './model'
import { scaled } from './scaled'
import { type PlanarState, stateAt } from './state'

/** One step of the environment, from `before` to `after`. `action` is as the policy gave it: motors clamp it, costs do not. */
export interface PlanarStep {
  before: PlanarState
  after: PlanarState
  action: ArrayLike<number>
  params: ParamValues
}

export interface PlanarTask {
  id: string
  model: PlanarModel
  /** Names of the observation's entries. */
  observations: string[]
  maxEpisodeSteps: number
  rewardThreshold: number | null
  /** `gravity`, `friction` and `mass` are factors that change the physics; others are the task's own. */
  params: Readonly<Record<string, EnvParam>>
  /** Positions and velocities at the start of an episode. */
  start(rng: Rng): { qpos: number[]; qvel: number[] }
  observe(state: PlanarState): number[]
  outcome(step: PlanarStep): StepResult
}

/** The twin of an environment that gives a planar robot this task. */
export function planarTwin(task: PlanarTask): EnvTwin<PlanarState> {
  const { model } = task
  const defaults = defaultParams(task)
  return {
    reset(rng, params = defaults) {
      const { qpos, qvel } = task.start(rng)
      const state = stateAt(model, qpos, qvel)
      const still = model.actuators.map(() => 0)
      keep(model, state, forward(scaled(model, params), qpos, qvel, still, state.warmstart))
      return state
    },
    step(state, action, _rng, params = defaults) {
      const before = { ...state }
      advance(scaled(model, params), state, action)
      return task.outcome({ before, after: state, action, params })
    },
    observe(state, obs, offset) {
      task.observe(state).forEach((x, i) => {
        obs[offset + i] = x
      })
    },
  }
}

/** Each number of `around` moved by a uniform number in [-width, width). */
export const noisy = (rng: Rng, around: readonly number[], width: number): number[] =>
  around.map((x) => x + (2 * uniform(rng) - 1) * width)

/** Normal numbers with this deviation; two from each draw. */
export function normals(rng: Rng, count: number, deviation: number): number[] {
  const pairs = Array.from({ length: Math.ceil(count / 2) }, () => normalPair(rng))
  return pairs
    .flat()
    .slice(0, count)
    .map((x) => x * deviation)
}

/** The joints' positions at the reference pose. */
export const reference = ({ joints }: PlanarModel): number[] => joints.map(({ ref }) => ref)

export const clip = (x: number, most: number): number => Math.min(most, Math.max(-most, x))

/** Mean velocity along joint 0 over a step, m/s. */
export const speed = ({ timestep, frameSkip }: PlanarModel, { before, after }: PlanarStep): number =>
  (after.qpos[0] - before.qpos[0]) / (timestep * frameSkip)

export const sumOfSquares = (action: ArrayLike<number>): number => Array.from(action).reduce((sum, x) => sum + x * x, 0)
