/** For tests: the device is lost during chosen calls into WebGPU, from anywhere in the code. */
import type { Emit, LossAt } from '../../protocol/protocol'

export interface Losing {
  /** @throws Error if a call was never made. */
  check(): void
  end(): void
}

const OWNERS = {
  createComputePipelineAsync: 'GPUDevice',
  onSubmittedWorkDone: 'GPUQueue',
  mapAsync: 'GPUBuffer',
} as const
type Wrapped = LossAt['call']
type Prototype = Record<Wrapped, (...args: unknown[]) => Promise<unknown>>

/** Wraps the browser's own functions until `end`; the newest device is lost. */
export function loseDevice(losses: LossAt[], by: 'destroy' | 'outside', emit: Emit): Losing {
  const waiting = [...losses]
  /** Calls of the kind that the next loss waits for, since the previous loss. */
  let calls = 0
  let device: GPUDevice | undefined
  /** The device that is being lost; calls are not counted until there is another. */
  let struck: GPUDevice | undefined
  const { requestDevice } = GPUAdapter.prototype
  GPUAdapter.prototype.requestDevice = async function (...args) {
    device = await requestDevice.apply(this, args)
    return device
  }
  /** The result of `call` for its caller; `proceed` is the browser's own function. */
  const meet = (call: Wrapped, { label }: GPUObjectBase, proceed: () => Promise<unknown>): Promise<unknown> => {
    const [next] = waiting
    if (next?.call !== call || struck === device || !label.includes(next.label ?? '')) return proceed()
    if (++calls < next.nth) return proceed()
    waiting.shift()
    calls = 0
    struck = device
    emit({ type: 'loseDevice', phase: next.phase })
    if (by === 'outside') return device!.lost.then(proceed)
    const answer = proceed()
    device!.destroy()
    return answer
  }
  const originals = Object.entries(OWNERS).map(([name, owner]) => {
    const call = name as Wrapped
    const prototype = globalThis[owner].prototype as unknown as Prototype
    const original = prototype[call]
    prototype[call] = function (this: GPUObjectBase, ...args) {
      return meet(call, this, () => original.apply(this, args))
    }
    return { call, prototype, original }
  })
  return {
    check() {
      if (waiting.length === 0) return
      throw new Error(`the device was not lost in ${waiting[0].phase}: ${calls} calls, not ${waiting[0].nth}`)
    },
    end() {
      GPUAdapter.prototype.requestDevice = requestDevice
      for (const { call, prototype, original } of originals) prototype[call] = original
    },
  }
}
