/** Animated webp: each changed part encoded by the browser's canvas, put together as the format's RIFF container says. */
import { changedPart, wordsOf } from './changed'
import { FilmError, type FilmSize, type FilmWriter } from './formats'
import { animation, type WebpFrame } from './riff'

/** Without loss: pictures of few colours are smaller so, and exact. */
const LOSSLESS = { type: 'image/webp', quality: 1 }

/** @throws FilmError where no canvas writes webp: in Node, and in some browsers. */
export async function webpWriter(size: FilmSize): Promise<FilmWriter> {
  const canvas = typeof OffscreenCanvas === 'undefined' ? null : new OffscreenCanvas(1, 1)
  const context = canvas?.getContext('2d')
  if (!canvas || !context || (await canvas.convertToBlob(LOSSLESS)).type !== LOSSLESS.type) {
    throw new FilmError('webp: nothing here encodes WebP; Chrome does. Use the format gif.')
  }
  const frames: WebpFrame[] = []
  let before: Uint32Array | null = null
  return {
    codec: 'WebP',
    async add(pixels, from, until) {
      const now = wordsOf(pixels)
      const part = changedPart(before, now, size)
      before = now.slice()
      Object.assign(canvas, { width: part.width, height: part.height })
      const { width, height } = size
      context.putImageData(new ImageData(pixels, width, height), -part.x, -part.y)
      const file = new Uint8Array(await (await canvas.convertToBlob(LOSSLESS)).arrayBuffer())
      frames.push({ ...part, file, ms: Math.round(1000 * until) - Math.round(1000 * from) })
    },
    finish: async () => animation(frames, size),
    async cancel() {},
  }
}
