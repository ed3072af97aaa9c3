/** How long the host waits for the GPU: an endless shader is killed by nobody else. */
import { GpuError } from './gpuerror'

/** The shortest patience, that with a compiler, and how much longer than the slowest answer so far it is. */
const LEAST_MS = 30_000
export const COMPILING_MS = 180_000
const TIMES_SLOWEST = 20

const slowest = new WeakMap<object, number>()

/** Milliseconds after which `source` counts as hung. */
const patience = (source: object, least: number): number => Math.max(least, TIMES_SLOWEST * (slowest.get(source) ?? 0))

/**
 * `answer`, unless the GPU takes far longer for it than for anything before. test/unit/patience.test.ts holds that nothing
 * is awaited without it.
 * @param source Who answers: the device; before there is one, what it is asked of.
 * @param what What is waited for, for the message.
 * @throws GpuError 5 when it does not come.
 */
export async function patiently<T>(source: object, what: string, answer: Promise<T>, least = LEAST_MS): Promise<T> {
  const start = performance.now()
  let timer: ReturnType<typeof setTimeout> | undefined
  const most = patience(source, least)
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
    if (least === LEAST_MS) slowest.set(source, Math.max(slowest.get(source) ?? 0, performance.now() - start))
  }
}
