/** A checkpoint made without a GPU: all numbers 0, after this many iterations. */
import { findEnv } from '../../envs/registry'
import { checkpointFile } from '../../src/checkpoint/checkpoint'
import { emptyBuffers, putWords, stateLayout } from '../../src/checkpoint/tensors'
import { resolveConfig } from '../../src/config/config'

export const CHECKPOINT_OPTIONS = { numEnvs: 4, numSteps: 8, numMinibatches: 2, hidden: [4], totalTimesteps: 3200 }

/** @param status 0 running, 1 finished, 2 solved, 3 not finite. */
export function emptyCheckpoint(iterations: number, status = 0, options = {}): Uint8Array {
  const spec = findEnv('CartPole-v1')
  const config = resolveConfig(spec.preset, { ...CHECKPOINT_OPTIONS, ...options }, spec)
  const layout = stateLayout(spec, config)
  const buffers = emptyBuffers(layout)
  for (const [name, value] of [
    ['progress.iteration', iterations],
    ['progress.status', status],
  ] as const) {
    const tensor = layout.tensors.find((t) => t.name === name)!
    putWords(tensor, new Uint32Array(config.numAgents).fill(value), buffers[tensor.buffer]!)
  }
  const tuning = { source: 'table' as const, threads: {} }
  const origin = { library: '0.1.0', adapter: 'none', software: true, plan: 'fused', tuning, seconds: 1.5 }
  return checkpointFile({ spec, config, origin, snapshot: { iterations, buffers } } as never)
}
