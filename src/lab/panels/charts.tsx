/** The learning curves: charts, or the same numbers as a table, and downloads of both. */
import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type uPlot from 'uplot'
import { download } from '../download'
import { short } from '../format'
import { chartsAsPng, chartsAsSvg } from '../picture'
import { isZoomed, makePlot, plotColours, plotData } from '../plot'
import type { ColumnName } from '../series'
import { env, ghost, history, isDark, spec, tick } from '../state'
import { Diagnosis } from './diagnosis'
import { Panel } from './panel'

interface Chart {
  name: ColumnName
  title: string
  help: string
  large?: boolean
}

export const CHARTS: Chart[] = [
  {
    name: 'returnMean',
    title: 'Return',
    help: 'Sum of rewards of the episodes that ended; the band is the middle half of the agents, or one deviation of a single agent’s episodes. Dotted: where the environment counts as solved.',
    large: true,
  },
  { name: 'lengthMean', title: 'Episode length', help: 'Steps per episode.' },
  { name: 'pgLoss', title: 'Policy loss', help: 'The clipped objective, negated.' },
  { name: 'vLoss', title: 'Value loss', help: 'Squared error of the critic.' },
  { name: 'entropy', title: 'Entropy', help: 'How random the policy is, in nats.' },
  { name: 'approxKl', title: 'KL', help: 'How far an update moves the policy.' },
  { name: 'clipfrac', title: 'Clip fraction', help: 'Share of samples outside the clip range.' },
  {
    name: 'explainedVariance',
    title: 'Explained variance',
    help: '1: the critic predicts the returns exactly; 0: no better than their mean.',
  },
  { name: 'learningRate', title: 'Learning rate', help: 'Adam’s step size.' },
  { name: 'gradNorm', title: 'Gradient norm', help: 'Before it is clipped.' },
  { name: 'sps', title: 'Steps per second', help: 'Environment steps of all agents, training included.' },
]

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
            onClick={async () => download(`${env.value}.png`, await chartsAsPng(history.value, ghost.value, CHARTS))}
          >
            PNG
          </button>
          <button
            type="button"
            data-action="svg"
            onClick={() => download(`${env.value}.svg`, chartsAsSvg(history.value, ghost.value, CHARTS))}
          >
            SVG
          </button>
        </>
      }
    >
      {ghost.value && !table.value && <p class="hint">Dashed: the run before ({ghost.value.label}).</p>}
      {table.value ? (
        <Table />
      ) : (
        <div class="grid">
          {CHARTS.map((chart) => (
            <ChartView key={chart.name} chart={chart} />
          ))}
        </div>
      )}
      <Diagnosis />
    </Panel>
  )
}

function ChartView({ chart }: { chart: Chart }) {
  const root = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const isLog = log.value
  const colours = isDark.value
  const { rewardThreshold, published } = spec.value
  const isReturn = chart.name === 'returnMean'
  const threshold = isReturn ? rewardThreshold : null
  const publishedLine = isReturn ? published : undefined

  useEffect(() => {
    const element = root.current!
    const size = () => ({ width: Math.max(element.clientWidth, 120), height: chart.large ? 230 : 120 })
    plot.current = makePlot(element, {
      title: chart.title,
      ...size(),
      log: isLog,
      colours: plotColours(element),
      lines: [
        ...(threshold === null ? [] : [{ y: threshold }]),
        ...(publishedLine ? [{ y: publishedLine.score, label: publishedLine.label }] : []),
      ],
      onHover: (timesteps) => (hovered.value = timesteps),
    })
    const observer = new ResizeObserver(() => plot.current?.setSize(size()))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.current?.destroy()
    }
  }, [isLog, colours, threshold, publishedLine])

  const drawn = tick.value
  const current = history.value
  const before = ghost.value
  useEffect(() => {
    plot.current!.setData(plotData(chart.name, current, before, isLog), !isZoomed(plot.current!))
  }, [drawn, current, before, isLog, colours, threshold, publishedLine])

  return (
    <figure class={chart.large ? 'large' : ''} data-chart={chart.name}>
      <figcaption title={chart.help}>
        {chart.title} <Shown name={chart.name} />
      </figcaption>
      {isLog && !current.columns[chart.name].mean.some((x) => x !== null && x > 0) && (
        <p class="hint">Nothing above 0: a log axis has no place for it.</p>
      )}
      <div
        ref={root}
        role="img"
        aria-label={`${chart.title}: ${chart.help} Latest ${short(current.last(chart.name))}.`}
      />
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

const ROWS = 200

function Table() {
  tick.value // new rows arrive with every tick
  const [head, ...rows] = history.value.table()
  return (
    <section class="scroll" aria-label="Numbers of the learning curves" tabindex={0}>
      <table>
        <caption>The latest {Math.min(rows.length, ROWS)} iterations, newest first</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows
            .slice(-ROWS)
            .reverse()
            .map((row) => (
              <tr key={row[0]}>
                {row.map((cell, i) => (
                  <td key={head[i]} class="number">
                    {short(cell as number | null)}
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  )
}
