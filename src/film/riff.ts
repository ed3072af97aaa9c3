/** Combines WebP pictures into an animation: https://developers.google.com/speed/webp/docs/riff_container */
import type { Part } from './changed'
import type { FilmSize } from './formats'

export interface WebpFrame extends Part {
  /** A WebP file with the picture of this part alone. */
  file: Uint8Array
  /** How long it is shown. */
  ms: number
}

const HAS_ANIMATION = 2
/** The part replaces what is below it, and stays. */
const NO_BLENDING = 2
/** The chunks of a still picture. */
const PICTURE = ['ALPH', 'VP8 ', 'VP8L']

/** In an endless loop. */
export function animation(frames: readonly WebpFrame[], { width, height }: FilmSize): Uint8Array<ArrayBuffer> {
  const chunks = [
    chunk('VP8X', [Uint8Array.of(HAS_ANIMATION, 0, 0, 0, ...u24(width - 1), ...u24(height - 1))]),
    chunk('ANIM', [new Uint8Array(6)]),
    ...frames.map((frame) => {
      const { x, y, width, height, ms, file } = frame
      const place = [x / 2, y / 2, width - 1, height - 1, ms].flatMap(u24)
      return chunk('ANMF', [Uint8Array.of(...place, NO_BLENDING), ...pictureOf(file)])
    }),
  ]
  return joined(chunk('RIFF', [ascii('WEBP'), ...chunks.flat()]))
}

/** The chunks with the picture itself. */
function pictureOf(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const found: Uint8Array[] = []
  for (let at = 12; at + 8 <= file.length; ) {
    const size = view.getUint32(at + 4, true)
    const end = at + 8 + size + (size % 2)
    if (PICTURE.includes(String.fromCharCode(...file.subarray(at, at + 4)))) found.push(file.subarray(at, end))
    at = end
  }
  if (found.length === 0) throw new Error('webp: the browser gave a file without a picture')
  return found
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))
const u24 = (n: number): number[] => [n & 255, (n >> 8) & 255, (n >> 16) & 255]
const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0)

function chunk(name: string, payload: Uint8Array[]): Uint8Array[] {
  const length = lengthOf(payload)
  const head = Uint8Array.of(...ascii(name), ...u24(length), length >>> 24)
  return [head, ...payload, ...(length % 2 ? [new Uint8Array(1)] : [])]
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(lengthOf(parts))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
