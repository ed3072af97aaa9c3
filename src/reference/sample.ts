import { makeRng, normalPair, STREAM, uniform } from '../env/rng'
import type { Floats } from '../model/floats'
import type { Distribution } from '../model/network'
import { categoricalLogprob, categoricalSample } from './categorical'
import { gaussianLogprob, gaussianSample } from './gaussian'

/** The policy's head for one batch of observations. */
export interface PolicyHead {
  dist: Distribution
  actionDim: number
  /** Logits or means, [rows][outStride]. */
  out: Floats
  outStride: number
  /** Log standard deviations at [logStdOffset ..); null for categorical policies. */
  logStd: Floats | null
  logStdOffset: number
}

/** Numbers in a row of `actions`: the index alone, or the vector padded to a multiple of 4. */
export const actionStride = (dist: Distribution, actionDim: number): number =>
  dist === 'categorical' ? 1 : Math.ceil(actionDim / 4) * 4

/**
 * Draws the action of row `env` at global step `step` and writes it, unclipped, to
 * `actions[actionOffset ..)`. Returns its log-probability. Categorical: one uniform, draw 0. Gaussian: dimensions 2k and
 * 2k + 1 are the pair of draw k.
 */
export function sample(
  head: PolicyHead,
  seed: number,
  step: number,
  env: number,
  actions: Floats,
  actionOffset: number,
): number {
  const rng = makeRng(seed, step, STREAM.ACTION, env)
  const { actionDim: n, out, logStd, logStdOffset } = head
  const offset = env * head.outStride
  if (!logStd) {
    const action = categoricalSample(out, offset, n, uniform(rng))
    actions[actionOffset] = action
    return categoricalLogprob(out, offset, n, action)
  }
  const normals: number[] = []
  while (normals.length < n) normals.push(...normalPair(rng))
  const at = { means: out, offset, logStd, logStdOffset, n }
  gaussianSample(at, normals, actions, actionOffset)
  return gaussianLogprob(at, actions, actionOffset)
}
