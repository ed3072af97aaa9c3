/** Draws the state of a twin on a canvas. */
import type { Picture } from '../env/contract'
import type { ParamValues } from '../env/params'
import { RUNTIME, type Runtime } from '../translate/runtime'
import { draw, type Polygon, type Shape } from './canvas'
import { make } from './panel'
import { numberAt } from './places'

export interface Painter {
  /** What draws, for the page. */
  name: string
  canvas: HTMLCanvasElement
  paint(state: unknown, params: ParamValues, dark: boolean): void
}

/** The functions of an environment's picture, translated from its WGSL (src/translate/translate.ts). */
export interface Parts {
  env_shape(state: unknown, i: number): Shape
  env_polygon?(state: unknown, i: number): Polygon
  params?: Record<string, number | boolean>
}
export type MakeParts = (runtime: Runtime) => Parts

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Draws without WebGPU. */
export function canvasPainter(
  picture: Picture,
  makeParts: MakeParts,
  [polygons, shapes]: readonly [number, number],
): Painter {
  const canvas = make('canvas')
  const context = canvas.getContext('2d')!
  const parts = makeParts(RUNTIME)
  const [x, y] = [picture.follow ?? []].flat()
  return {
    name: '2D canvas',
    canvas,
    paint(state, params, dark) {
      parts.params = Object.fromEntries(Object.entries(params).map(([name, value]) => [snake(name), value]))
      const at = [x, y].map((name) => (name === undefined ? 0 : numberAt(state, name))) as [number, number]
      const drawing = {
        frame: picture.frame,
        at,
        polygons: Array.from({ length: polygons }, (_, i) => parts.env_polygon!(state, i)),
        shapes: Array.from({ length: shapes }, (_, i) => parts.env_shape(state, i)),
      }
      draw(context, drawing, dark)
    },
  }
}
