/** The learning curve of a run, from its metrics rows. */
import type { EnvSpec } from '../envs/env'
import type { AgentRow } from './csv'
import { count } from './output'
import { lineChart, type Series } from './plot'

const BLUE = '#1d4ed8'
const PALE = '#60a5fa'

/**
 * One agent: the mean return of each iteration, pale, and of the latest 100 episodes, bold. Several: each agent's
 * latest 100 episodes, pale, and their mean, bold.
 */
export function learningCurve(spec: EnvSpec, rows: AgentRow[][], adapter: string): string {
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
  const steps = Math.max(0, ...rows.map((agent) => agent.at(-1)?.timesteps ?? 0))
  const solvedText = solved === null ? '' : `solved at ${count(solved)}, `
  const seeds = single ? `seed ${rows[0][0]?.seed ?? '-'}` : `${rows.length} agents`
  return lineChart({
    title: `${spec.id}: return while learning`,
    subtitle: `PPO, ${seeds}, ${count(steps)} steps${single ? '' : ' each'}, ${solvedText}${adapter}`,
    xLabel: single ? 'environment steps' : 'environment steps per agent',
    yLabel: 'return of an episode',
    series: [...pale, bold],
    threshold:
      spec.rewardThreshold === null ? undefined : { y: spec.rewardThreshold, label: `solved: ${spec.rewardThreshold}` },
    marker: solved !== null && at != null ? { x: solved, y: at } : undefined,
  })
}

const pointsOf = (rows: AgentRow[], field: 'episodicReturn' | 'returnMean') =>
  rows.flatMap((row) => (row[field] === null ? [] : [{ x: row.timesteps, y: row[field] }]))

/** Mean over the agents at each iteration, from where all have a return on; an agent that stopped keeps its last. */
function meanCurve(rows: AgentRow[][]): { x: number; y: number }[] {
  const longest = rows.reduce((a, b) => (b.length > a.length ? b : a))
  return longest.flatMap(({ timesteps }, i) => {
    const returns = rows.map((agent) => agent[Math.min(i, agent.length - 1)]?.episodicReturn ?? null)
    if (returns.some((r) => r === null)) return []
    return [{ x: timesteps, y: returns.reduce<number>((sum, r) => sum + r!, 0) / rows.length }]
  })
}
