/** The picture of `bench --growth`: a panel for each size that grows, and its line in words. */
import { largest } from '../../src/extremes'
import { table } from '../cli/output'
import { lineChart } from '../figures/plot'
import type { GrowthRow } from './growth'

/** Of one panel: the size of a line chart. */
const [WIDTH, HEIGHT] = [800, 460]
const [MEASURED, LINE] = ['#b45309', '#9ca3af']

export function growthChart(rows: readonly GrowthRow[]): string {
  const panels = rows.map((row, i) => {
    const [x, y] = [(i % 2) * WIDTH, Math.floor(i / 2) * HEIGHT]
    return panel(row).replace('<svg xmlns="http://www.w3.org/2000/svg"', `<svg x="${x}" y="${y}"`)
  })
  const [width, height] = [2 * WIDTH, Math.ceil(rows.length / 2) * HEIGHT]
  const title = '<title>Time of an iteration as a run grows</title>'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width / 2}" height="${height / 2}" role="img">\n${title}\n${panels.join('')}</svg>\n`
}

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
