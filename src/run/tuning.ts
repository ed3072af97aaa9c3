/**
 * Autotune: how many threads share the work of a workgroup in the fused kernels. Only this is tuned, because the
 * results are bit-identical: threads decide who computes a tile, never the order of a sum.
 */

import { ArgsArena, type Dispatch, encode } from '../gpu/dispatch'
import { patiently } from '../gpu/patience'
import type { Kernel } from '../gpu/pipeline'
import { rollout, updateMinibatch } from '../plan/fused'
import type { Tuning } from '../plan/tuned'
import { bindAll, type Run } from './run'

/** The most milliseconds of tuning; the current measurement is finished. */
const BUDGET_MS = 1500
export const THREADS = [32, 64, 128, 256]
const ROUNDS = 4
/** FLOPs of one measurement, so that it takes longer than the resolution of the clock. */
const MEASURED_FLOPS = 2e9

type Tuned = 'fused_rollout' | 'fused_gradient'
export type CompileTuned = (stem: Tuned, threads: number) => Promise<Kernel>

/** The recorded table: src/plan/fusedshape.ts. */
export function tableTuning({ fused, kernels }: Pick<Run, 'fused' | 'kernels'>, reason: string | null): Tuning {
  const threads: Record<string, number> = {}
  if (fused && !fused.quads) {
    if (kernels.fused_rollout) threads.fused_rollout = fused.rolloutThreads
    threads.fused_gradient = fused.gradientThreads
  }
  return { source: 'table', threads, reason, measured: {}, tookMs: 0 }
}

/** Uses the kernels of an earlier search. */
export async function useTuning(run: Run, known: Tuning, compile: CompileTuned): Promise<Tuning> {
  const most = run.gpu.device.limits.maxComputeInvocationsPerWorkgroup
  const { threads } = run.tuning
  for (const stem of Object.keys(threads) as Tuned[]) {
    const wanted = known.threads[stem]
    if (!THREADS.includes(wanted) || wanted > most || wanted === threads[stem]) continue
    run.kernels[stem] = await compile(stem, wanted)
    threads[stem] = wanted
  }
  return { ...known, threads, tookMs: 0 }
}

/**
 * Times each kernel with each number of threads, on buffers that nothing has been written to, and uses the fastest.
 * Clears the buffers afterwards.
 */
export async function autotune(run: Run, compile: CompileTuned): Promise<Tuning> {
  const start = performance.now()
  const tuning: Tuning = { ...run.tuning, source: 'measured' }
  const most = run.gpu.device.limits.maxComputeInvocationsPerWorkgroup
  for (const stem of Object.keys(tuning.threads) as Tuned[]) {
    const candidates = await Promise.all(
      THREADS.filter((threads) => threads <= most).map(async (threads) => {
        const kernel = threads === tuning.threads[stem] ? run.kernels[stem] : await compile(stem, threads)
        return { value: { threads, kernel }, ...timer(run, stem, kernel) }
      }),
    )
    const { best, times } = await fastest(candidates, ROUNDS, start + BUDGET_MS)
    for (const { destroy } of candidates) destroy()
    tuning.measured[stem] = Object.fromEntries(candidates.map(({ value }, i) => [value.threads, times[i]]))
    tuning.threads[stem] = best.threads
    run.kernels[stem] = best.kernel
  }
  await clear(run)
  tuning.tookMs = performance.now() - start
  return tuning
}

export interface Candidate<T> {
  value: T
  /** Milliseconds of one measurement. */
  time(): Promise<number>
}

/**
 * The candidate with the shortest time, the best of up to `rounds` rounds after a warm-up round; the first if several
 * are equal. No round starts after `deadline`, but every candidate is measured once.
 */
export async function fastest<T>(
  candidates: Candidate<T>[],
  rounds: number,
  deadline: number,
  now: () => number = () => performance.now(),
): Promise<{ best: T; times: number[] }> {
  const times = candidates.map(() => Number.POSITIVE_INFINITY)
  for (const { time } of candidates) await time()
  for (let round = 0; round === 0 || (round < rounds && now() < deadline); round++) {
    for (const [i, { time }] of candidates.entries()) times[i] = Math.min(times[i], await time())
  }
  return { best: candidates[times.indexOf(Math.min(...times))].value, times }
}

/** `time` measures once; `destroy` frees the arguments used for measuring. */
function timer(run: Run, stem: Tuned, kernel: Kernel): { time: () => Promise<number>; destroy: () => void } {
  const { device } = run.gpu
  const trial: Run = { ...run, kernels: { ...run.kernels, [stem]: kernel }, bindGroups: new Map() }
  trial.arena = new ArgsArena(device)
  trial.flopsPerDispatch = MEASURED_FLOPS
  const steps = bindAll(trial, (stem === 'fused_rollout' ? rollout(trial) : updateMinibatch(trial, 0, 0)).slice(0, 1))
  trial.arena.upload()
  const repeats = Math.max(1, Math.min(20, Math.floor(MEASURED_FLOPS / Math.max(steps[0].flops, 1))))
  const dispatches: Dispatch[] = Array.from({ length: repeats }, () => steps[0])
  const time = async () => {
    const encoder = device.createCommandEncoder({ label: 'autotune' })
    const pass = encoder.beginComputePass({ label: stem })
    encode(pass, trial.arena, dispatches)
    pass.end()
    const commands = encoder.finish()
    const start = performance.now()
    device.queue.submit([commands])
    await patiently(device, 'autotune', device.queue.onSubmittedWorkDone())
    run.gpu.check() // on a lost device, work completes at once
    return performance.now() - start
  }
  return { time, destroy: () => trial.arena.destroy() }
}

async function clear({ gpu, buffers }: Run): Promise<void> {
  const encoder = gpu.device.createCommandEncoder({ label: 'autotune' })
  for (const buffer of Object.values(buffers)) encoder.clearBuffer(buffer)
  gpu.device.queue.submit([encoder.finish()])
  await patiently(gpu.device, 'autotune', gpu.device.queue.onSubmittedWorkDone())
  gpu.check()
}
