/**
 * Counter-based random numbers: Threefry-2x32-20 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 *
 * A number depends only on (seed, step, stream, env, draw), never on the order of evaluation, so the GPU and this
 * reference get the same integers.
 */

/** What a random number is for: the top 4 bits of the counter's second word. */
export const STREAM = { ACTION: 0, ENV_STEP: 1, ENV_RESET: 2, SHUFFLE: 3, INIT: 4, STAGGER: 5, PARAMS: 6 } as const

/**
 * The position of the next draw. All u32. `step` is the environment's global step g = iteration * numSteps + t
 * (iteration from 0) for ACTION and ENV_STEP; a reset after step g uses g + 1, and the very first reset 0. `env` <
 * 2^20, `draw` < 256.
 */
export interface Rng {
  seed: number
  step: number
  stream: number
  env: number
  draw: number
}

/** A generator at its first draw. `seed` is the agent's own seed; the agent's index is not used. */
export function makeRng(seed: number, step: number, stream: number, env: number): Rng {
  return { seed: seed >>> 0, step: step >>> 0, stream, env, draw: 0 }
}

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
]

/** One block: 20 rounds over a counter of two u32 under a key of two u32. Returns two u32. */
export function threefry2x32(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  const key = [key0 | 0, key1 | 0, 0x1bd11bda ^ key0 ^ key1]
  let x0 = (counter0 + key[0]) | 0
  let x1 = (counter1 + key[1]) | 0
  for (let group = 0; group < 5; group++) {
    for (const r of ROTATIONS[group % 2]) {
      x0 = (x0 + x1) | 0
      x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0
    }
    x0 = (x0 + key[(group + 1) % 3]) | 0
    x1 = (x1 + key[(group + 2) % 3] + group + 1) | 0
  }
  return [x0 >>> 0, x1 >>> 0]
}

/** The next block of `rng`: two u32. Advances `draw` by one. */
export function nextBlock(rng: Rng): [number, number] {
  const counter1 = ((rng.stream << 28) | (rng.draw << 20) | rng.env) >>> 0
  rng.draw++
  return threefry2x32(rng.seed, 0, rng.step, counter1)
}

/** A u32 as a real number in [0, 1): its top 24 bits times 2^-24, exact in f32. */
export const toUnit = (word: number): number => (word >>> 8) * 2 ** -24

/** Uniform in [0, 1). One draw; the block's second word is not used. */
export function uniform(rng: Rng): number {
  return toUnit(nextBlock(rng)[0])
}

/** Two independent standard normal numbers from one draw (Box and Muller 1958), with log(1 - u) because u may be 0. */
export function normalPair(rng: Rng): [number, number] {
  const [word0, word1] = nextBlock(rng)
  const radius = Math.sqrt(-2 * Math.log(1 - toUnit(word0)))
  const angle = 2 * Math.PI * toUnit(word1)
  return [radius * Math.cos(angle), radius * Math.sin(angle)]
}

/** One standard normal number: the first of a pair. One draw. */
export function normal(rng: Rng): number {
  return normalPair(rng)[0]
}
