/** Time limits for waiting for the GPU: nothing else ends an endless shader. */
import { GpuError } from './gpuerror'

/** The shortest limit, the shortest with a compiler, and the limit as a multiple of the slowest answer so far. */
const LEAST_MS = 30_000
export const COMPILING_MS = 180_000
const TIMES_SLOWEST = 20
/** The most that an answer counts if it may have waited for a compiler. */
const MOST_AT_FIRST_MS = 10_000

const slowest = new WeakMap<object, number>()

/** Pipelines created on a device, and how many of them have been run to completion. */
const created = new WeakMap<object, number>()
const proven = new WeakMap<object, number>()

/** Reports a new pipeline: some drivers compile it only at its first dispatch, which may take as long as compiling. */
export const pipelineCreated = (device: object): void => void created.set(device, pipelinesOf(device) + 1)

/** Number of pipelines created so far. */
export const pipelinesOf = (device: object): number => created.get(device) ?? 0

/** Reports that the first `count` pipelines have been dispatched and the device has answered since. */
export const pipelinesRan = (device: object, count: number): void =>
  void proven.set(device, Math.max(count, proven.get(device) ?? 0))

const mayCompile = (device: object): boolean => pipelinesOf(device) > (proven.get(device) ?? 0)

/** Milliseconds after which `source` counts as hung. */
const patience = (source: object, least: number): number => Math.max(least, TIMES_SLOWEST * (slowest.get(source) ?? 0))

/**
 * `answer`, with a time limit: many times the slowest answer so far, or enough for a compiler if one may be running.
 * test/unit/patience.test.ts checks that nothing is awaited without it.
 * @param source Who answers: the device; before there is one, the object that is asked for it.
 * @param what What is waited for, for the message.
 * @throws GpuError 5 at the limit.
 */
export async function patiently<T>(source: object, what: string, answer: Promise<T>, atLeast = LEAST_MS): Promise<T> {
  const start = performance.now()
  const compiles = mayCompile(source)
  const least = compiles ? Math.max(atLeast, COMPILING_MS) : atLeast
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
    if (atLeast === LEAST_MS) {
      // How much of it was compiling is not known: the cap leaves room for three slow iterations in flight.
      const took = Math.min(performance.now() - start, compiles ? MOST_AT_FIRST_MS : Number.POSITIVE_INFINITY)
      slowest.set(source, Math.max(slowest.get(source) ?? 0, took))
    }
  }
}
