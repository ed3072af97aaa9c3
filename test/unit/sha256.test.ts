import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sha256 } from '../../src/files/sha256'

test('the hashes of Node, at every length around a block', () => {
  for (let length = 0; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length * 11) & 255)
    expect(sha256(bytes), `${length} bytes`).toBe(createHash('sha256').update(bytes).digest('hex'))
  }
  const long = new TextEncoder().encode('äbc'.repeat(30_000))
  expect(sha256(long)).toBe(createHash('sha256').update(long).digest('hex'))
})
