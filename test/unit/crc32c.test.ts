import { describe, expect, test } from 'vitest'
import { crc32c } from '../../src/files/crc32c'

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('crc32c', () => {
  // RFC 3720, appendix B.4; the last is the usual check value of the catalogues.
  test.each<[string, Uint8Array, number]>([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(255), 0x62a8ab43],
    ['32 rising', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['32 falling', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['123456789', ascii('123456789'), 0xe3069283],
    ['nothing', new Uint8Array(0), 0],
  ])('%s', (_, bytes, wanted) => {
    expect(crc32c(bytes)).toBe(wanted)
  })

  test('goes on where it stopped, at any length and alignment', () => {
    const bytes = Uint8Array.from({ length: 50 }, (_, i) => (i * 37) ^ 5)
    const whole = crc32c(bytes)
    for (let cut = 0; cut <= 50; cut++) expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(whole)
  })

  test('every single flipped bit changes it', () => {
    const bytes = new Uint8Array(41).fill(7)
    const seen = new Set([crc32c(bytes)])
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3] ^= 1 << (bit & 7)
      seen.add(crc32c(bytes))
      bytes[bit >> 3] ^= 1 << (bit & 7)
    }
    expect(seen.size).toBe(8 * 41 + 1)
  })
})
