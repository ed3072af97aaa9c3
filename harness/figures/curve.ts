/** Learning curves, from the metrics rows of a run. */
import type { EnvSpec } from '../../src/env/contract'
import { largest } from '../../src/extremes'
import { count } from '../cli/output'
import type { CurveRow } from './csv'
import { lineChart, type Series, thin } from './plot'

const BLUE = '#1d4ed8'
const PALE = '#60a5fa'

/** More agents than this are drawn as mean and middle half. */
const MANY_AGENTS = 32

/**
 * One agent: the mean return of each iteration, pale, and of the latest 100 episodes, bold. Several: each agent's
 * latest 100 episodes, pale, and their mean, bold; many: as `seedsCurve`.
 */
export function learningCurve(spec: EnvSpec, rows: CurveRow[][], adapter: string): string {
  if (rows.length > MANY_AGENTS) {
    return seedsCurve(spec, spreadCurve(rows), `PPO, ${rows.length} agents, ${adapter}`, 'agent')
  }
  const smooth = rows.map((agent) => pointsOf(agent, 'episodicReturn'))
  const single = rows.length === 1
  const pale: Series[] = (single ? [pointsOf(rows[0], 'returnMean')] : smooth).map((points, i) => ({
    points,
    color: PALE,
    width: 1.25,
    opacity: single ? 0.6 : 0.45,
    label: i > 0 ? undefined : single ? 'each iteration' : 'each agent, latest 100 episodes',
  }))
  const bold = {
    points: meanCurve(rows),
    color: BLUE,
    width: 2.5,
    label: single ? 'latest 100 episodes' : 'mean of the agents',
  }
  const solved = single ? (rows[0].at(-1)?.solvedAt ?? null) : null
  const at = rows[0].find((row) => row.timesteps === solved)?.episodicReturn
  const steps = largest(
    rows.map((agent) => agent.at(-1)?.timesteps ?? 0),
    0,
  )
  const solvedText = solved === null ? '' : `solved at ${count(solved)}, `
  const seeds = single ? `seed ${rows[0][0]?.seed ?? '-'}` : `${rows.length} agents`
  return lineChart({
    title: `${spec.id}: return while learning`,
    subtitle: `PPO, ${seeds}, ${count(steps)} steps${single ? '' : ' each'}, ${solvedText}${adapter}`,
    xLabel: single ? 'environment steps' : 'environment steps per agent',
    yLabel: 'return of an episode',
    series: [...pale, bold],
    ...linesOf(spec),
    marker: solved !== null && at != null ? { x: solved, y: at } : undefined,
  })
}

const pointsOf = (rows: CurveRow[], field: 'episodicReturn' | 'returnMean') =>
  rows.flatMap((row) => (row[field] === null ? [] : [{ x: row.timesteps, y: row[field] }]))

const meanCurve = (rows: CurveRow[][]) => spreadCurve(rows).map(({ timesteps, mean }) => ({ x: timesteps, y: mean }))

export interface CurvePoint {
  timesteps: number
  mean: number
  /** Quartiles over the agents. */
  q25: number
  q75: number
}

/**
 * Mean and quartiles of `episodicReturn` over the agents at each iteration, starting where all have one; an agent that
 * stopped keeps its last.
 */
export function spreadCurve(rows: Pick<CurveRow, 'timesteps' | 'episodicReturn'>[][]): CurvePoint[] {
  const longest = rows.reduce((a, b) => (b.length > a.length ? b : a))
  return longest.flatMap(({ timesteps }, i) => {
    const all = rows.map((agent) => agent[Math.min(i, agent.length - 1)]?.episodicReturn ?? null)
    const returns = all.filter((r) => r !== null)
    if (returns.length < all.length) return []
    const mean = returns.reduce((sum, r) => sum + r, 0) / returns.length
    return [{ timesteps, mean, q25: quantile(returns, 0.25), q75: quantile(returns, 0.75) }]
  })
}

/** Linear between the two nearest of the sorted values, NumPy's default (Hyndman and Fan 1996, type 7). */
export function quantile(values: number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = q * (sorted.length - 1)
  const below = Math.floor(at)
  const [low, high] = [sorted[below], sorted[Math.min(below + 1, sorted.length - 1)]]
  return low + (at - below) * (high - low)
}

/** At most `most` points, each the mean of an interval. */
export function thinCurve(curve: CurvePoint[], most: number): CurvePoint[] {
  const line = (key: 'mean' | 'q25' | 'q75') =>
    thin(
      curve.map((p) => ({ x: p.timesteps, y: p[key] })),
      most,
    )
  const [q25, q75] = [line('q25'), line('q75')]
  return line('mean').map(({ x, y }, i) => ({ timesteps: Math.round(x), mean: y, q25: q25[i].y, q75: q75[i].y }))
}

/** Mean and interquartile band over the seeds of `learn`, or the agents of a population. */
export function seedsCurve(spec: EnvSpec, curve: CurvePoint[], subtitle: string, each = 'seed'): string {
  return lineChart({
    title: `${spec.id}: return while learning`,
    subtitle,
    xLabel: `environment steps per ${each}`,
    yLabel: 'return, latest 100 episodes',
    series: [
      {
        points: curve.map(({ timesteps, mean }) => ({ x: timesteps, y: mean })),
        color: BLUE,
        width: 2.5,
        label: `mean of the ${each}s`,
      },
    ],
    band: {
      points: curve.map(({ timesteps, q25, q75 }) => ({ x: timesteps, low: q25, high: q75 })),
      color: PALE,
      label: `middle half of the ${each}s`,
    },
    ...linesOf(spec),
  })
}

/** Where the task counts as solved, and what others published. */
const linesOf = ({ rewardThreshold, published }: EnvSpec) => ({
  ...(rewardThreshold === null ? {} : { threshold: { y: rewardThreshold, label: `solved: ${rewardThreshold}` } }),
  ...(published ? { published: { y: published.score, label: published.label } } : {}),
})
