/** Combines WebP pictures into an animation: https://developers.google.com/speed/webp/docs/riff_container */

/** `frames` of one size, each shown for `ms` milliseconds, in an endless loop. */
export function animatedWebp(frames: Uint8Array[], ms: number): Uint8Array {
  const pictures = frames.map(pictureOf)
  const { width, height } = pictures[0]
  const HAS_ANIMATION = 2
  const header = chunk('VP8X', [HAS_ANIMATION, 0, 0, 0, ...u24(width - 1), ...u24(height - 1)])
  const forever = chunk('ANIM', [0, 0, 0, 0, 0, 0])
  const body = pictures.map(({ bytes, width, height }) =>
    chunk('ANMF', [...u24(0), ...u24(0), ...u24(width - 1), ...u24(height - 1), ...u24(ms), 0, ...bytes]),
  )
  return Uint8Array.from(chunk('RIFF', [...ascii('WEBP'), ...header, ...forever, ...body.flat()]))
}

/** The chunk with the picture itself, and its size. Only lossy pictures without alpha are taken. */
function pictureOf(file: Uint8Array): { bytes: Uint8Array; width: number; height: number } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  for (let at = 12; at + 8 <= file.length; ) {
    const size = view.getUint32(at + 4, true)
    const end = at + 8 + size + (size % 2)
    const name = String.fromCharCode(...file.subarray(at, at + 4))
    // A frame begins with 3 bytes of flags and 3 fixed ones; the sizes have 14 bits each.
    if (name === 'VP8 ') {
      const [width, height] = [14, 16].map((offset) => view.getUint16(at + offset, true) & 0x3fff)
      return { bytes: file.subarray(at, end), width, height }
    }
    at = end
  }
  throw new Error('no lossy picture in this WebP file')
}

const ascii = (text: string): number[] => [...text].map((c) => c.charCodeAt(0))
const u24 = (n: number): number[] => [n & 255, (n >> 8) & 255, (n >> 16) & 255]

function chunk(name: string, payload: number[]): number[] {
  const { length } = payload
  return [...ascii(name), ...u24(length), (length >>> 24) & 255, ...payload, ...(length % 2 ? [0] : [])]
}
