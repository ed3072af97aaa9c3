/** The case `convolutions`: each pass of a convolution beside a matmul with the same M, N and K, in turn. */
import type { PpoConfig } from '../../src/config/config'
import type { BenchPoint } from '../cases/cases'
import { gpuWhere, type Source, source, type Where } from '../cases/rows'
import { count, table } from '../cli/output'
import { envArgs } from '../protocol/environment'
import type { ConvolutionTime } from '../protocol/protocol'
import type { Runtime } from '../runtime/runtime'
import { type Spread, significant, spread } from '../timing/statistics'

export interface ConvolutionRow extends Where, Source, Pick<ConvolutionTime, 'layer' | 'pass' | 'm' | 'n' | 'k'> {
  case: string
  /** The convolution's kernel. */
  kernel: string
  /** 2 M N K operations, in the median of the seconds: of the convolution, and of the dense layer. */
  flopsPerSecond: number
  matmulFlopsPerSecond: number
  /** The first divided by the second, round by round. */
  ratio: Spread
  rounds: number
  config: PpoConfig
}

/** The shortest side of a round, in seconds. */
const SECONDS = 0.05

export async function measureConvolutions(
  runtime: Runtime,
  { name, spec, config }: BenchPoint,
  rounds: number,
): Promise<ConvolutionRow[]> {
  const { times } = await runtime.call('convolutions', { ...envArgs(spec), config, rounds, seconds: SECONDS })
  return times.map((time) => ({ ...rowOf(name, time), ...gpuWhere(runtime.facts), ...source(), config }))
}

export function rowOf(name: string, time: ConvolutionTime) {
  const { layer, pass, stem, m, n, k, convolution, matmul } = time
  const rate = (seconds: number[]): number => significant((2 * m * n * k) / spread(seconds).median, 4)
  const { median, min, max } = spread(matmul.map((seconds, round) => seconds / convolution[round]))
  return {
    ...{ case: name, layer, pass, kernel: stem, m, n, k },
    ...{ flopsPerSecond: rate(convolution), matmulFlopsPerSecond: rate(matmul) },
    ratio: { median: significant(median, 3), min: significant(min, 3), max: significant(max, 3) },
    rounds: convolution.length,
  }
}

const HEAD = ['case', 'layer', 'M x N x K', 'pass', 'kernel', 'GFLOP/s', 'of a matmul', 'ratio', 'range']

const cells = (r: ConvolutionRow): string[] => [
  ...[r.case, r.layer, [r.m, r.n, r.k].map((size) => count(size)).join(' x ')],
  ...[r.pass === 'forward' ? r.pass : `gradient of ${r.pass}`, r.kernel],
  ...[r.flopsPerSecond, r.matmulFlopsPerSecond].map((rate) => count(rate / 1e9, 2)),
  ...[count(r.ratio.median, 2), `${count(r.ratio.min, 2)} - ${count(r.ratio.max, 2)}`],
]

export const convolutionLines = (rows: ConvolutionRow[]): string[][] => [HEAD, ...rows.map(cells)]

export const convolutionTable = (rows: ConvolutionRow[]): string => table(convolutionLines(rows))
