/** Positions of the cards of a grid on a canvas: for drawing, and for finding the clicked one. */
import type { Picture } from '../env/contract'

/** Size of the canvas in device pixels, and whether it is on a dark page. */
export interface Surface {
  width: number
  height: number
  dark: boolean
}

/** How the environments are arranged: each on its card, all on one card, or one of them alone. */
export interface Arrangement {
  layout: 'grid' | 'ghosts' | 'one'
  /** The one that is marked; null: none is, in a grid. */
  focus: number | null
  /** Cards side by side in a grid; left out: as fills the canvas best. */
  columns?: number
}

export const DEFAULT_PICTURE: Picture = { frame: [-2.5, -2.5, 2.5, 2.5], fps: 30, handles: [] }

export interface Grid {
  columns: number
  /** Between two cards, in units of the environment. */
  gap: number
  /** Of all cards together, in units of the environment. */
  width: number
  height: number
  /** Units of one pixel. */
  pixel: number
}

type Size = Pick<Surface, 'width' | 'height'>

/**
 * The layout of `count` cards of an environment with frame [left, bottom, right, top]; other layouts than `grid` show
 * one card.
 */
export function gridOf(
  [left, bottom, right, top]: Picture['frame'],
  count: number,
  layout: Arrangement['layout'],
  surface: Size,
  wanted?: number,
): Grid {
  const [width, height] = [right - left, top - bottom]
  const gap = layout === 'grid' ? 0.04 * width : 0
  const columns = layout === 'grid' ? (wanted ?? bestColumns(count, width + gap, height + gap, surface)) : 1
  const rows = layout === 'grid' ? Math.ceil(count / columns) : 1
  const world = { width: columns * (width + gap) - gap, height: rows * (height + gap) - gap }
  return { columns, gap, ...world, pixel: Math.max(world.width / surface.width, world.height / surface.height) }
}

/** The index of the card at pixel (x, y) of the canvas, from the upper left; undefined between cards. */
export function cardAt(
  frame: Picture['frame'],
  count: number,
  surface: Size,
  x: number,
  y: number,
): number | undefined {
  const { columns, gap, width, height, pixel } = gridOf(frame, count, 'grid', surface)
  const [left, bottom, right, top] = frame
  const column = Math.floor(((x - surface.width / 2) * pixel + width / 2) / (right - left + gap))
  const row = Math.floor(((y - surface.height / 2) * pixel + height / 2) / (top - bottom + gap))
  const card = row * columns + column
  return column >= 0 && column < columns && row >= 0 && card < count ? card : undefined
}

/** The number of columns with which `count` cards fill the canvas best. */
export function bestColumns(count: number, width: number, height: number, surface: Size): number {
  let best = 1
  let largest = 0
  for (let columns = 1; columns <= count; columns++) {
    const scale = Math.min(surface.width / (columns * width), surface.height / (Math.ceil(count / columns) * height))
    if (scale > largest * 1.0001) {
      largest = scale
      best = columns
    }
  }
  return best
}
