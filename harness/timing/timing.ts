/** Times work that can be repeated any number of times: a warm-up, then repeats of equal length. */

export interface TimingOptions {
  /** Timed repeats; `FEW_REPEATS` if all of them would take longer than `LONG_SECONDS`. */
  repeats: number
  /** The shortest length of a repeat in seconds. */
  repeatSeconds: number
  /** Milliseconds; default performance.now. */
  now?: () => number
}

export interface Timing {
  /** Of the first unit alone, which may be slower than the others. */
  firstSeconds: number
  /** Of each repeat. */
  seconds: number[]
  /** Units per repeat. */
  units: number
}

export const FEW_REPEATS = 3
export const LONG_SECONDS = 20
/** A unit of this many seconds is a sufficient warm-up. */
export const LONG_UNIT = 2

/** The number of repeats, if each takes `seconds`. */
export const repeatsFor = (wanted: number, seconds: number): number =>
  wanted * seconds > LONG_SECONDS ? Math.min(wanted, FEW_REPEATS) : wanted

/**
 * Times `run(count)`, which does `count` units and waits for them. The first unit, and those that measure how long one
 * takes, are the warm-up. With 0 repeats only the first unit runs.
 */
export async function timeRepeats(
  run: (count: number) => Promise<void>,
  { repeats, repeatSeconds, now = () => performance.now() }: TimingOptions,
): Promise<Timing> {
  const timed = async (count: number): Promise<number> => {
    const start = now()
    await run(count)
    return (now() - start) / 1000
  }
  const firstSeconds = await timed(1)
  if (repeats === 0) return { firstSeconds, seconds: [], units: 0 }
  let count = 1
  let took = firstSeconds
  if (took < LONG_UNIT) took = await timed(count)
  while (took < repeatSeconds / 4) {
    count *= 2
    took = await timed(count)
  }
  const units = Math.max(1, Math.ceil((repeatSeconds * count) / took))
  const seconds: number[] = []
  const wanted = repeatsFor(repeats, (took / count) * units)
  while (seconds.length < wanted) seconds.push(await timed(units))
  return { firstSeconds, seconds, units }
}
