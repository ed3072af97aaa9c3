/** Splits the dispatches of iterations into submits. Where they are split does not change the results. */
import { largest } from '../extremes'
import type { Dispatch } from '../gpu/dispatch'
import { reset } from '../plan/iteration'
import { iteration } from '../ppo'
import { bindAll, type Run } from './run'

/** The most dispatches per submit. */
const DISPATCHES_PER_SUBMIT = 4000

export class Work {
  /** The most floating-point operations per submit; may change between two iterations. */
  flopsPerSubmit: number
  private readonly mostFlops: number
  /** The dispatches of the iteration of each metrics slot. */
  private slots: Dispatch[][]
  /** Floating-point operations of the longest dispatch. */
  private longest: number

  private readonly reset: Dispatch[]

  constructor(private readonly run: Run) {
    this.reset = bindAll(run, reset(run))
    this.flopsPerSubmit = this.mostFlops = run.flopsPerDispatch
    this.slots = this.everySlot()
    this.longest = longestOf(this.slots[0])
    run.arena.upload()
  }

  get dispatchesPerIteration(): number {
    return this.slots[0].length
  }
  get flopsPerIteration(): number {
    return flopsOf(this.slots[0])
  }

  /** `count` iterations as submits; in the first call the environments are reset first. */
  lists(count: number, first: boolean): Dispatch[][] {
    this.recut()
    const dispatches = this.slots.slice(0, count).flat()
    return cutSubmits(first ? [...this.reset, ...dispatches] : dispatches, this.flopsPerSubmit)
  }

  private everySlot(): Dispatch[][] {
    const { run } = this
    return Array.from({ length: run.sizes.iterationsPerSubmit }, (_, slot) => bindAll(run, iteration(run, slot)))
  }

  /**
   * Creates the dispatches again if one is longer than a submit may be, or all are shorter than necessary. Their
   * lengths are the full one halved several times, so that there are few different ones.
   */
  private recut(): void {
    const { run, flopsPerSubmit, mostFlops } = this
    const wanted = mostFlops / 2 ** Math.max(0, Math.ceil(Math.log2(mostFlops / flopsPerSubmit)))
    const tooLong = this.longest > flopsPerSubmit && run.flopsPerDispatch > wanted
    const tooShort = run.flopsPerDispatch <= wanted / 2
    if (!tooLong && !tooShort) return
    run.flopsPerDispatch = wanted
    this.slots = this.everySlot()
    this.longest = longestOf(this.slots[0])
    run.arena.upload()
  }
}

export const flopsOf = (list: Dispatch[]): number => list.reduce((sum, { flops }) => sum + flops, 0)
const longestOf = (list: Dispatch[]): number => largest(list.map(({ flops }) => flops))

/** Splits a list of dispatches into submits of bounded work. */
export function cutSubmits(dispatches: Dispatch[], mostFlops: number): Dispatch[][] {
  const lists: Dispatch[][] = [[]]
  let flops = 0
  for (const dispatch of dispatches) {
    const list = lists.at(-1)!
    if (list.length > 0 && (flops + dispatch.flops > mostFlops || list.length >= DISPATCHES_PER_SUBMIT)) {
      lists.push([dispatch])
      flops = dispatch.flops
    } else {
      list.push(dispatch)
      flops += dispatch.flops
    }
  }
  return lists
}
