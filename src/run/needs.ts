/** What a planned run needs of an adapter: its kernels, its dispatches, and the buffer of their arguments. */

import { argsBytes } from '../gpu/dispatch'
import { reflectBindings, reflectStruct, type StructLayout } from '../gpu/reflect'
import { workgroupMemory, workgroupSize } from '../gpu/workgroup'
import type { Adapter } from '../plan/adapterclass'
import type { PlannedDispatch } from '../plan/dispatches'
import { control, gae, measure, normalise, reset, rollout } from '../plan/iteration'
import { linkKernel, type Stem, stemsOf } from '../plan/kernels'
import type { RunPlan } from '../plan/runplan'
import { update } from '../ppo'

/** What one kernel needs of the adapter. */
export interface KernelNeeds {
  stem: Stem
  storageBuffers: number
  /** Bytes of workgroup memory. */
  workgroupMemory: number
  invocations: number
}

/** The most workgroups of any dispatch of `stem` along `axis`. */
export interface WorkgroupNeeds {
  stem: string
  axis: 'x' | 'y' | 'z'
  count: number
}

export interface Needs {
  kernels: KernelNeeds[]
  workgroups: WorkgroupNeeds[]
  /** The most bytes of the arguments of all dispatches: equal arguments are stored once. */
  args: number
}

export function needsOf(plan: RunPlan, adapter: Adapter): Needs {
  const code = new Map(stemsOf(plan.wanted).map((stem) => [stem, linkKernel(stem, plan.wanted)]))
  const alignment = adapter.limits.minUniformBufferOffsetAlignment
  const bytes = new Map([...code].map(([stem, own]) => [stem, argsBytes(argsOf(own), alignment)]))
  const most = new Map<string, WorkgroupNeeds>()
  let args = 0
  for (const { stem, workgroups } of dispatchesOf(plan)) {
    args += bytes.get(stem)!
    for (const [i, count] of workgroups.entries()) {
      const axis = (['x', 'y', 'z'] as const)[i]
      const key = `${stem}.${axis}`
      if (count > (most.get(key)?.count ?? 0)) most.set(key, { stem, axis, count })
    }
  }
  return {
    kernels: [...code].map(([stem, own]) => needsOfKernel(stem, own, plan.wanted.overrides[stem] ?? {})),
    workgroups: [...most.values()],
    args,
  }
}

/** Each dispatch once; without an environment there is no rollout. */
function dispatchesOf(plan: RunPlan): PlannedDispatch[] {
  const slots = Array.from({ length: plan.sizes.iterationsPerSubmit }, (_, slot) => control(plan, slot))
  const ofEnv = plan.spec ? [...reset(plan), ...rollout(plan), ...gae(plan), ...normalise(plan)] : []
  return [...ofEnv, ...measure(plan), ...update(plan), ...slots.flat()]
}

const argsOf = (code: string): StructLayout =>
  reflectStruct(code, reflectBindings(code).find(({ group }) => group === 1)!.type)

function needsOfKernel(stem: Stem, code: string, overrides: Record<string, number>): KernelNeeds {
  return {
    stem,
    storageBuffers: reflectBindings(code).filter(({ group }) => group === 0).length,
    workgroupMemory: workgroupMemory(code, overrides),
    invocations: workgroupSize(code, overrides),
  }
}
