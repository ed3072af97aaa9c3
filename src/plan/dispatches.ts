/**
 * Dispatches as data: what the plans are made of. Pure functions make them from the numbers of a run, src/run/limits.ts
 * checks them as they are, and a run binds them to its kernels and buffers once (src/run/run.ts).
 */
import type { BufferName } from './buffers'
import type { Stem } from './kernels'
import type { RunPlan } from './runplan'

/** One dispatch, before it is bound to a device. */
export interface PlannedDispatch {
  stem: Stem
  /** The kernel's uniform `args`, by field name. */
  args: Record<string, unknown>
  workgroups: [number, number, number]
  /** Which buffer stands behind a binding, where it is not the one of its name. */
  bind: Record<string, BufferName>
  /** Floating-point operations, roughly; 0 where they do not matter. */
  flops: number
}

/** What of a run the dispatches follow from. */
export type Planned = Pick<RunPlan, 'config' | 'spec' | 'layout' | 'sizes' | 'plan' | 'fused' | 'flopsPerDispatch'>

/** A dispatch of kernel `stem`. */
export const dispatch = (
  stem: Stem,
  args: Record<string, unknown>,
  workgroups: [number, number, number],
  { bind = {}, flops = 0 }: Partial<Pick<PlannedDispatch, 'bind' | 'flops'>> = {},
): PlannedDispatch => ({ stem, args, workgroups, bind, flops })
