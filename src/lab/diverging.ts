/** Maps as small pictures side by side, one pixel for each number, in colours from a negative limit over 0 to a positive one. */
import { largest, smallest } from '../extremes'

/** The maps of one picture: `count` of them, [map][y][x], the first `columns` in the first row. NaN is no number: left out. */
export interface Tiles {
  values: Float32Array
  height: number
  width: number
  count: number
  columns: number
}

/** Pixels between two maps. */
const GAP = 1

export interface Size {
  width: number
  height: number
}

export const sizeOfTiles = ({ height, width, count, columns }: Tiles): Size => ({
  width: columns * (width + GAP) - GAP,
  height: Math.ceil(count / columns) * (height + GAP) - GAP,
})

/** The pixel of a number. */
export const pixelOf = ({ height, width, columns }: Tiles, { map, y, x }: Place): [x: number, y: number] => [
  (map % columns) * (width + GAP) + x,
  Math.floor(map / columns) * (height + GAP) + y,
]

/** The map and the number in it at a pixel; between two maps, those before it. */
export function numberAt(tiles: Tiles, pixelX: number, pixelY: number): Place {
  const along = (pixel: number, size: number) => [
    Math.floor(pixel / (size + GAP)),
    Math.min(pixel % (size + GAP), size - 1),
  ]
  const [column, x] = along(pixelX, tiles.width)
  const [row, y] = along(pixelY, tiles.height)
  return { map: row * tiles.columns + column, y, x }
}

export interface Place {
  map: number
  y: number
  x: number
}

export const valueAt = ({ values, height, width }: Tiles, { map, y, x }: Place): number =>
  values[(map * height + y) * width + x]

export const rangeOf = (values: Float32Array): [number, number] => [smallest(values), largest(values)]

/** The largest number of all, rounded up to 1, 2 or 5 times a power of ten, so that it changes rarely. */
export function limitOf(values: Float32Array): number {
  const [low, high] = rangeOf(values)
  const size = Math.max(-low, high)
  if (!(size > 0) || !Number.isFinite(size)) return 1
  const power = 10 ** Math.floor(Math.log10(size))
  return Number((([1, 2, 5].find((n) => n * power >= size) ?? 10) * power).toPrecision(1))
}

export type Rgb = readonly [red: number, green: number, blue: number]
/** Of -limit, 0 and limit; blue and orange differ for every kind of colour vision. */
export const SCALES = {
  light: [
    [33, 82, 178],
    [246, 246, 248],
    [190, 75, 12],
  ],
  dark: [
    [120, 170, 255],
    [38, 38, 50],
    [255, 150, 80],
  ],
} as const satisfies Record<string, readonly [Rgb, Rgb, Rgb]>

export function colourOf(value: number, limit: number, [low, zero, high]: (typeof SCALES)['light' | 'dark']): Rgb {
  const end = value < 0 ? low : high
  const share = Math.min(Math.abs(value) / limit, 1)
  const mix = (i: 0 | 1 | 2) => Math.round(zero[i] + (end[i] - zero[i]) * share)
  return [mix(0), mix(1), mix(2)]
}

export function paint(canvas: HTMLCanvasElement, tiles: Tiles, limit: number, dark: boolean): void {
  const { width, height } = sizeOfTiles(tiles)
  const scale = SCALES[dark ? 'dark' : 'light']
  Object.assign(canvas, { width, height })
  const image = new ImageData(width, height)
  const size = tiles.height * tiles.width
  for (const [i, value] of tiles.values.entries()) {
    if (Number.isNaN(value)) continue
    const place = i % size
    const map = Math.floor(i / size)
    const [x, y] = pixelOf(tiles, { map, y: Math.floor(place / tiles.width), x: place % tiles.width })
    image.data.set([...colourOf(value, limit, scale), 255], 4 * (y * width + x))
  }
  canvas.getContext('2d')!.putImageData(image, 0, 0)
}
