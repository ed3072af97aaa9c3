/** How the end of an optimiser step is cut, in both plans, and how long a partial gradient is. */
import { wgslConstant } from '../gpu/shaders'
import type { NetworkLayout } from '../model/network'

type Parameters = Pick<NetworkLayout, 'paramStride'>

/** vec4s behind the parameters of a partial gradient: the sums of the losses of its rows. */
export const PARTIAL_TAIL = wgslConstant('shaders/lib/update/partials.wgsl', 'PARTIAL_TAIL')

/** Floats from one partial gradient to the next. */
export const partialStride = ({ paramStride }: Parameters): number => paramStride + 4 * PARTIAL_TAIL

/** vec4s of parameters in a block, at least, and blocks of an agent, at most: each thread of `adam` adds them up. */
const BLOCK = 256
const MOST_BLOCKS = 1024

/**
 * How the parameters of an agent are cut. The sums of squares are taken by block and by thread of `reduce`, so these
 * follow from the per-agent shape and the adapter class alone.
 */
export interface StepCuts {
  /** vec4s of parameters whose squares are summed together. */
  block: number
  numBlocks: number
  /** Threads of `reduce` for one block. */
  reduceThreads: number
  /** Workgroups of `adam` for one agent; no bit depends on it. */
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
