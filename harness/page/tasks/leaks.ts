/** Counts live buffers while a run trains, and over runs that are created and disposed of. */
import { findEnv } from '../../../envs/registry'
import { createPpo } from '../../../src/run/create'
import type { Emit, LeakArgs, LeakSample } from '../../protocol/protocol'

/** Samples while training. */
const SAMPLES = 8
/** Pause after each sample, during which the heap is measured. */
const QUIET_MS = 400

/** Trains one run to its end, then creates `cycles` others, trains each for an iteration, and disposes of it. */
export async function leaks({ env, config, cycles }: LeakArgs, emit: Emit): Promise<Record<string, never>> {
  const spec = findEnv(env)
  const batchSize = config.numEnvs * config.numSteps
  const every = Math.floor(config.totalTimesteps / batchSize / SAMPLES)
  const alive = countBuffers()
  const tell = async (phase: LeakSample['phase'], count: number) => {
    emit({ phase, count, ...alive.most() } satisfies LeakSample)
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS))
  }
  try {
    const ppo = await createPpo({ env: spec, ...config })
    let next = every
    for await (const _ of ppo.train({ checkpointEvery: { iterations: 4 } })) {
      if (ppo.iterations < next) continue
      await tell('iterations', ppo.iterations)
      next += every
    }
    ppo.dispose()
    alive.most()
    for (let cycle = 1; cycle <= cycles; cycle++) {
      const ppo = await createPpo({ env: spec, ...config })
      for await (const _ of ppo.train({ totalTimesteps: batchSize }));
      await ppo.save()
      ppo.dispose()
      alive.forget()
      await tell('cycles', cycle)
    }
    return {}
  } finally {
    alive.end()
  }
}

/** Counts created minus destroyed buffers, by wrapping the browser's own functions. */
function countBuffers() {
  const { createBuffer } = GPUDevice.prototype
  const { destroy } = GPUBuffer.prototype
  const sizes = new WeakMap<GPUBuffer, number>()
  const now = { buffers: 0, bytes: 0 }
  let most = { ...now }
  const change = (buffers: number, bytes: number) => {
    now.buffers += buffers
    now.bytes += bytes
    most = { buffers: Math.max(most.buffers, now.buffers), bytes: Math.max(most.bytes, now.bytes) }
  }
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor)
    sizes.set(buffer, descriptor.size)
    change(1, descriptor.size)
    return buffer
  }
  GPUBuffer.prototype.destroy = function () {
    const size = sizes.get(this)
    if (size !== undefined && sizes.delete(this)) change(-1, -size)
    return destroy.call(this)
  }
  return {
    /** The largest count since the previous call. */
    most() {
      const result = most
      most = { ...now }
      return result
    },
    /** Resets the maximum to the current count. */
    forget() {
      most = { ...now }
    },
    end() {
      GPUDevice.prototype.createBuffer = createBuffer
      GPUBuffer.prototype.destroy = destroy
    },
  }
}
