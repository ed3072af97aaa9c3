/** How the end of an optimiser step is split, in both plans, and the size of a partial gradient. */
import { wgslConstant } from '../gpu/shaders'
import type { NetworkLayout } from '../model/network'

type Parameters = Pick<NetworkLayout, 'paramStride'>

/** vec4s after the parameters of a partial gradient: the sums of the losses of its rows. */
export const PARTIAL_TAIL = wgslConstant('shaders/lib/update/partials.wgsl', 'PARTIAL_TAIL')

/** Stride of partial gradients, in floats. */
export const partialStride = ({ paramStride }: Parameters): number => paramStride + 4 * PARTIAL_TAIL

/** The fewest vec4s of parameters per block, and the most blocks per agent: each thread of `adam` adds them up. */
const BLOCK = 256
const MOST_BLOCKS = 1024

/** The largest batch of which four threads may sum a quarter each: longer sums in f32 lose digits. */
const SHORT_BATCH = 4096

/**
 * How the parameters of an agent are split, and by how many threads a sum is made. The order of summation follows from
 * both, so they depend only on the per-agent shape and the adapter class.
 */
export interface StepCuts {
  /** vec4s of parameters whose squares are summed together. */
  block: number
  numBlocks: number
  /** Threads of `reduce` for one block. A software adapter runs four at once; more would wait for each other in turn. */
  reduceThreads: number
  /** Threads of a workgroup that sums over transitions. */
  batchThreads: number
  /** Workgroups of `adam` per agent; results are bit-identical for any number. */
  adamGroups: number
}

export function stepCuts({ paramStride }: Parameters, batchSize: number, software: boolean): StepCuts {
  const width = paramStride / 4
  const block = BLOCK * Math.ceil(width / (BLOCK * MOST_BLOCKS))
  return {
    block,
    numBlocks: Math.ceil(width / block),
    reduceThreads: software ? 4 : 64,
    batchThreads: software && batchSize <= SHORT_BATCH ? 4 : 64,
    adamGroups: software ? 2 : Math.ceil(width / 64),
  }
}

/** `override` constants of the kernels that sum. */
export const stepOverrides = (cuts: StepCuts): Record<string, Record<string, number>> => ({
  reduce: { THREADS: cuts.reduceThreads },
  advantage_stats: { THREADS: cuts.batchThreads },
  episode_stats: { THREADS: cuts.batchThreads },
  explained_variance: { THREADS: cuts.batchThreads },
  sum_losses: { THREADS: cuts.batchThreads },
  update_normaliser: { THREADS: cuts.batchThreads },
})
