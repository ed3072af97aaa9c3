/** Rows of the bench as text for a terminal and as Markdown. */
import { largest } from '../../src/extremes'
import type { BenchRow } from '../cases/rows'
import { count, table } from '../cli/output'
import type { ProfileRow } from './profile'

const HEAD = [
  ...['case', 'plan', 'agents x envs x steps', 'hidden', 'steps/s', 'range', 'ms', 'GFLOP/s', 'dispatches', 'host ms'],
  'first update s',
]

/** `minibatch-step` counts optimiser steps, all others environment steps. */
const cells = (r: BenchRow): string[] => [
  r.case,
  r.who === 'ppo-webgpu' ? r.plan : `${r.who} ${r.plan}`,
  r.unit === 'minibatch'
    ? `${count((r.numEnvs * r.numSteps) / r.numMinibatches)} samples`
    : `${r.numAgents} x ${r.numEnvs} x ${r.numSteps}`,
  networkOf(r),
  rate(r.sps),
  r.sps === null ? '-' : `${rate(r.spsMin)} - ${rate(r.spsMax)}`,
  count(r.ms, r.ms < 100 ? 2 : 0),
  r.flopsPerSecond === null ? '-' : count(r.flopsPerSecond / 1e9, 2),
  count(r.dispatches),
  count(r.hostMsPerIteration, 2),
  count(r.firstUpdateSeconds, 2),
]

/** Rows of earlier versions have no option `network`. */
const networkOf = ({ config, hidden }: BenchRow): string =>
  (config.network ?? 'mlp') === 'mlp' ? hidden.join(' x ') : config.network

const rate = (value: number | null): string => count(value, value !== null && value < 1000 ? 1 : 0)

export const benchTable = (rows: BenchRow[]): string => table([HEAD, ...rows.map(cells)])

export const markdownTable = (rows: BenchRow[]): string => markdown([HEAD, ...rows.map(cells)])

/** The first of the lines is the head. */
export function markdown(all: string[][]): string {
  const [head] = all
  const widths = head.map((_, c) =>
    largest(
      all.map((row) => row[c].length),
      3,
    ),
  )
  const line = (row: string[]) => `| ${row.map((cell, c) => cell.padEnd(widths[c])).join(' | ')} |`
  const rule = `| ${widths.map((w) => '-'.repeat(w)).join(' | ')} |`
  return [line(head), rule, ...all.slice(1).map(line)].join('\n')
}

/** One table for each profile. */
export const profileTables = (profiles: ProfileRow[]): string =>
  profiles
    .map(({ case: name, plan, unit, ms, kernels }) => {
      const rows = kernels.map((k) => [
        k.kernel,
        count(k.dispatches),
        count(k.ms, 3),
        `${count((100 * k.ms) / ms, 1)} %`,
        k.flops > 0 ? count(k.flops / k.ms / 1e6, 2) : '-',
      ])
      const head = ['kernel', 'dispatches', 'ms', 'share', 'GFLOP/s with padding']
      return `${name}, ${plan}, one ${unit}: ${count(ms, 2)} ms in kernels\n${table([head, ...rows])}`
    })
    .join('\n\n')
