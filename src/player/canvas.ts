/** Draws shapes and polygons on a canvas, where there is no WebGPU: what src/scene/envs.wgsl draws of one environment. */

export interface Shape {
  centre: number[]
  half_size: number[]
  angle: number
  rounding: number
  colour: number[]
}

export interface Polygon {
  corners: number[][]
  colour: number[]
  outline: number[]
}

/** A picture in the units of the environment, y up. */
export interface Drawing {
  /** Left, bottom, right, top; relative to `at`. */
  frame: readonly number[]
  /** Where the camera is. */
  at: readonly [number, number]
  polygons: Polygon[]
  shapes: Shape[]
}

const LIGHT = [1, 1, 1]
const DARK = [0.16, 0.16, 0.21]
/** Pictures with polygons are painted over all of their card: they keep their colours. */
const DARK_PAINTED = [0.4, 0.4, 0.44]

const css = ([r, g, b, a = 1]: number[]): string =>
  `rgba(${[r, g, b].map((x) => Math.round(255 * Math.min(1, Math.max(0, x)))).join(', ')}, ${a})`

/** On a dark page: a grey as far from the card's colour as it was from white, with its hue; vivid colours stay. */
export function themed(colour: number[], card: number[]): number[] {
  const rgb = colour.slice(0, 3)
  const [low, high] = [Math.min(...rgb), Math.max(...rgb)]
  const t = Math.min(1, Math.max(0, (high - low - 0.12) / 0.18))
  const grey = 1 - t * t * (3 - 2 * t)
  const turned = rgb.map((x, i) => {
    const over = Math.min(1, Math.max(0, x + 1 - low - high))
    return x * (1 - grey) + (card[i] * (1 - over) + 0.95 * over) * grey
  })
  return [...turned, colour[3]]
}

export function draw(context: CanvasRenderingContext2D, { frame, at, polygons, shapes }: Drawing, dark: boolean): void {
  const { width, height } = context.canvas
  const [left, bottom, right, top] = frame
  const scale = Math.min(width / (right - left), height / (top - bottom))
  const card = !dark ? LIGHT : polygons.length > 0 ? DARK_PAINTED : DARK
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.clearRect(0, 0, width, height)
  context.save()
  context.translate(width / 2, height / 2)
  context.scale(scale, -scale)
  context.translate(-(left + right) / 2, -(bottom + top) / 2)
  context.beginPath()
  context.roundRect(left, bottom, right - left, top - bottom, 0.015 * (right - left))
  context.fillStyle = css(card)
  context.fill()
  context.clip()
  context.translate(-at[0], -at[1])
  for (const polygon of polygons) drawPolygon(context, polygon, 1 / scale)
  for (const shape of shapes) {
    drawShape(
      context,
      dark && polygons.length === 0 ? { ...shape, colour: themed(shape.colour, card) } : shape,
      1 / scale,
    )
  }
  context.restore()
}

function drawPolygon(context: CanvasRenderingContext2D, { corners, colour, outline }: Polygon, pixel: number): void {
  context.beginPath()
  for (const [x, y] of corners) context.lineTo(x, y)
  context.closePath()
  context.fillStyle = css(colour)
  context.fill()
  if (!(outline[3] > 0)) return
  context.strokeStyle = css(outline)
  context.lineWidth = 2 * pixel
  context.stroke()
}

function drawShape(context: CanvasRenderingContext2D, shape: Shape, pixel: number): void {
  if (!(shape.colour[3] > 0)) return
  const [w, h] = shape.half_size.map((half) => Math.max(half, 0.55 * pixel))
  context.save()
  context.translate(shape.centre[0], shape.centre[1])
  context.rotate(shape.angle)
  context.beginPath()
  const rounding = Math.min(shape.rounding, w, h)
  if (rounding > 0) context.roundRect(-w, -h, 2 * w, 2 * h, rounding)
  else context.rect(-w, -h, 2 * w, 2 * h)
  context.fillStyle = css(shape.colour)
  context.fill()
  context.restore()
}
