/** The rollout's stages: observations, policy and value outputs, actions, environment steps. */

import { derivedSizes, type PpoConfig } from '../config/config'
import { type EnvSpec, seenDim, stateDifference, stepLimit } from '../env/contract'
import { episodeParams, type ParamValues } from '../env/params'
import { makeRng, STREAM, uniform } from '../env/rng'
import { numberOf, readState, readWord, type StateObject, stateWords } from '../envcheck/state'
import { link } from '../gpu/link'
import { reflectStruct } from '../gpu/reflect'
import { SHADERS } from '../gpu/shaders'
import { asActed } from '../model/actions'
import { type Choice, probabilities } from '../model/distributions/categorical/softmax'
import { drawsOf, policyRow } from '../model/distributions/distribution'
import { distributionOf } from '../model/distributions/table'
import { criticDim } from '../model/networkshape'
import { normaliserLayout, readNormaliser } from '../model/normaliser'
import { agentParams } from '../options/params'
import { envSlots } from '../plan/kernels'
import { FLAG } from '../plan/transition'
import { actorRows, makeLayerBuffers, mlpForward } from '../reference/mlp'
import { countStep, makeNormaliser, type Normaliser, normaliseObs } from '../reference/normaliser'
import { observeWords } from '../reference/observe_words'
import { seeState, twinOf } from '../reference/replay_envs'
import { resetEnv } from '../reference/reset_envs'
import { actionForEnv, learnedReward } from '../reference/step_envs'
import { updateNormaliser } from '../reference/update_normaliser'
import type { StageInputs } from './columns'
import { type Comparison, columns, compareNumbers, flagged, masksOf } from './columns'
import type { StageDump } from './dump'

/** A sampled action may differ only where the uniform number is this close to a cumulative probability. */
const TIE = 1e-5

export function compareRollout(inputs: StageInputs): Comparison[] {
  const { config, layout, record, dump } = inputs
  const { batchSize } = derivedSizes(config)
  const { actionDim } = layout.shape
  const obs = Float64Array.from(dump.obs.subarray(0, batchSize * layout.critic[0].inStride))
  const params = Float64Array.from(dump.paramsBefore)
  const forward = (layers: typeof layout.actor, x: Float64Array = obs) =>
    mlpForward(layers, params, x, batchSize, makeLayerBuffers(layers, batchSize))
  const logits = columns(dump.transitions, record, record.oldOut, 0, batchSize, actionDim, record.outStride)
  const values = columns(dump.transitions, record, record.value, 0, batchSize)
  const refValues = forward(layout.critic).filter((_, i) => i % 4 === 0)
  const [observations, ...environment] = compareEnvs(inputs)
  return [
    observations,
    compareNumbers('rollout.logits', logits, forward(layout.actor, actorRows(layout, obs, batchSize)), 1e-5),
    ...compareActions(inputs, logits, params),
    compareNumbers('rollout.values', values, refValues, 1e-5),
    ...environment,
  ]
}

/** Actions and their log-probabilities, from the GPU's logits and masks. */
function compareActions(
  { config, layout, record, dump }: StageInputs,
  logits: Float64Array,
  params: Float64Array,
): Comparison[] {
  const { batchSize } = derivedSizes(config)
  const distribution = distributionOf(layout.shape)
  const { actionStride: stride, actionCount, parts } = distribution
  const actions = columns(dump.transitions, record, record.action, 0, batchSize, actionCount, stride)
  const expected = new Float64Array(actions.length)
  const logprobs = new Float64Array(batchSize)
  const masks = masksOf(layout, record, dump.transitions, batchSize)
  const rows = { distribution, out: logits, outStride: record.outStride, own: params, ownOffset: layout.own, masks }
  let ties = 0
  for (let i = 0; i < batchSize; i++) {
    const [step, env] = [Math.floor(i / config.numEnvs), i % config.numEnvs]
    const globalStep = dump.iteration * config.numSteps + step
    const row = policyRow(rows, i)
    const rng = makeRng(config.seed, globalStep, STREAM.ACTION, env)
    distribution.sample(row, drawsOf(rng), expected, i * stride)
    const again = makeRng(config.seed, globalStep, STREAM.ACTION, env)
    for (const [part, choice] of distribution.choices(row).entries()) {
      const u = uniform(again)
      const at = i * stride + part
      if (actions[at] === expected[at] || !isTied(choice, u)) continue
      ties++
      expected[at] = actions[at]
    }
    // Log-probabilities of the GPU's actions if they are indices: at a tie either action is right.
    logprobs[i] = distribution.logprob(row, parts.length > 0 ? actions : expected, i * stride)
  }
  const note = `${ties} of ${batchSize * Math.max(parts.length, 1)} differ, each with u within ${TIE} of a cumulative probability`
  return [
    { ...compareNumbers('rollout.actions', actions, expected, parts.length > 0 ? 0 : 1e-5), note },
    compareNumbers('rollout.logprobs', columns(dump.transitions, record, record.logprob, 0, batchSize), logprobs, 1e-5),
  ]
}

/** Whether the uniform number is so close to a boundary between two choices that f32 and f64 may disagree. */
function isTied(choice: Choice, u: number): boolean {
  let cumulative = 0
  return probabilities(choice).some((p) => Math.abs((cumulative += p) - u) < TIE)
}

/** Every environment step, from the GPU's own state and action: observation, reward, flags, next state. */
function compareEnvs(inputs: StageInputs): Comparison[] {
  const { spec: given, config, layout, record, dump } = inputs
  const spec = asActed(given, config)
  const twin = twinOf(spec as unknown as EnvSpec<StateObject>)
  const { numEnvs, numSteps, seed } = config
  const { batchSize } = derivedSizes(config)
  const stride = distributionOf(layout.shape).actionStride
  const actions = columns(dump.transitions, record, record.action, 0, batchSize, record.actionCount, stride)
  const masks = masksOf(layout, record, dump.transitions, batchSize)
  const { code } = link('env', SHADERS, envSlots(spec))
  const words = stateWords(code)
  const stateSize = reflectStruct(code, 'EnvState').size / 4
  const dim = criticDim(layout.shape)
  const stacked = stackOf(inputs)
  const expected = {
    obs: new Float64Array(batchSize * dim),
    rewards: [] as number[],
    terminated: [] as number[],
    truncated: [] as number[],
    states: [] as number[],
    masks: new Float64Array(masks?.length ?? 0),
  }
  const { actionDim } = layout.shape
  const lengths = [...dump.episodicLengths]
  const settings = agentParams(config.envParams, 0)
  const played = Array.from(dump.resetSteps, (from, env) => episodeParams(spec, settings, seed, from, env))
  const normaliser = normaliserBefore(config, dim, dump)
  for (let i = 0; i < batchSize; i++) {
    const env = i % numEnvs
    const step = dump.iteration * numSteps + Math.floor(i / numEnvs)
    const state = readState(words, dump.envStates, i * stateSize)
    stacked(state, played[env], i, i >= numEnvs && lengths[env] === 0, expected.obs)
    if (masks) twin.mask!(state, expected.masks, i * actionDim, played[env])
    const raw = expected.obs.slice(i * dim, (i + 1) * dim)
    normaliseObs(normaliser, expected.obs, i * dim)
    const action = actionForEnv(spec.actionSpace, actions, i * stride)
    const rng = makeRng(seed, step, STREAM.ENV_STEP, env)
    const { reward, terminated, lifeLost = false } = twin.step(state, action, rng, played[env])
    const learned = learnedReward(reward, config)
    const truncated = ++lengths[env] >= stepLimit(spec)
    const done = terminated || truncated
    expected.rewards.push(normaliser ? countStep(normaliser, raw, learned, done, env) : learned)
    expected.terminated.push(Number(terminated || (config.episodicLife && lifeLost)))
    expected.truncated.push(Number(truncated))
    const next = done ? resetEnv(spec, seed, step + 1, env, settings, state) : { state, params: played[env] }
    if (done) lengths[env] = 0
    played[env] = next.params
    for (const word of words) expected.states.push(numberOf(next.state as StateObject, word) ?? Number.NaN)
  }
  const column = (at: number) => columns(dump.transitions, record, at, 0, batchSize)
  // Angles may differ by whole turns.
  const states = expected.states.map((wanted, i) => {
    const word = words[i % words.length]
    const got = readWord(word, dump.envStates, (numEnvs + Math.floor(i / words.length)) * stateSize)
    return wanted + stateDifference(spec, `${word.path[0]}`, got, wanted)
  })
  const obsStride = layout.critic[0].inStride
  return [
    compareNumbers(
      'rollout.obs',
      dump.obs.filter((_, k) => k < batchSize * obsStride && k % obsStride < dim),
      expected.obs,
      config.normObs ? 1e-5 : 1e-6, // a difference of nearly equal numbers over a small deviation
    ),
    compareNumbers('rollout.rewards', column(record.reward), expected.rewards, 1e-5),
    compareNumbers('rollout.terminated', flagged(column(record.flags), FLAG.terminated), expected.terminated, 0),
    compareNumbers('rollout.truncated', flagged(column(record.flags), FLAG.truncated), expected.truncated, 0),
    ...(masks ? [compareNumbers('rollout.masks', masks, expected.masks, 0)] : []),
    compareNumbers('rollout.states', states, expected.states, 1e-5),
    ...(normaliser ? [compareNormaliser(normaliser, config, dump)] : []),
  ]
}

/**
 * Writes the observation of row `i` to `obs`, [row][criticDim]: the newest frame is what `state` shows, the older ones are
 * the GPU's own of the step before; in the first step those that the rollout began with.
 */
function stackOf({ spec, config, layout, dump }: StageInputs) {
  const dim = criticDim(layout.shape)
  const stride = layout.critic[0].inStride
  const frame = new Float64Array(seenDim(spec))
  return (state: StateObject, params: ParamValues, i: number, isFirst: boolean, obs: Float64Array): void => {
    seeState(spec as unknown as EnvSpec<StateObject>, state, frame, 0, params)
    const isStart = i < config.numEnvs
    const before = { obs: dump.obs, offset: (isStart ? i : i - config.numEnvs) * stride, moved: isStart ? 0 : 1 }
    observeWords(spec, config.frameStack, frame, obs, i * dim, isFirst ? null : before)
  }
}

/** The reference's normaliser with the GPU's statistics before the iteration; null without normalisation. */
function normaliserBefore(config: PpoConfig, dim: number, { normaliserBefore: data }: StageDump): Normaliser | null {
  const normaliser = makeNormaliser(config, dim, config.numEnvs)
  if (!normaliser) return null
  const { agentFloats, envFloats, envReturn } = normaliserLayout(dim)
  normaliser.stats = readNormaliser(config, dim, data)
  normaliser.returns = normaliser.returns.map((_, env) => data[agentFloats + env * envFloats + envReturn])
  return normaliser
}

/** Statistics after the iteration, from all observations and rewards that `normaliser` has counted. */
function compareNormaliser(normaliser: Normaliser, config: PpoConfig, { normaliserAfter }: StageDump): Comparison {
  updateNormaliser(normaliser)
  const numbers = ({ obs, returns }: Normaliser['stats']): number[] =>
    [obs, returns].flatMap((running) => (running ? [...running.mean, ...running.variance, running.count] : []))
  const gpu = numbers(readNormaliser(config, normaliser.seenDim, normaliserAfter))
  // f32 sums of up to batchSize deviations, environment by environment
  return compareNumbers('normaliser', gpu, numbers(normaliser.stats), 1e-5)
}
