/**
 * The order of samples in one epoch: a bijection on [0, n) computed index by index, so no permutation is stored.
 *
 * A Feistel network of 6 rounds (Luby and Rackoff 1988) permutes the numbers of `bits` bits; for a value outside [0, n)
 * it is applied again until the value is inside ("cycle walking", Black and Rogaway 2002), which keeps it a bijection.
 */
import { STREAM, threefry2x32 } from '../env/rng'

const ROUNDS = 6

/** A u32 hash with full avalanche ("lowbias32", C. Wellons 2018). */
export function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}

/** The keys of one epoch: two u32. `iteration` and `epoch` count from 0; `seed` is the agent's. */
export function shuffleKeys(seed: number, iteration: number, epoch: number): [number, number] {
  return threefry2x32(seed, iteration, epoch, STREAM.SHUFFLE << 28)
}

/** The sample at position `i` of the epoch's order, 0 <= i < n < 2^31. */
export function shuffleIndex(i: number, n: number, keys: readonly [number, number]): number {
  const bits = 32 - Math.clz32(n - 1)
  const low = Math.ceil(bits / 2)
  const maskA = 2 ** (bits - low) - 1
  const maskB = 2 ** low - 1
  let x = i
  do {
    let a = x >>> low
    let b = x & maskB
    for (let r = 0; r < ROUNDS; r++) {
      const roundKey = (keys[0] + Math.imul(r, keys[1] | 1)) | 0
      if (r % 2 === 0) a ^= mix(b ^ roundKey) & maskA
      else b ^= mix(a ^ roundKey) & maskB
    }
    x = ((a << low) | b) >>> 0
  } while (x >= n)
  return x
}
