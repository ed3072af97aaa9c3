import { type Floats, isFinite32 } from '../model/floats'

export interface AdamHyper {
  learningRate: number
  adamBeta1: number
  adamBeta2: number
  adamEps: number
  maxGradNorm: number
  /** Decoupled (AdamW): 0 for Adam. */
  weightDecay: number
}

export interface AdamState {
  /** First and second moment, [paramStride]. */
  m: Floats
  v: Floats
  /** Steps applied so far. */
  t: number
}

export const LOG_STD_MIN = -20
export const LOG_STD_MAX = 2

/** Offset of the log standard deviations in the parameters; `logStd` is -1 if there are none. */
export interface LogStdPlace {
  logStd: number
  actionDim: number
}

/**
 * One optimiser step from the sums of squares of the gradient's blocks: their norm, clipping, Adam, the projection of
 * the log standard deviations. Returns the norm before clipping; a non-finite norm changes nothing. `finite`: whether
 * the step was complete, as in `adamStep`.
 */
export function adam(
  params: Floats,
  gradient: Floats,
  squares: Floats,
  state: AdamState,
  hyper: AdamHyper,
  { logStd, actionDim }: LogStdPlace,
): { norm: number; finite: boolean } {
  let sum = 0
  for (const square of squares) sum += square
  const norm = normOf(sum)
  if (!Number.isFinite(norm)) return { norm, finite: true }
  const finite = adamStep(params, gradient, norm, state, hyper)
  projectLogStd(params, logStd, actionDim)
  return { norm, finite }
}

/**
 * The global norm of `gradient` [paramStride], before clipping. A non-finite norm, or one whose square f32 cannot
 * represent, ends the agent's run.
 */
export function gradNorm(gradient: Floats): number {
  return normOf(sumOfSquares(gradient))
}

export function sumOfSquares(values: Floats): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i]
  return sum
}

/** The root of a sum of squares; infinite if f32 cannot represent the sum. */
const normOf = (sum: number): number => (Math.fround(sum) === Infinity ? Infinity : Math.sqrt(sum))

/** Factor for a gradient whose norm exceeds the limit (torch.nn.utils.clip_grad_norm_). */
export function clipScale(norm: number, maxGradNorm: number): number {
  return Math.min(1, maxGradNorm / (norm + 1e-6))
}

/**
 * One step of Adam (Kingma and Ba 2015, as PyTorch computes it) with the gradient clipped by its global norm, and
 * decoupled weight decay of all parameters (AdamW, Loshchilov and Hutter 2019). Updates `params` [paramStride] and
 * `state` in place. `norm` is the result of `gradNorm`. A parameter that would become non-finite in f32, or whose
 * moments would, keeps its value and its moments; then the result is false.
 */
export function adamStep(params: Floats, gradient: Floats, norm: number, state: AdamState, hyper: AdamHyper): boolean {
  const { learningRate, adamBeta1, adamBeta2, adamEps, maxGradNorm, weightDecay } = hyper
  const { m, v } = state
  const t = ++state.t
  const scale = clipScale(norm, maxGradNorm)
  const correction1 = 1 - adamBeta1 ** t
  const correction2 = 1 - adamBeta2 ** t
  let finite = true
  for (let i = 0; i < params.length; i++) {
    const g = gradient[i] * scale
    const nextM = adamBeta1 * m[i] + (1 - adamBeta1) * g
    const nextV = adamBeta2 * v[i] + (1 - adamBeta2) * g * g
    const step = (learningRate * (nextM / correction1)) / (Math.sqrt(nextV / correction2) + adamEps)
    const next = params[i] * (1 - learningRate * weightDecay) - step
    if (!isFinite32(next) || !isFinite32(nextM) || !isFinite32(nextV)) {
      finite = false
      continue
    }
    m[i] = nextM
    v[i] = nextV
    params[i] = next
  }
  return finite
}

/** Projects log standard deviations into [-20, 2] after a step. `logStd` is their offset in `params`, -1 for none. */
export function projectLogStd(params: Floats, logStd: number, actionDim: number): void {
  if (logStd < 0) return
  for (let i = logStd; i < logStd + actionDim; i++) params[i] = Math.min(LOG_STD_MAX, Math.max(LOG_STD_MIN, params[i]))
}
