import { type ActionSpace, actionCount, type EnvSpec, seenDim, stepLimit } from '../env/contract'
import { makeRng, STREAM } from '../env/rng'
import { allFinite, type Floats, isFinite32 } from '../model/floats'
import type { PpoConfig } from '../options/options'
import type { ParamSettings } from '../options/params'
import { endEpisode } from './episode_stats'
import { FAULT, stateIsFinite } from './faults'
import { countStep, type Normaliser, normaliseObs } from './normaliser'
import { observeWords } from './observe_words'
import { seeState, twinOf } from './replay_envs'
import { type EnvSlot, resetEnv } from './reset_envs'

/** The results of one step of every environment; index `env`. */
export interface StepOutputs {
  /** [numEnvs] */
  rewards: Float64Array
  /** [numEnvs], 1 if the task ended. Never merged with truncated; both may be 1. */
  terminated: Uint8Array
  /** [numEnvs], 1 if the time limit was reached. */
  truncated: Uint8Array
  /** [numEnvs], 0 while all values are finite, else bits of FAULT. */
  faults: Uint8Array
  /** [numEnvs][obsStride]: the last observation of an episode, written if one ends. */
  finalObs: Float64Array
  /** [numEnvs][obsStride]: the observation for the next action; after an end, the first of the next episode. */
  nextObs: Float64Array
}

/** Frames that the policy sees at once, and the observations before the step, [numEnvs][obsStride]. */
export interface Stack {
  frames: number
  before: Floats
}

/** From which rewards and ends the agent learns. */
export type RewardOptions = Partial<Pick<PpoConfig, 'signReward' | 'episodicLife'>>

export const learnedReward = (reward: number, { signReward = false }: RewardOptions): number =>
  signReward ? Math.sign(reward) : reward

/**
 * The stored action as the environment gets it: an index, one for each part, or a vector clipped to the box. NaN stays
 * NaN.
 */
export function actionForEnv(space: ActionSpace, actions: ArrayLike<number>, offset: number): number[] {
  if (space.kind === 'box')
    return space.low.map((low, j) => Math.min(space.high[j], Math.max(low, actions[offset + j])))
  return Array.from({ length: actionCount({ actionSpace: space }) }, (_, part) => actions[offset + part])
}

/**
 * One framework step of every environment of an agent at global step `step`: clip the action, step, count, truncate at
 * the time limit, keep the final observation, reset in the same step, observe. `actions` [numEnvs][actionStride], as
 * stored. Updates `slots`. With a `normaliser`, rewards and observations are those that the agent learns from; episodes
 * count raw rewards.
 *
 * An environment whose step gives a non-finite value does no more steps, and its episode does not count that step. (The
 * kernel also keeps the state before that step; here it is overwritten.)
 */
export function stepEnvs<S>(
  spec: EnvSpec<S>,
  slots: EnvSlot<S>[],
  seed: number,
  step: number,
  actions: Floats,
  actionStride: number,
  obsStride: number,
  outputs: StepOutputs,
  normaliser: Normaliser | null = null,
  settings: ParamSettings = {},
  stack: Stack | null = null,
  rewards: RewardOptions = {},
): void {
  const twin = twinOf(spec)
  const frames = stack?.frames ?? 1
  const width = seenDim(spec) * frames
  const before = new Float64Array(seenDim(spec))
  const frame = new Float64Array(seenDim(spec))
  /** The observation for the next action; the older frames are those before the step, except after a reset. */
  const see = ({ state, params }: EnvSlot<S>, env: number, isReset: boolean): void => {
    const offset = env * obsStride
    seeState(spec, state, frame, 0, params)
    const older = stack && !isReset ? { obs: stack.before, offset, moved: 1 } : null
    observeWords(spec, frames, frame, outputs.nextObs, offset, older)
  }
  for (let env = 0; env < slots.length; env++) {
    const slot = slots[env]
    if (slot.standsStill) {
      outputs.rewards[env] = 0
      outputs.terminated[env] = 0
      outputs.truncated[env] = 0
      outputs.faults[env] = FAULT.standsStill
      see(slot, env, false)
      normaliseObs(normaliser, outputs.nextObs, env * obsStride)
      continue
    }
    const action = actionForEnv(spec.actionSpace, actions, env * actionStride)
    if (normaliser) seeState(spec, slot.state, before, 0, slot.params)
    const rng = makeRng(seed, step, STREAM.ENV_STEP, env)
    const { reward, terminated, lifeLost = false } = twin.step(slot.state, action, rng, slot.params)
    const truncated = slot.episode.episodicLength + 1 + slot.episode.stepsSkipped >= stepLimit(spec)
    const done = terminated || truncated
    outputs.terminated[env] = Number(terminated || (rewards.episodicLife && lifeLost))
    outputs.truncated[env] = Number(truncated)
    see(slot, env, false)
    const finiteState = stateIsFinite(slot.state)
    if (!finiteState || !isFinite32(reward) || !allFinite(outputs.nextObs, env * obsStride, width)) {
      slot.standsStill = true
      outputs.rewards[env] = reward
      outputs.faults[env] = (finiteState ? 0 : FAULT.stateNotFinite) | FAULT.standsStill
      normaliseObs(normaliser, outputs.nextObs, env * obsStride)
      if (done)
        outputs.finalObs.set(outputs.nextObs.subarray(env * obsStride, env * obsStride + width), env * obsStride)
      continue
    }
    slot.episode.episodicReturn += reward
    slot.episode.episodicLength++
    outputs.faults[env] = 0
    const learned = learnedReward(reward, rewards)
    outputs.rewards[env] = normaliser ? countStep(normaliser, before, learned, done, env) : learned
    if (done) {
      outputs.finalObs.set(outputs.nextObs.subarray(env * obsStride, env * obsStride + width), env * obsStride)
      normaliseObs(normaliser, outputs.finalObs, env * obsStride)
      endEpisode(slot.episode)
      Object.assign(slot, resetEnv(spec, seed, step + 1, env, settings, slot.state))
      see(slot, env, true)
    }
    normaliseObs(normaliser, outputs.nextObs, env * obsStride)
  }
}
