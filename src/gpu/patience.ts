/** How long the host waits for the GPU: an endless shader is killed by nobody else. */
import { GpuError } from './device'

/** The shortest patience, that with a compiler, and how much longer than the slowest answer so far it is. */
const LEAST_MS = 30_000
export const COMPILING_MS = 180_000
const TIMES_SLOWEST = 20

const slowest = new WeakMap<GPUDevice, number>()

/** Milliseconds after which `device` counts as hung. */
const patience = (device: GPUDevice, least: number): number =>
  Math.max(least, TIMES_SLOWEST * (slowest.get(device) ?? 0))

/**
 * `answer`, unless the GPU takes far longer for it than for anything before.
 * @param what What is waited for, for the message.
 * @throws GpuError 5 when it does not come.
 */
export async function patiently<T>(device: GPUDevice, what: string, answer: Promise<T>, least = LEAST_MS): Promise<T> {
  const start = performance.now()
  let timer: ReturnType<typeof setTimeout> | undefined
  const most = patience(device, least)
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const seconds = Math.round(most / 1000)
      reject(
        new GpuError(
          `The GPU did not answer in ${seconds} s (${what}). Run the command again; if it keeps happening, use fewer ` +
            'environments or agents.',
          5,
        ),
      )
    }, most)
  })
  try {
    return await Promise.race([answer, hung])
  } finally {
    clearTimeout(timer)
    if (least === LEAST_MS) slowest.set(device, Math.max(slowest.get(device) ?? 0, performance.now() - start))
  }
}
