/** How the cost of a sweep grows with its trials: simulated at several sizes, as a table and as a picture. */
import type { Provenance } from '../checkout/provenance'
import { table } from '../cli/output'
import { lineChart, panels } from '../figures/plot'
import { type Simulated, type Simulation, simulate } from './simulate'

const BATCH = 16

/** With where and when it was measured. */
export type ScaleRow = Simulated & Pick<Provenance, 'commit' | 'date' | 'node' | 'cpu' | 'cores'>

/** 1,000, 10,000, ... up to `trials`, which is the last. */
export function scaleSizes(trials: number): number[] {
  const sizes: number[] = []
  for (let size = 1000; size < trials; size *= 10) sizes.push(size)
  return [...sizes, trials]
}

/** Simulates sizes up to `trials` with each scheduler. @param done Is told each row as soon as there is one. */
export async function simulateSizes(
  { trials, workers, seed }: Omit<Simulation, 'asha' | 'batch'>,
  done: (row: Simulated) => void,
): Promise<Simulated[]> {
  const rows: Simulated[] = []
  // Code that runs for the first time is slow, and stays in memory.
  for (const asha of [false, true]) await simulate({ asha, trials: 300, workers, batch: BATCH, seed })
  for (const size of scaleSizes(trials)) {
    for (const asha of [false, true]) {
      const row = await simulate({ asha, trials: size, workers, batch: BATCH, seed })
      rows.push(row)
      done(row)
    }
  }
  return rows
}

const kindOf = ({ asha }: Simulated): string => (asha ? 'asynchronous' : 'with barriers')
const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

export const scaleTable = (rows: readonly Simulated[]): string =>
  table([
    [
      ...['trials', 'halving', 'us/result', 'longest ms', 'MB', 'messages/trial', 'messages/s', 'files MB/s'],
      ...['duplicates', 'passed on', 'busy', 'hours'],
    ],
    ...rows.map((row) => [
      ...[whole(row.trials), kindOf(row), (1000 * row.msPerResult).toFixed(1), whole(row.msLongest)],
      ...[(row.bytes / 1e6).toFixed(1), (row.messages / row.trials).toFixed(1)],
      ...[row.messages, row.fileBytes / 1e6].map((sum) => whole(sum / (3600 * row.hours))),
      ...[whole(row.duplicates), whole(row.redelivered), `${Math.round(100 * row.busy)} %`, row.hours.toFixed(1)],
    ]),
  ])

const COLORS = ['#1d4ed8', '#b45309']

/** @param measured Where and when: machine, commit, date. */
export function scaleChart(rows: readonly Simulated[], measured: string): string {
  const sizes = [...new Set(rows.map(({ trials }) => trials))]
  const panel = (title: string, yLabel: string, y: (row: Simulated) => number): string =>
    lineChart({
      title,
      subtitle: `${whole(rows[0].workers)} simulated workers; ${measured}`,
      ...{ xLabel: 'trials', yLabel, log: { xTicks: sizes } },
      series: [false, true].map((asha, k) => {
        const some = rows.filter((row) => row.asha === asha)
        // Below what the measuring itself takes there is no memory to show.
        const points = some.map((row) => ({ x: row.trials, y: y(row) })).filter((point) => point.y > 0)
        return { points, color: COLORS[k], width: 2, dots: true, label: some[0] && kindOf(some[0]) }
      }),
    })
  return panels('Cost of a sweep as its trials grow', [
    panel('Decisions of the coordinator', 'microseconds per result', (row) => 1000 * row.msPerResult),
    panel('Longest decision', 'milliseconds', (row) => row.msLongest),
    panel('Memory of the coordinator', 'MB', (row) => row.bytes / 1e6),
    panel('Messages through the server', 'messages per trial', (row) => row.messages / row.trials),
  ])
}
