/**
 * Running statistics that normalise observations and rewards: their definition, their layout in the GPU's buffer
 * `normaliser`, and the two formulas. An agent starts with mean 0, variance 1, count 0, so that the first batch sets
 * them; they are constant inside a rollout, and the rollout's moments are merged after the update.
 */
import type { Slot } from '../gpu/link'
import type { PpoConfig } from '../options/options'

/** Mean and variance of `count` samples, one entry per quantity. */
export interface Running {
  mean: number[]
  variance: number[]
  count: number
}

/** The statistics of one agent; null for what is not normalised. */
export interface NormaliserStats {
  /** Of the observations before an action, [seenDim]: those that the actor sees, then privileged ones (`criticDim`). */
  obs: Running | null
  /** Of the discounted sum of raw rewards since the beginning of the episode, [1]. */
  returns: Running | null
}

export type Normalising = Pick<PpoConfig, 'normObs' | 'normReward'>

export const isNormalising = ({ normObs, normReward }: Normalising): boolean => normObs || normReward

export const EPS = 1e-8
/** Normalised numbers are clipped to [-CLIP, CLIP]. */
export const CLIP = 10

export const firstRunning = (size: number): Running => ({
  mean: Array(size).fill(0),
  variance: Array(size).fill(1),
  count: 0,
})

/** A non-finite value stays non-finite: it must be found, not hidden by the clip. */
const clip = (x: number): number => (Number.isFinite(x) ? Math.min(CLIP, Math.max(-CLIP, x)) : x)

/** The divisor of entry `i`. */
export const deviationOf = ({ variance }: Running, i: number): number => Math.sqrt(variance[i] + EPS)

/** Entry `i` of an observation as the policy sees it. */
export const normalised = (x: number, running: Running, i: number): number =>
  clip((x - running.mean[i]) / deviationOf(running, i))

/** A reward as the agent learns from it: not centred, which would change the task. */
export const scaledReward = (reward: number, running: Running): number => clip(reward / deviationOf(running, 0))

/**
 * Offsets in floats: first those of an agent, then those of each of its environments, relative to the environment's
 * start.
 */
export function normaliserLayout(seenDim: number) {
  const agent = { obsMean: 0, obsVar: seenDim, returnMean: 2 * seenDim, returnVar: 2 * seenDim + 1 }
  const counts = { obsCount: 2 * seenDim + 2, returnCount: 2 * seenDim + 3, gamma: 2 * seenDim + 4 }
  const env = { envSteps: 0, envReturn: 1, envReturnMean: 2, envReturnM2: 3, envObsMean: 4, envObsM2: 4 + seenDim }
  return { ...agent, ...counts, agentFloats: 2 * seenDim + 5, ...env, envFloats: 4 + 2 * seenDim }
}

/** Floats of one agent in the buffer `normaliser`. */
export function normaliserStride(seenDim: number, numEnvs: number): number {
  const { agentFloats, envFloats } = normaliserLayout(seenDim)
  return agentFloats + numEnvs * envFloats
}

/** The slot `norm`: what is normalised, and the offsets of the statistics. */
export function normSlot({ normObs, normReward }: Normalising, seenDim: number): Slot {
  const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
  const offsets = Object.entries(normaliserLayout(seenDim)).map(([name, at]) => `const NORM_${snake(name)} = ${at}u;`)
  const flags = [`const NORM_OBS = ${normObs};`, `const NORM_REWARD = ${normReward};`]
  return { file: 'norm (from src/model/normaliser.ts)', source: [...flags, ...offsets].join('\n') }
}

/** One agent's initial statistics, [normaliserStride]. */
export function firstNormaliser(seenDim: number, numEnvs: number, gamma: number): Float32Array {
  const layout = normaliserLayout(seenDim)
  const data = new Float32Array(normaliserStride(seenDim, numEnvs))
  data.fill(1, layout.obsVar, layout.obsVar + seenDim)
  data[layout.returnVar] = 1
  data[layout.gamma] = gamma
  return data
}

/** One agent's statistics, read from its floats. */
export function readNormaliser(
  { normObs, normReward }: Normalising,
  seenDim: number,
  data: Float32Array,
): NormaliserStats {
  const { obsMean, obsVar, obsCount, returnMean, returnVar, returnCount } = normaliserLayout(seenDim)
  const running = (mean: number, variance: number, count: number, size: number): Running => ({
    mean: [...data.subarray(mean, mean + size)],
    variance: [...data.subarray(variance, variance + size)],
    count: data[count],
  })
  return {
    obs: normObs ? running(obsMean, obsVar, obsCount, seenDim) : null,
    returns: normReward ? running(returnMean, returnVar, returnCount, 1) : null,
  }
}
