/** How long the host waits for the GPU: an endless shader is killed by nobody else. */
import { GpuError } from './gpuerror'

/** The shortest patience, that with a compiler, and how much longer than the slowest answer so far it is. */
const LEAST_MS = 30_000
export const COMPILING_MS = 180_000
const TIMES_SLOWEST = 20
/** Of an answer that may have waited for a compiler, what counts at most. */
const MOST_AT_FIRST_MS = 10_000

const slowest = new WeakMap<object, number>()

/** Pipelines that have been created on a device, and how many of them its answers have shown to run. */
const created = new WeakMap<object, number>()
const proven = new WeakMap<object, number>()

/** A pipeline is created: some drivers compile it only when it is first dispatched, which may take as long as compiling. */
export const pipelineCreated = (device: object): void => void created.set(device, pipelinesOf(device) + 1)

/** How many there are. */
export const pipelinesOf = (device: object): number => created.get(device) ?? 0

/** The first `count` of them have been dispatched, and the device has answered since. */
export const pipelinesRan = (device: object, count: number): void =>
  void proven.set(device, Math.max(count, proven.get(device) ?? 0))

const mayCompile = (device: object): boolean => pipelinesOf(device) > (proven.get(device) ?? 0)

/** Milliseconds after which `source` counts as hung. */
const patience = (source: object, least: number): number => Math.max(least, TIMES_SLOWEST * (slowest.get(source) ?? 0))

/**
 * `answer`, unless the GPU takes far longer for it than for anything before, or for a compiler where it may be compiling.
 * test/unit/patience.test.ts holds that nothing is awaited without it.
 * @param source Who answers: the device; before there is one, what it is asked of.
 * @param what What is waited for, for the message.
 * @throws GpuError 5 when it does not come.
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
      // How much of it was compiling is not known: what is counted leaves room for three slow iterations in flight.
      const took = Math.min(performance.now() - start, compiles ? MOST_AT_FIRST_MS : Number.POSITIVE_INFINITY)
      slowest.set(source, Math.max(slowest.get(source) ?? 0, took))
    }
  }
}
