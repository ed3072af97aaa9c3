/** The kinds of files that a film can be, and what each of them needs. */
export const FILM_FORMATS = ['mp4', 'webm', 'webp', 'gif'] as const
export type FilmFormat = (typeof FILM_FORMATS)[number]

export interface FormatFacts {
  mime: string
  /** It is made by the browser's video encoder, which takes even widths and heights only. */
  video: boolean
  /** Pictures per second at most: browsers show faster animations slowly. */
  mostFps: number
  /** Pixels of all pictures together at most: more take hours, or more memory than a page has. */
  mostPixels: number
}

const VIDEO = { video: true, mostFps: 1000, mostPixels: 20e9 }
const ANIMATION = { video: false, mostFps: 50, mostPixels: 4e9 }

export const FORMATS: Record<FilmFormat, FormatFacts> = {
  mp4: { mime: 'video/mp4', ...VIDEO },
  webm: { mime: 'video/webm', ...VIDEO },
  webp: { mime: 'image/webp', ...ANIMATION },
  gif: { mime: 'image/gif', ...ANIMATION },
}

export interface FilmSize {
  width: number
  height: number
}

/** Takes the pictures of a film one after the other. */
export interface FilmWriter {
  /** What encodes it, such as `H.264`. */
  codec: string
  /** `pixels`: RGBA bytes, rows from the top, opaque; shown from second `from` until second `until`. */
  add(pixels: Uint8ClampedArray<ArrayBuffer>, from: number, until: number): Promise<void>
  /** The file. */
  finish(): Promise<Uint8Array<ArrayBuffer>>
  /** Gives up, and frees the encoder. */
  cancel(): Promise<void>
}

/** This browser, or Node, cannot write the format. */
export class FilmError extends Error {
  override name = 'FilmError'
  /** As a wrong option: another format can be chosen. */
  readonly exitCode = 2
}
