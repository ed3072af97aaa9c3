/** One episode of a policy in an environment's twin, step by step. */
import { actionDim, type EnvSpec, type Observed, obsDim, type StepResult } from '../env/contract'
import { episodeParams, type ParamValues } from '../env/params'
import { makeRng, STREAM } from '../env/rng'
import type { ParamSettings } from '../options/params'
import { observeWords } from '../reference/observe_words'
import { actionForEnv } from '../reference/step_envs'

/** Steps after which an episode of an environment without a time limit is ended. */
export const EPISODE_CAP = 100_000

/** The action for `obs` in a step, not clipped; `mask` gives the allowed choices, if the environment has masks. */
export type Choose = (obs: Float64Array, step: number, mask?: Float64Array) => number[]

/** What is played: an environment without its WGSL. */
export type Played<State> = Pick<
  EnvSpec<State>,
  'observations' | 'observation' | 'actionSpace' | 'maxEpisodeSteps' | 'params' | 'twin'
>

/** What a step needs beside the state: the action, the place of its random numbers, and the parameters. */
export interface StepGiven {
  action: number[]
  seed: number
  step: number
  env: number
  params: ParamValues
}

/** Steps an environment elsewhere than in its twin: writes the next state into `state`, or rejects and changes nothing. */
export type Stepper = (state: unknown, given: StepGiven) => Promise<StepResult>

export class PlayedEpisode<State> {
  return = 0
  length = 0
  terminated = false
  /** The action of the latest step, as the environment got it. */
  action: number[] = []
  params: ParamValues
  readonly state: State
  private readonly frame: Float64Array
  private readonly obs: Float64Array
  private readonly raw: Observed
  private readonly mask: Float64Array | undefined

  /**
   * @param inputs Numbers that the policy sees: one observation, or the frames of several.
   * @param seed Of all episodes, and `env` the number of this one, from 0.
   */
  constructor(
    private readonly spec: Played<State>,
    inputs: number,
    private readonly seed: number,
    private readonly env: number,
    settings: ParamSettings = {},
  ) {
    const { twin } = spec
    if (!twin) throw new Error('there is no twin to play in')
    this.frame = new Float64Array(obsDim(spec))
    this.obs = new Float64Array(inputs)
    // The policy takes entries as the twin writes them: bytes are not yet parts of 1.
    this.raw = spec.observation ? { observation: { ...spec.observation, storage: 'f32' } } : spec
    this.mask = twin.mask ? new Float64Array(actionDim(spec)) : undefined
    this.params = episodeParams(spec, settings, seed, 0, env)
    this.state = twin.reset(makeRng(seed, 0, STREAM.ENV_RESET, env), this.params)
  }

  get done(): boolean {
    return this.terminated || this.length >= (this.spec.maxEpisodeSteps ?? EPISODE_CAP)
  }

  /** It reached the cap; the task has not ended. */
  get capped(): boolean {
    return this.done && !this.terminated && this.spec.maxEpisodeSteps === null
  }

  /** One step of the twin. */
  step(choose: Choose): void {
    this.decide(choose)
    this.count(this.twinStep())
  }

  /** One step of `stepper`; of the twin where that fails: then the error is returned. */
  async stepBy(stepper: Stepper, choose: Choose): Promise<unknown> {
    this.decide(choose)
    const { state, action, params, seed, env, length: step } = this
    try {
      this.count(await stepper(state, { action, params, seed, env, step }))
      return null
    } catch (error) {
      this.count(this.twinStep())
      return error
    }
  }

  private decide(choose: Choose): void {
    const { spec, frame, obs, mask, state, params, length } = this
    const twin = spec.twin!
    twin.observe(state, frame, 0, params)
    const before = length > 0 ? { obs, offset: 0, moved: 1 } : null
    observeWords(this.raw, obs.length / frame.length, frame, obs, 0, before)
    if (mask) twin.mask!(state, mask, 0, params)
    this.action = actionForEnv(spec.actionSpace, choose(obs, length, mask), 0)
  }

  private twinStep(): StepResult {
    const { spec, state, action, params, seed, env, length } = this
    return spec.twin!.step(state, action, makeRng(seed, length, STREAM.ENV_STEP, env), params)
  }

  private count({ terminated, reward }: StepResult): void {
    this.terminated = terminated
    this.return += reward
    this.length++
  }
}
