/** Times training, or a part of an iteration, with the dispatches of training. */
import { findEnv } from '../../../envs/registry'
import { requestGpu } from '../../../src/gpu/device'
import type { Ppo } from '../../../src/run/api'
import { createPpo } from '../../../src/run/create'
import type { BenchArgs, BenchResult } from '../../protocol/protocol'
import { timeRepeats } from '../../timing/timing'
import { expectOpenGates, openParts, settle, submitAll } from './parts'

/** @throws the first uncaptured error, also one that came after the last timed dispatch. */
export const bench = (args: BenchArgs): Promise<BenchResult> =>
  args.unit === 'iteration' ? benchTraining(args) : benchPart(args)

async function benchTraining({ env, spec, config, ...timing }: BenchArgs): Promise<BenchResult> {
  const start = performance.now()
  const ppo = await createPpo({ env: spec ?? findEnv(env), ...config })
  try {
    const setupSeconds = (performance.now() - start) / 1000
    const { seconds, units, firstSeconds } = await timeRepeats((count) => iterate(ppo, count), timing)
    await settle(ppo.gpu)
    return {
      ...{ seconds, units, plan: ppo.plan },
      dispatches: ppo.dispatchesPerIteration,
      dispatchesPerIteration: ppo.dispatchesPerIteration,
      hostMs: ppo.calls.hostMs / ppo.calls.iterations,
      ...firstUpdate(start, setupSeconds + firstSeconds),
    }
  } finally {
    ppo.dispose()
  }
}

/**
 * Trains `count` iterations. @throws if an agent has stopped or skipped a minibatch: then less was done than is
 * counted.
 */
async function iterate(ppo: Ppo, count: number): Promise<void> {
  const { numEnvs, numSteps, updateEpochs, numMinibatches, targetKl } = ppo.config
  const until = ppo.iterations + count
  for await (const { rows } of ppo.train({ totalTimesteps: until * numEnvs * numSteps })) {
    for (const [agent, row] of rows.flatMap((agents) => [...agents.entries()])) {
      const complete = targetKl !== null || row?.updates === updateEpochs * numMinibatches
      if (row?.status === 'running' && complete) continue
      const what = row ? `is ${row.status} after ${row.updates} updates` : 'had stopped'
      throw new Error(`bench: agent ${agent} ${what}, so an iteration was not all done and its time means nothing.`)
    }
  }
  if (ppo.iterations !== until) throw new Error(`bench: ${ppo.iterations} iterations came back, of ${until}.`)
}

async function benchPart({ env, spec, config, unit, ...timing }: BenchArgs): Promise<BenchResult> {
  const start = performance.now()
  const gpu = await requestGpu()
  try {
    const parts = await openParts(gpu, { env, spec, config, unit })
    const first = (performance.now() - start) / 1000
    try {
      let hostMs = 0
      let done = 0
      const work = async (count: number) => {
        hostMs += await submitAll(parts.run, parts.units(count))
        done += count
      }
      const { seconds, units } = await timeRepeats(work, timing)
      await expectOpenGates(parts.run)
      return {
        ...{ seconds, units, plan: parts.run.plan, hostMs: hostMs / done },
        dispatches: parts.units(1).length,
        dispatchesPerIteration: parts.whole.length,
        ...firstUpdate(start, first),
      }
    } finally {
      parts.destroy()
    }
  } finally {
    gpu.device.destroy()
  }
}

/** `start` from performance.now: milliseconds since the navigation to the page. */
const firstUpdate = (start: number, seconds: number) => ({
  firstUpdateSeconds: seconds,
  loadToFirstUpdateSeconds: start / 1000 + seconds,
})
