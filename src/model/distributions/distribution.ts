/**
 * The interface of an action distribution. One object has all of it: sizes, what is stored, its own parameters, and the
 * mathematics for one row. A distribution is a folder here: its WGSL (the slot `dist`, shaders/lib/policy/policy.wgsl)
 * and its twin, which creates the object. `distributionOf` finds it, `actingOf` only the part that chooses actions.
 */
import { normalPair, type Rng, uniform } from '../../env/rng'
import type { PpoConfig } from '../../options/options'
import type { Floats } from '../floats'
import type { Choice, PolicyGradientWeights } from './categorical/softmax'

export type DistributionKind = 'categorical' | 'gaussian' | 'multi_discrete'

/** The distribution of one row. */
export interface PolicyRow {
  /** The network's outputs, logits or means, at `out[offset .. offset + width)`. */
  out: Floats
  offset: number
  /** Its own parameters at `own[ownOffset ..)`; null if it has none. */
  own: Floats | null
  ownOffset: number
  /** 0 forbids a choice, at `mask[maskOffset .. maskOffset + width)`; null: all are allowed. */
  mask: Floats | null
  maskOffset: number
}

/** The distributions of consecutive rows. */
export interface PolicyRows {
  distribution: ActionDistribution
  /** Logits or means, [rows][outStride]. */
  out: Floats
  outStride: number
  /** Its own parameters at [ownOffset ..), the same for all rows; null if it has none. */
  own: Floats | null
  ownOffset: number
  /** 0 forbids a choice, [rows][width]; null: all are allowed. */
  masks: Floats | null
}

export const policyRow = (
  rows: Omit<PolicyRows, 'distribution'> & { distribution: Pick<ActingDistribution, 'width'> },
  row: number,
): PolicyRow => {
  const { distribution, out, outStride, own, ownOffset, masks } = rows
  return {
    ...{ out, offset: row * outStride, own, ownOffset },
    ...{ mask: masks, maskOffset: row * distribution.width },
  }
}

/** Where random numbers come from. */
export interface Draws {
  /** Uniform in [0, 1). */
  uniform(): number
  /** Two independent standard normal numbers. */
  normalPair(): [number, number]
}

/** Random numbers of the counter-based generator that the GPU uses too. */
export const drawsOf = (rng: Rng): Draws => ({ uniform: () => uniform(rng), normalPair: () => normalPair(rng) })

/** Parameters that are not outputs of a network, the same for every row. */
export interface OwnParameters {
  /** Name of the tensor in files. */
  name: string
  count: number
  /** Their initial value. */
  first(config: Pick<PpoConfig, 'logStdInit'>): number
}

/** The part that chooses actions: all that a trained policy needs. */
export interface ActingDistribution {
  readonly kind: DistributionKind
  /** Number of the network's outputs, and of a mask's entries: ACTION_DIM. */
  readonly width: number
  /** Numbers stored per action: ACTION_COUNT. */
  readonly actionCount: number
  /** Stride of an action in the arrays of the twins. */
  readonly actionStride: number
  /** Choices of each part of a discrete action, in order; none for boxes. With masks, an output for each choice. */
  readonly parts: readonly number[]
  readonly own: OwnParameters | null
  /** The choices that a discrete action is made of, part by part; none for boxes. Part i takes draw i. */
  choices(row: PolicyRow): Choice[]
  /** Draws an action, unclipped, to `actions[offset ..)`. */
  sample(row: PolicyRow, draws: Draws, actions: Floats, offset: number): void
  /** The most probable action, the first if there are several, to `actions[offset ..)`. */
  mode(row: PolicyRow, actions: Floats, offset: number): void
}

/** All of it: also what the loss needs. */
export interface ActionDistribution extends ActingDistribution {
  /** log pi(action), in nats like all that follows. */
  logprob(row: PolicyRow, actions: Floats, offset: number): number
  entropy(row: PolicyRow): number
  /** KL(old || row). */
  kl(old: PolicyRow, row: PolicyRow): number
  /**
   * The chain rule from log-probability, entropy and KL (0 without `old`) to the outputs, written to
   * `dLossDOut[row.offset ..)`, and to its own parameters, at the same places of `dLossDOwn`.
   */
  backward(
    row: PolicyRow,
    old: PolicyRow | null,
    actions: Floats,
    offset: number,
    weights: PolicyGradientWeights,
    dLossDOut: Floats,
    dLossDOwn: Floats,
  ): void
}

/** Whether a mask can forbid choices of its actions: it has one output for each choice. */
export const takesMask = ({ parts, width }: Pick<ActionDistribution, 'parts' | 'width'>): boolean =>
  parts.reduce((a, b) => a + b, 0) === width
