/** One chart: uPlot with this page's colours, a band, and the line of another run. */
import uPlot from 'uplot'
import { short } from './format'
import { type ColumnName, type History, resample } from './series'

export interface PlotColours {
  text: string
  grid: string
  line: string
  band: string
  ghost: string
}

/** The theme's colours, from the style sheet. */
export function plotColours(element: Element): PlotColours {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return { text: of('--muted'), grid: of('--line'), line: of('--accent'), band: of('--band'), ghost: of('--ghost') }
}

export interface PlotLine {
  y: number
  label?: string
}

export interface PlotOptions {
  title: string
  width: number
  height: number
  log: boolean
  colours: PlotColours
  /** Horizontal lines: the environment's reward threshold, and a published return with its name. */
  lines?: PlotLine[]
  /** Called with the timesteps under the pointer; null when it leaves. */
  onHover: (timesteps: number | null) => void
}

export function makePlot(root: HTMLElement, options: PlotOptions): uPlot {
  const { colours, log, width, height, title } = options
  const axis = (size: number): uPlot.Axis => ({
    stroke: colours.text,
    size,
    font: '11px system-ui, sans-serif',
    grid: { stroke: colours.grid, width: 1 },
    ticks: { show: false },
    values: (_, values) => values.map((x) => (x === null ? '' : short(x))),
  })
  const value = (_: uPlot, x: number | null) => short(x)
  return new uPlot(
    {
      width,
      height,
      padding: [8, 10, 0, 0],
      cursor: { drag: { x: true, y: false }, points: { size: 6 } },
      legend: { live: true },
      scales: { x: { time: false }, y: log ? { distr: 3 } : {} },
      axes: [
        { ...axis(24), space: 70 },
        { ...axis(52), space: 28, grid: { stroke: colours.grid, width: 1, ...(log ? { filter: decades } : {}) } },
      ],
      series: [
        { label: 'steps', value: (_, x) => short(x) },
        { label: title, stroke: colours.line, width: 1.6, points: { show: false }, spanGaps: true, value },
        { label: 'low', stroke: 'transparent', width: 0, points: { show: false }, spanGaps: true, value },
        { label: 'high', stroke: 'transparent', width: 0, points: { show: false }, spanGaps: true, value },
        {
          label: 'before',
          stroke: colours.ghost,
          width: 1.2,
          dash: [4, 3],
          points: { show: false },
          spanGaps: true,
          value,
        },
      ],
      bands: [{ series: [3, 2], fill: colours.band }],
      hooks: {
        ready: [watchZoom],
        setSelect: [(plot) => plot.select.width > 0 && void zoomed.add(plot)],
        setCursor: [(plot) => options.onHover(plot.data[0][plot.cursor.idx ?? -1] ?? null)],
        draw: [
          (plot) => {
            for (const line of options.lines ?? []) drawLine(plot, line, colours.text)
          },
        ],
      },
    },
    [[], [], [], [], []],
    root,
  )
}

/** Of the many ticks of a log axis, keeps only the powers of ten. */
function decades(_: uPlot, splits: number[]): (number | null)[] {
  const few = splits.length <= 10
  return splits.map((x) => (few || Math.abs(Math.log10(x) % 1) < 1e-9 ? x : null))
}

const zoomed = new WeakSet<uPlot>()

/** Whether the user has zoomed in; a double click shows everything again. */
export const isZoomed = (plot: uPlot): boolean => zoomed.has(plot)

function watchZoom(plot: uPlot): void {
  plot.over.addEventListener('dblclick', () => zoomed.delete(plot))
}

function drawLine(plot: uPlot, { y: value, label }: PlotLine, colour: string): void {
  const y = plot.valToPos(value, 'y', true)
  const { left, top, width, height } = plot.bbox
  if (y < top || y > top + height) return
  const { ctx } = plot
  ctx.save()
  ctx.strokeStyle = colour
  ctx.setLineDash([2, 4])
  ctx.beginPath()
  ctx.moveTo(left, y)
  ctx.lineTo(left + width, y)
  ctx.stroke()
  if (label) {
    ctx.fillStyle = colour
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`
    ctx.textAlign = 'right'
    ctx.fillText(label, left + width - 4 * devicePixelRatio, y - 4 * devicePixelRatio)
  }
  ctx.restore()
}

/** uPlot's data: steps, mean, low, high, the other run's mean. A log axis leaves out numbers that are not above 0. */
export function plotData(name: ColumnName, history: History, ghost: History | null, log: boolean): uPlot.AlignedData {
  const steps = merge(history.timesteps, ghost?.timesteps ?? [])
  const visible = (list: (number | null)[]) => (log ? list.map((x) => (x !== null && x > 0 ? x : null)) : list)
  const own = (list: (number | null)[]) => visible(ghost ? exactly(history.timesteps, list, steps) : list)
  const { mean, low, high } = history.columns[name]
  const before = ghost ? resample(ghost.timesteps, ghost.columns[name].mean, steps) : steps.map(() => null)
  return [steps, own(mean), own(low), own(high), visible(before)]
}

/** Values where `steps` contains one of `timesteps`, null elsewhere: the line spans the gaps. */
function exactly(timesteps: number[], values: (number | null)[], steps: number[]): (number | null)[] {
  let at = 0
  return steps.map((t) => (timesteps[at] === t ? values[at++] : null))
}

/** Two ascending lists merged, without duplicates. */
function merge(a: number[], b: number[]): number[] {
  if (b.length === 0) return a
  return [...new Set([...a, ...b])].sort((x, y) => x - y)
}
