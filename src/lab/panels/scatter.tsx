/** The latest return of each agent of a population, over its value of the swept option. */
import { largest, smallest } from '../../extremes'
import type { SweepKey } from '../../options/options'
import { short } from '../format'
import { config, scores } from '../state'

const [WIDTH, HEIGHT, MARGIN] = [520, 180, 44]

/** The swept option against the latest return, one dot per agent. */
export function Scatter({ name }: { name: SweepKey }) {
  const c = config.value!
  const values = c.sweep[name] ?? scores.value.map((_, agent) => c.seed + agent)
  const log = isLog(values)
  const place = (v: number) => (log ? Math.log10(v) : v)
  const points = values
    .map((v, i) => ({ v, score: scores.value[i] }))
    .filter((p) => p.score !== null && p.score !== undefined)
  const [low, high] = bounds(points.map((p) => p.score!))
  const [first, last] = bounds(values.map(place))
  const x = (v: number) => MARGIN + ((place(v) - first) / (last - first || 1)) * (WIDTH - MARGIN - 12)
  const y = (s: number) => HEIGHT - 28 - ((s - low) / (high - low || 1)) * (HEIGHT - 46)
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      class="scatter"
      role="img"
      aria-label={`Return of ${points.length} agents by ${name}`}
    >
      <path d={`M${MARGIN} 10V${HEIGHT - 28}H${WIDTH - 8}`} class="axis" />
      {points.map(({ v, score }) => (
        <circle key={v} cx={x(v)} cy={y(score!)} r="4">
          <title>{`${name} ${short(v)}: return ${short(score)}`}</title>
        </circle>
      ))}
      <text x={MARGIN - 5} y={20} class="end">
        {short(high)}
      </text>
      <text x={MARGIN - 5} y={HEIGHT - 30} class="end">
        {short(low)}
      </text>
      <text x={MARGIN + 4} y={12}>
        latest return of each agent
      </text>
      <text x={MARGIN} y={HEIGHT - 10}>
        {short(values[0])}
      </text>
      <text x={WIDTH - 10} y={HEIGHT - 10} class="end">
        {short(values.at(-1))}
      </text>
      <text x={WIDTH / 2} y={HEIGHT - 10} class="middle">
        {name}
      </text>
    </svg>
  )
}

/** Equal ratios are easiest to read on a logarithmic axis. */
const isLog = (values: number[]): boolean => values.every((v) => v > 0) && largest(values) / smallest(values) >= 20
const bounds = (values: number[]): [number, number] =>
  values.length === 0 ? [0, 1] : [smallest(values), largest(values)]
