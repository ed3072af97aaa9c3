/** Opens the writer of a format. */
import type { FilmFormat, FilmSize, FilmWriter } from './formats'
import { gifWriter } from './gif'
import { videoWriter } from './video'
import { webpWriter } from './webp'

/** @throws FilmError if this place cannot write the format. */
export async function openWriter(format: FilmFormat, size: FilmSize): Promise<FilmWriter> {
  if (format === 'gif') return gifWriter(size)
  return format === 'webp' ? webpWriter(size) : videoWriter(format, size)
}
