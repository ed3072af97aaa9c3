/** Several agents in parallel: their swept options against their returns. */

import { signal } from '@preact/signals'
import { largest, smallest } from '../../extremes'
import { OPTIONS, SWEEPABLE, type SweepKey } from '../../options/options'
import { short } from '../format'
import { config, given, notice, scores } from '../state'
import { restart } from '../store/runs'
import { Panel } from './panel'

const KEYS = SWEEPABLE.filter((key) => key !== 'seed')
const key = signal<SweepKey>('learningRate')
const from = signal('1e-4')
const to = signal('1e-2')
const agents = signal('8')
const spacing = signal<'log' | 'lin'>('log')

function begin(): void {
  const bounds = [Number(from.value), Number(to.value)]
  const rest = Object.fromEntries(Object.entries(given.value).filter(([, value]) => !isSweep(value)))
  const numAgents = Number(agents.value)
  const before = given.value
  given.value = { ...rest, numAgents, [key.value]: { [spacing.value]: bounds } }
  const failure = restart()
  if (failure) given.value = before
  else notice.value = { kind: 'info', text: `${numAgents} agents, ${key.value} from ${from.value} to ${to.value}.` }
}

const isSweep = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

export function Population() {
  const c = config.value
  const swept = Object.keys(c?.sweep ?? {}) as SweepKey[]
  return (
    <Panel name="population" title="Population">
      <form
        class="sweep"
        onSubmit={(event) => {
          event.preventDefault()
          begin()
        }}
      >
        <label>
          <span>agents</span>
          <input
            inputMode="numeric"
            value={agents.value}
            onInput={(event) => (agents.value = event.currentTarget.value)}
          />
        </label>
        <label>
          <span>differ in</span>
          <select
            value={key.value}
            onChange={(event) => (key.value = event.currentTarget.value as SweepKey)}
            title={OPTIONS[key.value].help}
          >
            {KEYS.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          <span>from</span>
          <input inputMode="decimal" value={from.value} onInput={(event) => (from.value = event.currentTarget.value)} />
        </label>
        <label>
          <span>to</span>
          <input inputMode="decimal" value={to.value} onInput={(event) => (to.value = event.currentTarget.value)} />
        </label>
        <label>
          <span>spacing</span>
          <select value={spacing.value} onChange={(event) => (spacing.value = event.currentTarget.value as 'log')}>
            <option value="log">equal ratios</option>
            <option value="lin">equal steps</option>
          </select>
        </label>
        <button type="submit" data-action="sweep">
          Train them together
        </button>
      </form>
      {c && c.numAgents > 1 && <Scatter name={swept[0] ?? 'seed'} />}
    </Panel>
  )
}

const [WIDTH, HEIGHT, MARGIN] = [520, 180, 44]

/** The swept option against the latest return, one dot per agent. */
function Scatter({ name }: { name: SweepKey }) {
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
