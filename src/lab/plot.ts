/** One chart: uPlot with this page's colours, a band, and the line of another run. */
import uPlot from 'uplot'
import { short, tickLabels } from './format'
import { drawLines, drawMarks, type PlotLine, type PlotMark } from './overlay'
import { type ColumnName, type History, resample } from './series'

export interface PlotColours {
  text: string
  grid: string
  line: string
  band: string
  ghost: string
  mark: string
}

/** The theme's colours, from the style sheet. */
export function plotColours(element: Element): PlotColours {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return {
    text: of('--muted'),
    grid: of('--line'),
    line: of('--accent'),
    band: of('--band'),
    ghost: of('--ghost'),
    mark: of('--mark'),
  }
}

export interface PlotOptions {
  title: string
  /** Titles of the axes; `unit` is that of the quantity. */
  unit: string
  width: number
  height: number
  log: boolean
  colours: PlotColours
  /** The values that the quantity can have: the axis ends there. */
  limits: readonly [low: number | null, high: number | null]
  /** Horizontal lines: the environment's reward threshold, and a published return with its name. */
  lines: PlotLine[]
  /** Changes of options, with their text where there is room for it. */
  marks: () => PlotMark[]
  /** Called with the timesteps under the pointer; null when it leaves. */
  onHover: (timesteps: number | null) => void
}

const FONT = '11px system-ui, sans-serif'

export function makePlot(root: HTMLElement, options: PlotOptions): uPlot {
  const { colours, log, width, height, title, unit } = options
  const axis = (label: string, size: number, labels: typeof tickLabels): uPlot.Axis => ({
    stroke: colours.text,
    size,
    font: FONT,
    label,
    labelFont: FONT,
    labelSize: 14,
    labelGap: 0,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { show: false },
    values: (_, ticks, __, ___, step) => labels(ticks, step),
  })
  // Ticks of a log axis have no step.
  const logLabels = (ticks: (number | null)[]) => ticks.map((x) => (x === null ? '' : short(x)))
  const hidden = { stroke: 'transparent', width: 0, points: { show: false }, spanGaps: true }
  return new uPlot(
    {
      width,
      height,
      padding: [8, 22, 0, 0],
      cursor: { drag: { x: true, y: false }, points: { size: 6 } },
      legend: { show: false },
      scales: { x: { time: false }, y: log ? { distr: 3 } : { range: within(options.limits) } },
      axes: [
        { ...axis('steps', 22, tickLabels), space: width > 250 ? 70 : 45 },
        {
          ...axis(unit, 46, log ? logLabels : tickLabels),
          space: 28,
          grid: { stroke: colours.grid, width: 1, ...(log ? { filter: decades } : {}) },
        },
      ],
      series: [
        {},
        { label: title, stroke: colours.line, width: 1.6, points: { show: false }, spanGaps: true },
        hidden,
        hidden,
        { stroke: colours.ghost, width: 1.2, dash: [4, 3], points: { show: false }, spanGaps: true },
      ],
      bands: [{ series: [3, 2], fill: colours.band }],
      hooks: {
        ready: [watchZoom],
        setSelect: [(plot) => plot.select.width > 0 && void zoomed.add(plot)],
        setCursor: [(plot) => options.onHover(plot.data[0][plot.cursor.idx ?? -1] ?? null)],
        draw: [
          (plot) => {
            drawLines(plot, options.lines, colours.text)
            drawMarks(plot, options.marks(), colours.mark)
          },
        ],
      },
    },
    [[], [], [], [], []],
    root,
  )
}

/** Some room around the numbers, and 0 where it is near; but nothing beyond what is possible. */
function within([low, high]: PlotOptions['limits']): uPlot.Range.Config {
  const end = { pad: 0.1, soft: 0, mode: 3 as const }
  // A line along the limit is drawn in its full width.
  const above = high === null ? undefined : high + 0.01 * Math.abs(high - (low ?? 0))
  return { min: { ...end, hard: low ?? undefined }, max: { ...end, hard: above } }
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
