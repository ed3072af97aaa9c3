/**
 * PPO around a rival's networks. Environments, sampling, GAE and shuffle are the CPU reference's own functions, on the
 * CPU, as in programs that use these libraries: so a rival draws the same numbers as the reference, and its weights
 * after an iteration can be compared. A step of the environments is one batched evaluation and one readback.
 */
import { cartPole } from '../../../envs/cartpole/spec'
import { distributionOf } from '../../../src/model/distributions/table'
import { advantageStats } from '../../../src/reference/advantage_stats'
import { type EpisodeStats, episodeStats } from '../../../src/reference/episode_stats'
import { gae } from '../../../src/reference/gae'
import { minibatchIndices } from '../../../src/reference/gather'
import { type Batch, gatherMinibatch, makeWorkspace } from '../../../src/reference/minibatch'
import { makeRollout, type Rollout } from '../../../src/reference/rollout'
import { sample } from '../../../src/reference/sample'
import { shuffleKeys } from '../../../src/reference/shuffle'
import { stepEnvs } from '../../../src/reference/step_envs'
import type { Setting } from '../setting'
import type { Minibatch, Rival, StepResult } from './rival'

export interface Iteration extends StepResult {
  episodes: EpisodeStats
}

/** A learner on CartPole-v1. */
export function makeTrainer(rival: Rival, setting: Setting) {
  const { config, layout, batchSize, minibatchSize } = setting
  const { seed, updateEpochs, numMinibatches } = config
  const rollout = makeRollout(cartPole, layout, config.numSteps, config.numEnvs, seed)
  const advantages = new Float64Array(batchSize)
  const returns = new Float64Array(batchSize)
  const { obs, actions, logprobs, values } = rollout
  const batch: Batch = { size: batchSize, obs, actions, logprobs, values, advantages, returns, ...NO_KL }
  const { minibatch } = makeWorkspace(layout, minibatchSize, false)
  const indices = new Uint32Array(minibatchSize)
  let iteration = 0

  /** One iteration: rollout -> gae -> update. */
  return async function iterate(): Promise<Iteration> {
    await collect(rival, setting, iteration, rollout)
    gae({ ...config, ...rollout }, advantages, returns)
    for (let epoch = 0; epoch < updateEpochs; epoch++) {
      const keys = shuffleKeys(seed, iteration, epoch)
      for (let m = 0; m < numMinibatches; m++) {
        minibatchIndices(m, batchSize, keys, indices)
        gatherMinibatch(layout, batch, indices, advantageStats(advantages, indices), minibatch)
        const data = rival.upload(toMinibatch(minibatch, layout.shape.actionDim))
        await rival.step(data)
        rival.release(data)
      }
    }
    iteration++
    const last = await rival.settle()
    return { ...last, episodes: episodeStats(rollout.slots.map(({ episode }) => episode)) }
  }
}

const NO_KL = { oldOut: null, oldOwn: null, masks: null }

/** Fills `rollout` like the reference's `collectRollout`, with the rival's networks. */
async function collect<S>(rival: Rival, { config, layout }: Setting, iteration: number, rollout: Rollout<S>) {
  const { numSteps, numEnvs, obsStride, slots, obs, values, actions } = rollout
  const { actionDim } = layout.shape
  const distribution = distributionOf(layout.shape)
  const spec = cartPole as unknown as Parameters<typeof stepEnvs<S>>[0]
  const obsRow = numEnvs * obsStride
  const finalObs = new Float64Array(obsRow)
  obs.copyWithin(0, numSteps * obsRow)
  const evaluate = (t: number) => rival.evaluate(Float32Array.from(obs.subarray(t * obsRow, (t + 1) * obsRow)), numEnvs)

  for (let t = 0; t < numSteps; t++) {
    const step = iteration * numSteps + t
    const first = t * numEnvs
    const out = await evaluate(t)
    const head = { distribution, out, outStride: actionDim + 1, own: null, ownOffset: -1, masks: null }
    for (let env = 0; env < numEnvs; env++) {
      values[first + env] = out[env * (actionDim + 1) + actionDim]
      rollout.logprobs[first + env] = sample(head, config.seed, step, env, actions, first + env)
    }
    stepEnvs(spec, slots, config.seed, step, actions.subarray(first), 1, obsStride, {
      rewards: rollout.rewards.subarray(first),
      terminated: rollout.terminated.subarray(first),
      truncated: rollout.truncated.subarray(first),
      faults: rollout.faults.subarray(first),
      finalObs,
      nextObs: obs.subarray((t + 1) * obsRow),
    })
  }
  const out = await evaluate(numSteps)
  for (let env = 0; env < numEnvs; env++) {
    values[numSteps * numEnvs + env] = out[env * (actionDim + 1) + actionDim]
  }
}

/** The reference's float64 rows in a library's form. The observations of the cases need no padding. */
export function toMinibatch(batch: Batch, actionDim: number): Minibatch {
  const oneHot = new Float32Array(batch.size * actionDim)
  for (let i = 0; i < batch.size; i++) oneHot[i * actionDim + batch.actions[i]] = 1
  return {
    rows: batch.size,
    obs: Float32Array.from(batch.obs),
    oneHot,
    logprobs: Float32Array.from(batch.logprobs),
    values: Float32Array.from(batch.values),
    advantages: Float32Array.from(batch.advantages),
    returns: Float32Array.from(batch.returns),
  }
}
