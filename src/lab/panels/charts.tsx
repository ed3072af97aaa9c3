/** The learning curves: charts, or the same numbers as a table, and downloads of both. */
import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type uPlot from 'uplot'
import { download } from '../download'
import { explanationOf } from '../explanations'
import { short } from '../format'
import { limitsOf } from '../limits'
import { chartsAsPng, chartsAsSvg } from '../picture'
import { isZoomed, makePlot, plotColours, plotData } from '../plot'
import type { ColumnName } from '../series'
import { env, ghost, history, isDark, spec, tick } from '../state'
import { Diagnosis } from './diagnosis'
import { Term } from './explain'
import { Legend, lines } from './legend'
import { Numbers } from './numbers'
import { Panel } from './panel'

interface Chart {
  name: ColumnName
  title: string
  unit: string
  large?: boolean
}

const CHARTED: ColumnName[] = [
  'returnMean',
  'lengthMean',
  'pgLoss',
  'vLoss',
  'entropy',
  'approxKl',
  'clipfrac',
  'explainedVariance',
  'learningRate',
  'gradNorm',
  'sps',
]

export const CHARTS: Chart[] = CHARTED.map((name) => {
  const { title, unit = title.toLowerCase() } = explanationOf(name)!
  return { name, title, unit, large: name === 'returnMean' }
})

const log = signal(false)
const table = signal(false)
/** The timesteps under the pointer, in any chart; null outside. */
const hovered = signal<number | null>(null)

export function Charts() {
  return (
    <Panel
      name="charts"
      title="Learning curves"
      tools={
        <>
          <label class="check">
            <input type="checkbox" checked={log.value} onChange={() => (log.value = !log.value)} />
            log
          </label>
          <label class="check">
            <input
              type="checkbox"
              data-action="table"
              checked={table.value}
              onChange={() => (table.value = !table.value)}
            />
            table
          </label>
          <button
            type="button"
            data-action="csv"
            onClick={() => download(`${env.value}.csv`, new Blob([history.value.csv()]))}
          >
            CSV
          </button>
          <button
            type="button"
            data-action="png"
            onClick={async () =>
              download(`${env.value}.png`, await chartsAsPng(history.value, ghost.value, CHARTS, lines()))
            }
          >
            PNG
          </button>
          <button
            type="button"
            data-action="svg"
            onClick={() => download(`${env.value}.svg`, chartsAsSvg(history.value, ghost.value, CHARTS, lines()))}
          >
            SVG
          </button>
        </>
      }
    >
      {!table.value && <Legend />}
      {table.value ? (
        <>
          <Diagnosis />
          <Numbers />
        </>
      ) : (
        <div class="grid">
          {CHARTS.map((chart) => (
            <ChartView key={chart.name} chart={chart} />
          ))}
        </div>
      )}
    </Panel>
  )
}

function ChartView({ chart }: { chart: Chart }) {
  const { name, title, unit, large } = chart
  const root = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const isLog = log.value
  const colours = isDark.value
  const shown = spec.value

  useEffect(() => {
    const element = root.current!
    const size = () => ({ width: Math.max(element.clientWidth, 120), height: large ? 240 : 132 })
    plot.current = makePlot(element, {
      ...{ title, unit, ...size() },
      log: isLog,
      colours: plotColours(element),
      limits: limitsOf(name, shown),
      lines: large ? lines() : [],
      marks: () =>
        history.value.marks.map((mark) => ({ ...mark, label: large ? `${mark.name} ${mark.to}` : undefined })),
      onHover: (timesteps) => (hovered.value = timesteps),
    })
    const observer = new ResizeObserver(() => plot.current?.setSize(size()))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.current?.destroy()
    }
  }, [isLog, colours, shown])

  const drawn = tick.value
  const current = history.value
  const before = ghost.value
  useEffect(() => {
    plot.current!.setData(plotData(name, current, before, isLog), !isZoomed(plot.current!))
  }, [drawn, current, before, isLog, colours, shown])

  return (
    <figure class={large ? 'large' : ''} data-chart={name}>
      <figcaption>
        <Term about={name}>{title}</Term> <Shown name={name} />
      </figcaption>
      {isLog && !current.columns[name].mean.some((x) => x !== null && x > 0) && (
        <p class="hint">Nothing above 0: a log axis has no place for it.</p>
      )}
      <div ref={root} role="img" aria-label={`${title} over steps. Latest ${short(current.last(name))}.`} />
      {large && <Diagnosis />}
    </figure>
  )
}

/** The latest number of a chart, or the one under the pointer, with its timesteps. */
function Shown({ name }: { name: ColumnName }) {
  tick.value // new numbers arrive with every tick
  const at = hovered.value
  if (at === null) return <strong>{short(history.value.last(name))}</strong>
  return (
    <strong class="hovered">
      {short(history.value.at(name, at))} <small>at {short(at)}</small>
    </strong>
  )
}
