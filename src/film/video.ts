/** mp4 and webm: encoded by the browser (WebCodecs), packed by mediabunny. */
import {
  BufferTarget,
  canEncodeVideo,
  Mp4OutputFormat,
  Output,
  QUALITY_HIGH,
  type VideoCodec,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
} from 'mediabunny'
import { FilmError, type FilmSize, type FilmWriter } from './formats'

const NAMES: Partial<Record<VideoCodec, string>> = { avc: 'H.264', vp9: 'VP9', vp8: 'VP8', av1: 'AV1' }

/** In the order in which they are tried. */
const CONTAINERS = {
  mp4: { codecs: ['avc', 'vp9', 'av1'] as const, make: () => new Mp4OutputFormat({ fastStart: 'in-memory' }) },
  webm: { codecs: ['vp9', 'vp8', 'av1'] as const, make: () => new WebMOutputFormat() },
}

const ENCODING = {
  quality: QUALITY_HIGH,
  // No picture may be left out, however slow the encoder is.
  latencyMode: 'quality',
  keyFrameInterval: 2,
  // Drawings with sharp edges: smaller than with the hint for camera pictures, or none.
  contentHint: 'detail',
} as const

async function firstCodec(codecs: readonly VideoCodec[], { width, height }: FilmSize): Promise<VideoCodec | null> {
  for (const codec of codecs) if (await canEncodeVideo(codec, { width, height, ...ENCODING })) return codec
  return null
}

/** @throws FilmError without an encoder for a film of this size. */
export async function videoWriter(format: 'mp4' | 'webm', size: FilmSize): Promise<FilmWriter> {
  const { codecs, make } = CONTAINERS[format]
  if (typeof VideoEncoder === 'undefined') {
    throw new FilmError(`${format}: there is no video encoder (WebCodecs) here. Use the format gif.`)
  }
  const codec = await firstCodec(codecs, size)
  if (!codec) {
    const tried = codecs.map((name) => NAMES[name]).join(', ')
    throw new FilmError(
      `${format}: this browser encodes none of ${tried} at ${size.width}x${size.height}. Use another size, or the format gif.`,
    )
  }
  const target = new BufferTarget()
  const output = new Output({ format: make(), target })
  const source = new VideoSampleSource({ codec, ...ENCODING })
  output.addVideoTrack(source)
  await output.start()
  return {
    codec: NAMES[codec] ?? codec,
    async add(pixels, from, until) {
      const shown = { timestamp: from, duration: until - from }
      const picture = { format: 'RGBX' as const, codedWidth: size.width, codedHeight: size.height }
      const sample = new VideoSample(pixels, { ...picture, ...shown })
      await source.add(sample)
      sample.close()
    },
    async finish() {
      await output.finalize()
      return new Uint8Array(target.buffer!)
    },
    cancel: () => output.cancel(),
  }
}
