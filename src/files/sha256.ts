/** SHA-256 (FIPS 180-4), without waiting: the browser's own is asynchronous. For texts of some 100 kB at most. */

/** The first 32 bits of the fractional parts of the `root`-th roots of the first `n` primes. */
function fractions(n: number, root: (x: number) => number): number[] {
  const found: number[] = []
  for (let x = 2; found.length < n; x++) {
    let isPrime = true
    for (let d = 2; d * d <= x; d++) if (x % d === 0) isPrime = false
    if (isPrime) found.push(Math.floor((root(x) % 1) * 2 ** 32) | 0)
  }
  return found
}

const turned = (x: number, bits: number): number => (x >>> bits) | (x << (32 - bits))

/** 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  const constants = fractions(64, Math.cbrt)
  const hash = fractions(8, Math.sqrt)
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setBigUint64(padded.length - 8, 8n * BigInt(bytes.length))
  const w = new Int32Array(64)
  for (let block = 0; block < padded.length; block += 64) {
    for (let t = 0; t < 16; t++) w[t] = view.getInt32(block + 4 * t)
    for (let t = 16; t < 64; t++) {
      const [x, y] = [w[t - 15], w[t - 2]]
      const s0 = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3)
      const s1 = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10)
      w[t] = w[t - 16] + s0 + w[t - 7] + s1
    }
    let [a, b, c, d, e, f, g, h] = hash
    for (let t = 0; t < 64; t++) {
      const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + constants[t] + w[t]) | 0
      const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      ;[a, b, c, d, e, f, g, h] = [(t1 + t2) | 0, a, b, c, (d + t1) | 0, e, f, g]
    }
    for (const [i, x] of [a, b, c, d, e, f, g, h].entries()) hash[i] = (hash[i] + x) | 0
  }
  return hash.map((x) => (x >>> 0).toString(16).padStart(8, '0')).join('')
}
