/**
 * The samples of a minibatch when the run does not store any: the fused plan computes them within one kernel. A
 * separate layered run, on the training run's own rollout and weights, gathers one minibatch and computes its losses,
 * no more.
 */

import { encode } from '../../gpu/dispatch'
import { networkShape } from '../../model/network'
import * as layered from '../../plan/layered'
import { createRun } from '../../run/createrun'
import { bindAll, destroyRun, type Run } from '../../run/run'

/** Buffers of the training run that the probe reads. */
const SHARED = ['parameters', 'transitions', 'progress', 'stop', 'hyper', 'advantage_moments'] as const

export interface Probe {
  run: Run
  /** Fills `minibatch` and `losses` with samples of the latest rollout under the current weights. */
  encode(pass: GPUComputePassEncoder): void
  destroy(): void
}

export async function createProbe(training: Run): Promise<Probe> {
  const config = { ...training.config, plan: 'layered' as const }
  const shape = networkShape(training.spec!, config)
  const run = await createRun(training.gpu, { spec: training.spec, shape, config })
  for (const name of SHARED) {
    run.buffers[name].destroy()
    run.buffers[name] = training.buffers[name]
  }
  // The gate of the first minibatch is that of the whole update: an early stop leaves it open.
  const planned = layered.updateMinibatch(run, 0, 0)
  const list = bindAll(run, planned.slice(0, planned.findIndex(({ stem }) => stem === 'ppo_loss') + 1))
  run.arena.upload()
  return {
    run,
    encode: (pass) => encode(pass, run.arena, list),
    destroy() {
      for (const name of SHARED) run.buffers[name] = run.buffers.gradients // they belong to the training run
      destroyRun(run)
    },
  }
}
