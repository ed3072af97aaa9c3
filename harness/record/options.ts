/** The options of a film on the command line. */
import { FILM_FORMATS, type FilmFormat, type FilmSize } from '../../src/film/formats'
import { suggest } from '../../src/options/suggest'
import type { Flag, Given } from '../cli/args'
import { UsageError } from '../cli/errors'

export const FILM_FLAGS: Record<string, Flag> = {
  grid: { value: 'COLUMNSxROWS', help: 'Episodes side by side, such as 4x4; default 1x1.' },
  size: { value: 'WIDTHxHEIGHT', help: 'In pixels; default 640x480.' },
  format: { value: 'NAME', help: 'mp4, webm, webp or gif; default: as --out ends, else mp4.' },
  fps: { value: 'N', help: "Steps per second; default: the environment's own, else 30." },
  'max-steps': { value: 'N', help: 'Cut each episode after N steps.' },
}

/** The largest side of a picture that every WebGPU device can draw, and most encoders take. */
const SIDES: [number, number] = [16, 4096]
const CARDS: [number, number] = [1, 64]
const FPS: [number, number] = [0.1, 1000]

/** `4x3`; null if it was not given. */
function readPair(given: Given, flag: string, example: string, [min, max]: [number, number]): [number, number] | null {
  const text = given.text(flag)
  if (text === undefined) return null
  const [, a, b] = /^(\d{1,5})x(\d{1,5})$/.exec(text.trim().toLowerCase()) ?? []
  const pair: [number, number] = [Number(a), Number(b)]
  if (a !== undefined && pair.every((n) => n >= min && n <= max)) return pair
  throw new UsageError(
    `--${flag}: ${JSON.stringify(text)} is not two numbers from ${min} to ${max} with an x between them, such as ${example}.`,
  )
}

export function readSize(given: Given): FilmSize {
  const [width, height] = readPair(given, 'size', '640x480', SIDES) ?? [640, 480]
  return { width, height }
}

export function readGrid(given: Given): { columns: number; rows: number } {
  const [columns, rows] = readPair(given, 'grid', '4x4', CARDS) ?? [1, 1]
  return { columns, rows }
}

export function readFps(given: Given): number | undefined {
  const text = given.text('fps')
  if (text === undefined) return undefined
  const [min, max] = FPS
  const fps = text.trim() === '' ? Number.NaN : Number(text)
  if (fps >= min && fps <= max) return fps
  throw new UsageError(`--fps: ${JSON.stringify(text)} is not a number from ${min} to ${max}, such as 30.`)
}

/** By `--format`, or by how the name of `--out` ends. */
export function readFormat(given: Given): FilmFormat {
  const named = given.text('format')
  const ending = /\.([a-z0-9]+)$/i.exec(given.text('out') ?? '')?.[1].toLowerCase()
  const isFormat = (text: string | undefined): text is FilmFormat => (FILM_FORMATS as readonly string[]).includes(text!)
  const list = FILM_FORMATS.join(', ')
  if (named === undefined) {
    if (ending === undefined || isFormat(ending)) return ending ?? 'mp4'
    throw new UsageError(
      `--out: ${JSON.stringify(ending)} is not the ending of a film (${list}). Use one, or give --format.`,
    )
  }
  const format = named.trim().toLowerCase()
  if (isFormat(format)) {
    if (!isFormat(ending) || ending === format) return format
    throw new UsageError(
      `--format: ${format}, but --out ends in .${ending}. Leave one of them out, or make them agree.`,
    )
  }
  throw new UsageError(`--format: ${JSON.stringify(named)} is not one of ${list}${suggest(named, FILM_FORMATS)}.`)
}
