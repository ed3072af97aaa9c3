/** Pairs as text for a terminal. */
import { count, table } from '../cli/output'
import type { PairRow } from './pairs'

const HEAD = ['case', 'side', 'wall ms', 'CPU ms', 'wall, times this', 'range', 'CPU, times this', 'range', 'rounds']

export const pairsTable = (rows: PairRow[]): string =>
  table([
    HEAD,
    ...rows.map(({ case: name, side, wallMs, cpuMs, wall, cpu, rounds }) => [
      ...[name, side, count(wallMs, digits(wallMs)), count(cpuMs, digits(cpuMs))],
      ...[wall.median.toFixed(2), `${wall.min} - ${wall.max}`, cpu.median.toFixed(2), `${cpu.min} - ${cpu.max}`],
      count(rounds),
    ]),
  ])

const digits = (ms: number): number => (ms < 100 ? 2 : 0)
