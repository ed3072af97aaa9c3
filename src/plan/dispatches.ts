/**
 * Dispatches as data, the elements of a plan. Pure functions create them from the sizes of a run, src/run/limits.ts
 * checks them, and a run binds them to its kernels and buffers once (src/run/run.ts).
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
  /** Buffers of bindings whose names differ from the buffer's. */
  bind: Record<string, BufferName>
  /** Floating-point operations, roughly; 0 if they do not matter. */
  flops: number
}

/** The properties of a run that determine its dispatches. */
export type Planned = Pick<
  RunPlan,
  'config' | 'spec' | 'layout' | 'sizes' | 'plan' | 'fused' | 'grid' | 'flopsPerDispatch'
>

/** A dispatch of kernel `stem`. */
export const dispatch = (
  stem: Stem,
  args: Record<string, unknown>,
  workgroups: [number, number, number],
  { bind = {}, flops = 0 }: Partial<Pick<PlannedDispatch, 'bind' | 'flops'>> = {},
): PlannedDispatch => ({ stem, args, workgroups, bind, flops })
