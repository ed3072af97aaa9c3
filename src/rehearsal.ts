/** The dispatches of a run as they would be, bound to nothing: how many workgroups, how many bytes of arguments. */
import { FLOPS_PER_SUBMIT } from './buffers'
import { argsBytes, type Dispatch } from './gpu/dispatch'
import type { Kernel } from './gpu/pipeline'
import { reflectBindings, reflectStruct } from './gpu/reflect'
import { workgroupMemory, workgroupSize } from './gpu/workgroup'
import { control, measure, reset, rollout, update } from './iteration'
import { type Kernels, linkKernel, type Stem, stemsOf } from './kernels'
import type { Adapter, RunPlan } from './paper'
import type { Run } from './run'

/** What one kernel needs of the adapter. */
export interface KernelNeeds {
  stem: Stem
  storageBuffers: number
  /** Bytes of workgroup memory. */
  workgroupMemory: number
  invocations: number
}

/** The most that any dispatch of `stem` asks for along `axis`. */
export interface WorkgroupNeeds {
  stem: string
  axis: 'x' | 'y' | 'z'
  count: number
}

export interface Rehearsal {
  kernels: KernelNeeds[]
  workgroups: WorkgroupNeeds[]
  /** Bytes of the arguments of all dispatches at most: equal ones share a place. */
  args: number
}

export function rehearse(plan: RunPlan, adapter: Adapter): Rehearsal {
  const stems = stemsOf(plan.wanted)
  const kernels = stems.map((stem) => ({ stem, code: linkKernel(stem, plan.wanted) }))
  // A device that binds nothing, and an arena that only counts.
  const device = { createBindGroup: () => ({}) }
  let args = 0
  const arena = {
    add(kernel: Kernel) {
      args += argsBytes(kernel.args, adapter.limits.minUniformBufferOffsetAlignment)
      return 0
    },
  }
  const bare = kernels.map(({ stem, code }) => [stem, { stem, code, storage: [], args: argsOf(code) }])
  const run = {
    ...plan,
    gpu: { device },
    kernels: Object.fromEntries(bare) as Kernels,
    arena,
    extra: {},
    bindGroups: new Map(),
    flopsPerDispatch: FLOPS_PER_SUBMIT[adapter.software ? 'software' : 'hardware'],
  } as unknown as Run
  const most = new Map<string, WorkgroupNeeds>()
  for (const { kernel, workgroups } of dispatchesOf(run)) {
    for (const [i, count] of workgroups.entries()) {
      const axis = (['x', 'y', 'z'] as const)[i]
      const key = `${kernel.stem}.${axis}`
      if (count > (most.get(key)?.count ?? 0)) most.set(key, { stem: kernel.stem, axis, count })
    }
  }
  return {
    kernels: kernels.map(({ stem, code }) => needsOf(stem, code, plan.wanted.overrides[stem] ?? {})),
    workgroups: [...most.values()],
    args,
  }
}

/** Once each; without an environment there is no rollout. */
function dispatchesOf(run: Run): Dispatch[] {
  const slots = Array.from({ length: run.sizes.iterationsPerSubmit }, (_, slot) => control(run, slot))
  return [...(run.spec ? [...reset(run), ...rollout(run)] : []), ...measure(run), ...update(run), ...slots.flat()]
}

function argsOf(code: string): Kernel['args'] {
  return reflectStruct(code, reflectBindings(code).find(({ group }) => group === 1)!.type)
}

function needsOf(stem: Stem, code: string, overrides: Record<string, number>): KernelNeeds {
  return {
    stem,
    storageBuffers: reflectBindings(code).filter(({ group }) => group === 0).length,
    workgroupMemory: workgroupMemory(code, overrides),
    invocations: workgroupSize(code, overrides),
  }
}
