/** The parts of an iteration, as the dispatches that training makes of them, run on their own. */
import { findEnv } from '../../../envs/registry'
import { submit } from '../../../src/compare/submit'
import type { Gpu } from '../../../src/gpu/device'
import type { Dispatch } from '../../../src/gpu/dispatch'
import { patiently } from '../../../src/gpu/patience'
import { readBuffer } from '../../../src/gpu/readback'
import type { PlannedDispatch } from '../../../src/plan/dispatches'
import { gae, reset, rollout, updateMinibatch } from '../../../src/plan/iteration'
import { iteration, update } from '../../../src/ppo'
import { beginRun } from '../../../src/run/open'
import { bindAll, destroyRun, type Run } from '../../../src/run/run'
import { cutSubmits } from '../../../src/run/submits'
import type { ProfileArgs, Unit } from '../../protocol/protocol'

export interface Parts {
  run: Run
  whole: Dispatch[]
  /** What `count` units are. A minibatch is each of the update's in turn. */
  units(count: number): Dispatch[]
  destroy(): void
}

/** Submits in flight at most. */
const IN_FLIGHT = 4

/** Prepares a run and does one whole iteration, so that every part has something to work on. */
export async function openParts(gpu: Gpu, { env, config, unit }: ProfileArgs): Promise<Parts> {
  const spec = findEnv(env)
  const run = await beginRun(gpu, { spec, config })
  const start = bindAll(run, reset(run))
  const whole = bindAll(run, iteration(run, 0))
  const parts = partsOf(run, unit).map((part) => bindAll(run, part))
  run.arena.upload()
  await submitAll(run, [...start, ...whole])
  await settle(gpu)
  return {
    run,
    whole,
    units: (count) => Array.from({ length: count }, (_, i) => parts[i % parts.length]).flat(),
    destroy: () => destroyRun(run),
  }
}

function partsOf(run: Run, unit: Unit): PlannedDispatch[][] {
  const { updateEpochs, numMinibatches } = run.sizes
  switch (unit) {
    case 'iteration':
      return [iteration(run, 0)]
    case 'rollout':
      return [[...rollout(run), ...gae(run)]]
    case 'steps':
      // The kernel of the environment alone, with the actions that the first policy drew.
      return [rollout(run).filter(({ stem }) => stem === 'step_envs')]
    case 'update':
      return [update(run)]
    case 'minibatch':
      return Array.from({ length: updateEpochs * numMinibatches }, (_, u) =>
        updateMinibatch(run, Math.floor(u / numMinibatches), u % numMinibatches),
      )
  }
}

/** Submits `dispatches` cut as training cuts them, and waits for the last. Returns the host's own milliseconds. */
export async function submitAll(run: Run, dispatches: Dispatch[]): Promise<number> {
  const inFlight: Promise<undefined>[] = []
  let hostMs = 0
  for (const list of cutSubmits(dispatches, run.flopsPerDispatch)) {
    if (inFlight.length === IN_FLIGHT) await inFlight.shift()
    const start = performance.now()
    submit(run, list)
    hostMs += performance.now() - start
    inFlight.push(patiently(run.gpu.device, 'bench', run.gpu.device.queue.onSubmittedWorkDone()))
  }
  await Promise.all(inFlight)
  return hostMs
}

/** Throws unless every gate is open: behind a closed one kernels return at once, and there was nothing to time. */
export async function expectOpenGates(run: Run): Promise<void> {
  const { stopStride } = run.sizes
  const closed = new Uint32Array(await readBuffer(run.gpu.device, run.buffers.stop)).findIndex((gate) => gate !== 0)
  await settle(run.gpu)
  if (closed < 0) return
  throw new Error(
    `bench: gate ${closed % stopStride} of agent ${Math.floor(closed / stopStride)} is closed (ARCHITECTURE.md, ` +
      '"Gates"): the kernels behind it did nothing, so the times mean nothing.',
  )
}

/** Throws the first uncaptured error of what was submitted so far. An answer from the GPU's side comes after its errors. */
export async function settle(gpu: Gpu): Promise<void> {
  gpu.device.pushErrorScope('validation')
  await patiently(gpu.device, 'errors', gpu.device.popErrorScope())
  gpu.check()
}
