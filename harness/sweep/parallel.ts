/** Parallel coordinates of a sweep. */
import { largest, smallest } from '../../src/extremes'
import { ACCENT, INK, picture, SOFT } from '../figures/plot'
import {
  bestText,
  colorAt,
  countsText,
  FONT,
  heading,
  type Pictured,
  ranked,
  round,
  type Scored,
  scoreScale,
  text,
} from './outcomes'
import { axisScale, type Scale, valueText } from './scale'

/** Letters over lines. */
const HALO = 'stroke="#ffffff" stroke-width="3" paint-order="stroke"'

/**
 * A vertical axis for each searched option, the return last; each line is a trial, dark where its return is high, and the
 * best one is drawn last in a colour of its own.
 */
export function parallelChart(sweep: Pictured): string {
  const shown = ranked(sweep.outcomes)
  const best = shown.at(-1)
  const columns = sweep.axes.length + 1
  const width = Math.max(800, 170 + 120 * sweep.axes.length)
  const [height, top, bottom, left] = [520, 112, 452, 90]
  const x = (column: number): number => round(left + (column * (width - left - 60)) / Math.max(columns - 1, 1))
  const y = (part: number): number => round(bottom - part * (bottom - top))
  const returns = scoreScale(shown)
  const scales = [...sweep.axes.map(axisScale), returns]
  const [low, high] = [smallest(shown.map(({ score }) => score)), largest(shown.map(({ score }) => score))]
  const line = (outcome: Scored): string => {
    const values = [...sweep.axes.map(({ name }) => outcome.trial.values[name]), outcome.score]
    const d = values.map((value, k) => `${k ? 'L' : 'M'}${x(k)} ${y(scales[k].place(value))}`).join('')
    const style =
      outcome === best
        ? `stroke="${ACCENT}" stroke-width="3"`
        : `stroke="${colorAt(high > low ? (outcome.score - low) / (high - low) : 1)}" stroke-width="1.2"`
    return `<path d="${d}" fill="none" ${style} stroke-linejoin="round"/>`
  }
  const axis = (scale: Scale, k: number, name: string): string[] => [
    `<path d="M${x(k)} ${top}V${bottom}" stroke="${SOFT}"/>`,
    text(x(k), top - 14, name, `font-size="13" font-weight="600" fill="${INK}" text-anchor="middle"`),
    ...scale.ticks.map(
      ({ at, text: label }) =>
        `<path d="M${round(x(k) - 4)} ${y(at)}H${x(k)}" stroke="${SOFT}"/>${text(x(k) - 7, y(at) + 4, label, `${FONT} text-anchor="end" ${HALO}`)}`,
    ),
  ]
  const parts = [
    ...heading(sweep, countsText(sweep.outcomes, shown.length), width, height),
    ...shown.map(line),
    ...scales.flatMap((scale, k) => axis(scale, k, sweep.axes[k]?.name ?? 'return')),
    ...(best ? colorLegend(low, high, width, height) : []),
  ]
  return picture(width, height, sweep.title, parts, `Parallel coordinates. ${bestText(best, sweep.axes)}`)
}

/** Under the axes: what the colours mean. */
function colorLegend(low: number, high: number, width: number, height: number): string[] {
  const [y, steps, step] = [height - 26, 24, 6]
  const right = width - 60
  const left = right - 64 - steps * step
  const ramp = Array.from({ length: steps }, (_, i) => {
    return `<rect x="${left + i * step}" y="${y - 9}" width="${step}" height="10" fill="${colorAt(i / (steps - 1))}"/>`
  })
  const label = `${FONT} text-anchor="end"`
  return [
    text(left - 8, y, `return ${valueText(low)}`, label),
    ...ramp,
    text(right - 58, y, valueText(high), FONT),
    `<path d="M28 ${y - 4}H52" stroke="${ACCENT}" stroke-width="3"/>`,
    text(60, y, 'the best trial', FONT),
  ]
}
