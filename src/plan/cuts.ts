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

/**
 * How the parameters of an agent are split. The sums of squares are computed per block and per thread of `reduce`, so
 * the split depends only on the per-agent shape and the adapter class.
 */
export interface StepCuts {
  /** vec4s of parameters whose squares are summed together. */
  block: number
  numBlocks: number
  /** Threads of `reduce` for one block. */
  reduceThreads: number
  /** Workgroups of `adam` per agent; results are bit-identical for any number. */
  adamGroups: number
}

export function stepCuts({ paramStride }: Parameters, software: boolean): StepCuts {
  const width = paramStride / 4
  const block = BLOCK * Math.ceil(width / (BLOCK * MOST_BLOCKS))
  return {
    block,
    numBlocks: Math.ceil(width / block),
    reduceThreads: software ? 4 : 64,
    adamGroups: software ? 2 : Math.ceil(width / 64),
  }
}

/** `override` constants of the kernels of a step. */
export const stepOverrides = ({ reduceThreads }: StepCuts): Record<string, Record<string, number>> => ({
  reduce: { THREADS: reduceThreads },
})
