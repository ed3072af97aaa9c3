/** The picture of `bench --growth`: a panel for each size that grows, and its line in words. */
import { largest } from '../../src/extremes'
import { table } from '../cli/output'
import { lineChart, panels } from '../figures/plot'
import type { GrowthRow } from './growth'

const [MEASURED, LINE] = ['#b45309', '#9ca3af']

export const growthChart = (rows: readonly GrowthRow[]): string =>
  panels('Time of an iteration as a run grows', rows.map(panel))

function panel({ axis, plan, x, points, fixed, per, adapter, date }: GrowthRow): string {
  const line = [
    0,
    largest(
      points.map((p) => p.x),
      1,
    ),
  ].map((at) => ({ x: at, y: fixed + per * at }))
  return lineChart({
    title: `Milliseconds of an iteration: ${axis}`,
    subtitle: `${fixed} ms + ${per} ms x ${axis === 'width' ? 'thousand multiply-adds' : axis}; ${plan}, ${adapter}, ${date.slice(0, 10)}`,
    ...{ xLabel: x, yLabel: 'milliseconds' },
    series: [
      { points: line, color: LINE, width: 2, label: 'fixed part + a part for each' },
      { points: points.map((p) => ({ x: p.x, y: p.ms })), color: MEASURED, width: 0, dots: true },
    ],
  })
}

export const growthTable = (rows: readonly GrowthRow[]): string =>
  table([
    ['grows', 'plan', 'ms measured', 'fixed ms', 'ms for each', 'furthest off'],
    ...rows.map(({ axis, plan, points, fixed, per, off }) => [
      ...[axis, plan, points.map(({ x, ms }) => `${x}: ${ms}`).join(', ')],
      ...[`${fixed}`, `${per}`, `${Math.round(100 * off)} %`],
    ]),
  ])
