/** The chart of the bench: throughput against the number of environments. */

import type { BenchRow } from '../cases/rows'
import { lineChart } from '../figures/plot'

const COLORS: Record<string, string> = { layered: '#1d4ed8', fused: '#b45309', reference: '#6b7280' }
const OTHERS = ['#047857', '#7c3aed', '#be123c', '#0e7490']

/** The rows that the chart is of. */
export const scalingRows = (rows: BenchRow[]): BenchRow[] =>
  rows.filter((row) => row.case.startsWith('scaling-envs') && row.sps !== null)

/** @throws if no row is of the case `scaling-envs`. */
export function envsChart(rows: BenchRow[]): string {
  const scaling = scalingRows(rows)
  if (scaling.length === 0) throw new Error('plot: no rows of scaling-envs. Run the bench with --case scaling-envs.')
  const names = [...new Set(scaling.map(nameOf))]
  const others = names.filter((name) => !(name in COLORS))
  const gpu = scaling.find(({ plan }) => plan !== 'reference') ?? scaling[0]
  return lineChart({
    title: 'CartPole-v1: training throughput',
    subtitle: `32 steps, 4 epochs, 4 minibatches, 2 x 64 units; ${gpu.adapter}, ${gpu.date.slice(0, 10)}`,
    xLabel: 'environments',
    yLabel: 'environment steps per second',
    log: { xTicks: [...new Set(scaling.map(({ numEnvs }) => numEnvs))].sort((a, b) => a - b) },
    series: names.map((name) => ({
      points: scaling.filter((row) => nameOf(row) === name).map(({ numEnvs, sps }) => ({ x: numEnvs, y: sps! })),
      color: COLORS[name] ?? OTHERS[others.indexOf(name) % OTHERS.length],
      width: 2.5,
      label: name === 'reference' ? 'CPU reference' : name,
      dots: true,
    })),
  })
}

const nameOf = ({ who, plan }: BenchRow): string => (who === 'ppo-webgpu' ? plan : `${who} ${plan}`)
