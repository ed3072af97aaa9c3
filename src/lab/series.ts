/** The numbers behind the charts: columns over timesteps, thinned out when a run gets long. */
import { type Change, type IterationSummary, SERIES, type SeriesName, type Standing } from './protocol'

/** Points that are kept; at twice as many, every second one is dropped. */
const MOST_POINTS = 1000

export interface Column {
  mean: (number | null)[]
  low: (number | null)[]
  high: (number | null)[]
}

/** What was changed while the run trained; it holds from the first iteration after `timesteps` on. */
export interface Mark extends Change {
  timesteps: number
}

/** A slider passes many values: changes of one option that follow each other sooner than this are one. */
const SAME_CHANGE_MS = 2000

export type ColumnName = SeriesName | 'sps'
export const COLUMNS: readonly ColumnName[] = [...SERIES, 'sps']

/** A history as it is saved for a reload. */
export interface SavedHistory {
  timesteps: number[]
  columns: Record<ColumnName, Column>
  stride: number
  seen: number
  /** Histories of earlier versions have none. */
  marks?: Mark[]
}

const emptyColumns = () =>
  Object.fromEntries(COLUMNS.map((name): [string, Column] => [name, { mean: [], low: [], high: [] }])) as Record<
    ColumnName,
    Column
  >

/** One run's history. */
export class History {
  timesteps: number[] = []
  columns = emptyColumns()
  marks: Mark[] = []
  private markedAt = Number.NEGATIVE_INFINITY
  /** Iterations per point. */
  private stride = 1
  private seen = 0

  constructor(
    readonly label: string,
    readonly id: number,
  ) {}

  save(): SavedHistory {
    const { timesteps, columns, stride, seen, marks } = this
    return { timesteps, columns, stride, seen, marks }
  }

  restore(saved: SavedHistory): void {
    Object.assign(this, saved)
  }

  append(iterations: IterationSummary[], standing: Standing): void {
    for (const { timesteps, series } of iterations) {
      if (this.seen++ % this.stride !== 0) continue
      this.timesteps.push(timesteps)
      for (const name of SERIES) push(this.columns[name], series[name])
      const { sps } = standing
      push(this.columns.sps, sps === null ? null : { mean: sps, low: sps, high: sps })
      if (this.timesteps.length >= 2 * MOST_POINTS) this.thin()
    }
  }

  /** Notes a change; `now` is the time in ms. One that is taken back at once leaves no mark. */
  mark(timesteps: number, { name, from, to }: Change, now = performance.now()): void {
    const last = this.marks.at(-1)
    const goesOn = last?.name === name && now - this.markedAt < SAME_CHANGE_MS
    const before = goesOn ? last.from : from
    if (goesOn) this.marks.pop()
    if (before !== to) this.marks.push({ timesteps, name, from: before, to })
    this.markedAt = now
  }

  private thin(): void {
    const even = <T>(list: T[]): T[] => list.filter((_, i) => i % 2 === 0)
    this.timesteps = even(this.timesteps)
    for (const column of Object.values(this.columns)) {
      column.mean = even(column.mean)
      column.low = even(column.low)
      column.high = even(column.high)
    }
    this.stride *= 2
  }

  /** The latest number of a series, or null. */
  last(name: ColumnName): number | null {
    return this.columns[name].mean.findLast((x) => x !== null) ?? null
  }

  /** The value of a series at `timesteps`; null if the run has no such point. */
  at(name: ColumnName, timesteps: number): number | null {
    const i = this.timesteps.indexOf(timesteps)
    return i < 0 ? null : this.columns[name].mean[i]
  }

  /** A header and a row per point; with a last column where something was changed, in the first row that it holds. */
  table(): (string | number | null)[][] {
    const names = COLUMNS.filter((name) => this.columns[name].mean.some((x) => x !== null))
    const marked = this.marks.length > 0
    const changes = new Map<number, string[]>()
    for (const mark of this.marks) {
      const row = this.timesteps.findIndex((t) => t > mark.timesteps)
      changes.set(row, [...(changes.get(row) ?? []), changeText(mark)])
    }
    const rows = this.timesteps.map((t, i) => [
      t,
      ...names.map((name) => this.columns[name].mean[i]),
      ...(marked ? [changes.get(i)?.join('; ') ?? null] : []),
    ])
    return [['timesteps', ...names, ...(marked ? ['changed'] : [])], ...rows]
  }

  csv(): string {
    return `${this.table()
      .map((row) => row.map(csvCell).join(','))
      .join('\n')}\n`
  }
}

/** `learningRate 0.0025 → 0.01`. */
export const changeText = ({ name, from, to }: Change): string => `${name} ${from} → ${to}`

/** Of texts only those with a comma or a quote need quotes. */
const csvCell = (cell: string | number | null): string | number =>
  typeof cell === 'string' && /[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : (cell ?? '')

function push(column: Column, value: { mean: number; low: number; high: number } | null): void {
  column.mean.push(value?.mean ?? null)
  column.low.push(value?.low ?? null)
  column.high.push(value?.high ?? null)
}

/** `values` at `wanted` timesteps: that of the nearest earlier point; null outside. */
export function resample(timesteps: number[], values: (number | null)[], wanted: number[]): (number | null)[] {
  let at = -1
  return wanted.map((t) => {
    while (at + 1 < timesteps.length && timesteps[at + 1] <= t) at++
    return at < 0 || (at === timesteps.length - 1 && t > timesteps[at]) ? null : values[at]
  })
}
