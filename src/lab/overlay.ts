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

/** A dotted line with its label; where the axis ends below or above it, the label alone, with an arrow. */
export function drawLine(plot: uPlot, { y: value, label }: PlotLine, colour: string): void {
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
  ctx.fillStyle = colour
  ctx.font = `${11 * scale}px system-ui, sans-serif`
  ctx.textAlign = 'right'
  const text = inside ? label : `${label} ${y < top ? '↑' : '↓'}`
  const line = 14 * scale
  const base = inside
    ? y - top < line
      ? y + line - 2 * scale
      : y - 4 * scale
    : y < top
      ? top + line
      : top + height - 4 * scale
  ctx.fillText(text, left + width - 4 * scale, base)
  ctx.restore()
}

/** Upright lines where an option was changed; labels that would run into each other are set lower. */
export function drawMarks(plot: uPlot, marks: PlotMark[], colour: string): void {
  const { left, top, width, height } = plot.bbox
  const { ctx } = plot
  const scale = devicePixelRatio
  ctx.save()
  ctx.strokeStyle = ctx.fillStyle = colour
  ctx.font = `${11 * scale}px system-ui, sans-serif`
  const ends: number[] = []
  for (const { timesteps, label } of marks) {
    const x = plot.valToPos(timesteps, 'x', true)
    if (!(x >= left && x <= left + width)) continue
    ctx.beginPath()
    ctx.moveTo(x, top)
    ctx.lineTo(x, top + height)
    ctx.stroke()
    if (label === undefined) continue
    const wide = ctx.measureText(label).width + 10 * scale
    const from = Math.min(x + 4 * scale, left + width - wide)
    const free = ends.findIndex((end) => end <= from)
    const row = free < 0 ? ends.length : free
    ends[row] = from + wide
    ctx.fillText(label, from, top + (12 + 14 * row) * scale)
  }
  ctx.restore()
}
