/** The curves of several runs in one chart. */
import type { CurveRow } from './csv'
import { spreadCurve } from './curve'
import { lineChart } from './plot'

/** Colours that also colour-blind people tell apart (Okabe and Ito 2008), then again. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000']

export interface DrawnRun {
  label: string
  env: string
  /** [agent][iteration] */
  rows: Pick<CurveRow, 'timesteps' | 'episodicReturn'>[][]
}

/** Mean over the agents of the return over their latest 100 episodes. */
export function overlay(runs: readonly DrawnRun[]): string {
  const envs = [...new Set(runs.map(({ env }) => env))]
  return lineChart({
    title: envs.length === 1 ? `${envs[0]}: return while learning` : 'Return while learning',
    subtitle: `${runs.length} runs, mean of the agents of each`,
    xLabel: 'environment steps per agent',
    yLabel: 'return, latest 100 episodes',
    series: runs.map(({ label, env, rows }, i) => ({
      points: rows.length === 0 ? [] : spreadCurve(rows).map(({ timesteps, mean }) => ({ x: timesteps, y: mean })),
      color: COLOURS[i % COLOURS.length],
      width: 2,
      label: envs.length === 1 ? label : `${label} (${env})`,
    })),
  })
}
