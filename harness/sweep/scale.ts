/** Where the values of a searched option, or the scores, lie on an axis of a picture. */
import { largest, smallest } from '../../src/extremes'
import type { TrialValue } from '../../src/sweep/types'
import { short, ticks } from '../figures/plot'
import type { Axis } from './axis'

export interface Scale {
  /** In [0, 1]. */
  place(value: TrialValue): number
  ticks: { at: number; text: string }[]
}

const MOST_TICKS = 12
const MOST_LETTERS = 18

/** Text of a value, cut if it is long. */
export function valueText(value: TrialValue): string {
  const text =
    typeof value === 'number'
      ? short(Number(value.toPrecision(4)))
      : Array.isArray(value)
        ? `[${value.join(',')}]`
        : String(value)
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}\u2026` : text
}

const lines = (values: number[], place: (value: number) => number): Scale => ({
  place: (value) => place(value as number),
  ticks: values.map((value) => ({ at: place(value), text: valueText(value) })),
})

/** Of numbers: the axis is as long as its ticks. */
export function linearScale(values: readonly number[]): Scale {
  const marks = ticks(smallest(values), largest(values), 5)
  const [low, high] = [marks[0], marks[marks.length - 1]]
  return lines(marks, (value) => (value - low) / (high - low))
}

/** From bound to bound, with the powers of 10 between them. */
function logScale([low, high]: [number, number]): Scale {
  if (low === high) return lines([low], () => 0.5)
  const place = (value: number): number => Math.log(value / low) / Math.log(high / low)
  const first = Math.ceil(Math.log10(low) - 1e-9)
  const count = Math.floor(Math.log10(high) + 1e-9) - first + 1
  const decades = Array.from({ length: Math.max(count, 0) }, (_, i) => Number(`1e${first + i}`))
  // A bound has its own tick unless a power of 10 is beside it.
  const bounds = [low, high].filter((bound) => decades.every((mark) => Math.abs(place(mark) - place(bound)) > 0.1))
  return lines(
    [...decades, ...bounds].sort((a, b) => a - b),
    place,
  )
}

function choiceScale(values: readonly TrialValue[]): Scale {
  const places = new Map(values.map((value, i) => [JSON.stringify(value), (i + 0.5) / values.length]))
  const every = Math.ceil(values.length / MOST_TICKS)
  return {
    place: (value) => places.get(JSON.stringify(value)) ?? 0,
    ticks: values
      .filter((_, i) => i % every === 0)
      .map((value) => ({ at: places.get(JSON.stringify(value))!, text: valueText(value) })),
  }
}

export function axisScale({ scale, bounds, values }: Axis): Scale {
  if (scale === 'choices') return choiceScale(values!)
  return scale === 'log' ? logScale(bounds!) : linearScale(bounds!)
}
