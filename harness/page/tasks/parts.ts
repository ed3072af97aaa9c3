/** The parts of an iteration, run separately with the dispatches of training. */
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
  /** The dispatches of `count` units. For minibatches, those of the update in turn. */
  units(count: number): Dispatch[]
  destroy(): void
}

/** The most submits in flight. */
const IN_FLIGHT = 4

/** Prepares a run and does one whole iteration, so that every part has data. */
export async function openParts(gpu: Gpu, { env, spec: own, config, unit }: ProfileArgs): Promise<Parts> {
  const spec = own ?? findEnv(env)
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
      // The kernel of the environment alone, with actions drawn by the initial policy.
      return [rollout(run).filter(({ stem }) => stem === 'step_envs')]
    case 'update':
      return [update(run)]
    case 'minibatch':
      return Array.from({ length: updateEpochs * numMinibatches }, (_, u) =>
        updateMinibatch(run, Math.floor(u / numMinibatches), u % numMinibatches),
      )
  }
}

/** Submits `dispatches`, split as in training, and waits for the last. Returns the host's own milliseconds. */
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

/** Throws unless every gate is open: with a closed gate, kernels return at once and the time is meaningless. */
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

/** Throws the first uncaptured error of the submits so far. An answer of the GPU process arrives after its errors. */
export async function settle(gpu: Gpu): Promise<void> {
  gpu.device.pushErrorScope('validation')
  await patiently(gpu.device, 'errors', gpu.device.popErrorScope())
  gpu.check()
}
