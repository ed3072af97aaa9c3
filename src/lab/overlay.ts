/** What a chart shows beside its curves: the threshold, a published return, and where options were changed. */
import type uPlot from 'uplot'

export interface PlotLine {
  y: number
  label: string
}

/** The label only where there is room for it. */
export interface PlotMark {
  timesteps: number
  label?: string
}

/** Dotted lines with their labels; where the axis ends below or above it, the label alone, with an arrow. */
export function drawLines(plot: uPlot, lines: readonly PlotLine[], colour: string): void {
  let above = 0
  for (const line of lines) {
    const isAbove = plot.valToPos(line.y, 'y', true) < plot.bbox.top
    drawLine(plot, line, colour, isAbove ? above++ : 0)
  }
}

/** `row`: of the labels above the axis, from the upper edge. */
function drawLine(plot: uPlot, { y: value, label }: PlotLine, colour: string, row: number): void {
  const { left, top, width, height } = plot.bbox
  const { ctx } = plot
  const y = plot.valToPos(value, 'y', true)
  if (!Number.isFinite(y)) return
  const scale = devicePixelRatio
  const inside = y >= top && y <= top + height
  ctx.save()
  if (inside) {
    ctx.strokeStyle = colour
    ctx.setLineDash([2 * scale, 4 * scale])
    ctx.beginPath()
    ctx.moveTo(left, y)
    ctx.lineTo(left + width, y)
    ctx.stroke()
  }
  const text = inside ? label : `${label} ${y < top ? '↑' : '↓'}`
  const line = 14 * scale
  // Below the line where it is near the upper edge, else above it.
  const base = y < top + line ? Math.max(y, top) + line - 2 * scale : Math.min(y, top + height) - 4 * scale
  write(ctx, text, left + 4 * scale, base + row * line, colour)
  ctx.restore()
}

/** Upright lines where an option was changed; labels that would run into each other are set higher. */
export function drawMarks(plot: uPlot, marks: PlotMark[], colour: string): void {
  const { left, top, width, height } = plot.bbox
  const { ctx } = plot
  const scale = devicePixelRatio
  ctx.save()
  ctx.strokeStyle = colour
  ctx.setLineDash([])
  const ends: number[] = []
  for (const { timesteps, label } of marks) {
    const x = plot.valToPos(timesteps, 'x', true)
    if (!(x >= left && x <= left + width)) continue
    ctx.beginPath()
    ctx.moveTo(x, top)
    ctx.lineTo(x, top + height)
    ctx.stroke()
    if (label === undefined) continue
    ctx.font = font()
    const wide = ctx.measureText(label).width + 10 * scale
    const from = Math.min(x + 4 * scale, left + width - wide)
    const free = ends.findIndex((end) => end <= from)
    const row = free < 0 ? ends.length : free
    ends[row] = from + wide
    write(ctx, label, from, top + height - (5 + 14 * row) * scale, colour)
  }
  ctx.restore()
}

const font = () => `${11 * devicePixelRatio}px system-ui, sans-serif`

/** Text that can be read over curves: on a ground of the panel's colour. */
function write(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, colour: string): void {
  const scale = devicePixelRatio
  ctx.font = font()
  ctx.textAlign = 'left'
  ctx.globalAlpha = 0.8
  ctx.fillStyle = getComputedStyle(ctx.canvas).getPropertyValue('--surface')
  ctx.fillRect(x - 2 * scale, y - 11 * scale, ctx.measureText(text).width + 4 * scale, 14 * scale)
  ctx.globalAlpha = 1
  ctx.fillStyle = colour
  ctx.fillText(text, x, y)
}
