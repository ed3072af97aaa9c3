/**
 * CRC-32C (Castagnoli), the checksum of RFC 3720, used in safetensors files written here and in TensorBoard's records.
 * It detects every change within 32 consecutive bits, and all but one in 2^32 of the others.
 */

/** The polynomial 0x1edc6f41 with its bits reversed, because the lowest bit is processed first. */
const POLYNOMIAL = 0x82f63b78
/** Bytes processed at a time. */
const SLICES = 8

/** `TABLE[256 * k + b]`: the contribution of byte `b` when `k` bytes follow it in a slice (Kounavis and Berry 2005). */
const TABLE = makeTable()

function makeTable(): Int32Array {
  const table = new Int32Array(256 * SLICES)
  for (let b = 0; b < 256; b++) {
    let crc = b
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    table[b] = crc
  }
  for (let i = 256; i < table.length; i++) table[i] = (table[i - 256] >>> 8) ^ table[table[i - 256] & 255]
  return table
}

/**
 * The checksum of `bytes`, an integer below 2^32.
 * @param before The checksum of the preceding bytes: `crc32c(b, crc32c(a))` is that of `a` and `b` together.
 */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const t = TABLE
  let crc = ~before
  let i = 0
  for (; i + SLICES <= bytes.length; i += SLICES) {
    crc ^= bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24)
    crc =
      t[1792 + (crc & 255)] ^
      t[1536 + ((crc >>> 8) & 255)] ^
      t[1280 + ((crc >>> 16) & 255)] ^
      t[1024 + (crc >>> 24)] ^
      t[768 + bytes[i + 4]] ^
      t[512 + bytes[i + 5]] ^
      t[256 + bytes[i + 6]] ^
      t[bytes[i + 7]]
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t[(crc ^ bytes[i]) & 255]
  return ~crc >>> 0
}
