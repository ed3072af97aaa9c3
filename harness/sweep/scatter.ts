/** Each searched option of a sweep against the return. */
import { ACCENT, GRID, INK, picture, SOFT } from '../figures/plot'
import type { Axis } from './axis'
import {
  bestText,
  colorAt,
  countsText,
  FONT,
  heading,
  type Outcome,
  type Pictured,
  ranked,
  round,
  type Scored,
  scoreScale,
  text,
} from './outcomes'
import { axisScale, type Scale } from './scale'

const COLUMNS = 2
const PANEL = { width: 400, height: 280, left: 62, right: 20, top: 34, bottom: 44 }

/** A panel for each searched option, its values against the return; trials that came further are darker. */
export function scatterChart(sweep: Pictured): string {
  const shown = ranked(sweep.outcomes)
  const best = shown.at(-1)
  const rows = Math.ceil(sweep.axes.length / COLUMNS)
  const [width, height] = [COLUMNS * PANEL.width, 92 + rows * PANEL.height]
  const returns = scoreScale(shown)
  const parts = [
    ...heading(sweep, countsText(sweep.outcomes, shown.length), width, height),
    ...rungLegend(sweep.rungs),
    ...sweep.axes.map((axis, i) => {
      const at = `${(i % COLUMNS) * PANEL.width} ${92 + Math.floor(i / COLUMNS) * PANEL.height}`
      return `<g transform="translate(${at})">\n${panel(axis, shown, returns, sweep.rungs).join('\n')}\n</g>`
    }),
  ]
  return picture(
    width,
    height,
    sweep.title,
    parts,
    `Each searched option against the return. ${bestText(best, sweep.axes)}`,
  )
}

/** Of a trial that ended in a rung. */
const opacity = (rung: number, rungs: number): number => round(0.2 + (0.7 * (rung + 1)) / rungs)

function rungLegend(rungs: number): string[] {
  const of = (rung: number): string => (rungs === 1 ? 'a trial' : rung === 0 ? 'ended in rung 1' : `rung ${rung + 1}`)
  const marks = Array.from({ length: rungs }, (_, rung) => {
    const x = 34 + (rung > 0 ? 40 : 0) + rung * 84
    return `<circle cx="${x}" cy="72" r="5" fill="${colorAt(1)}" fill-opacity="${opacity(rung, rungs)}"/>${text(x + 10, 76, of(rung), FONT)}`
  })
  const x = 34 + 40 + rungs * 84
  return [...marks, bestMark(x, 72), text(x + 12, 76, 'the best', FONT)]
}

const bestMark = (x: number, y: number): string =>
  `<circle cx="${x}" cy="${y}" r="6" fill="none" stroke="${ACCENT}" stroke-width="2.5"/>`

function panel(axis: Axis, shown: readonly Scored[], returns: Scale, rungs: number): string[] {
  const scale = axisScale(axis)
  const [x0, x1] = [PANEL.left, PANEL.width - PANEL.right]
  const [y0, y1] = [PANEL.height - PANEL.bottom, PANEL.top]
  // Points with the same choice would hide each other.
  const room = axis.scale === 'choices' ? 0.5 / axis.values!.length : 0
  const x = ({ trial }: Outcome): number => {
    const aside = (((trial.id * 0.618034) % 1) - 0.5) * room
    return round(x0 + (scale.place(trial.values[axis.name]) + aside) * (x1 - x0))
  }
  const y = (part: number): number => round(y0 - part * (y0 - y1))
  const dot = (outcome: Scored): string => {
    const [cx, cy] = [x(outcome), y(returns.place(outcome.score))]
    const fill = `fill="${colorAt(1)}" fill-opacity="${opacity(outcome.rung, rungs)}"`
    return `<circle cx="${cx}" cy="${cy}" r="3.5" ${fill}/>${outcome === shown.at(-1) ? bestMark(cx, cy) : ''}`
  }
  const fewer = Math.ceil(scale.ticks.length / 6)
  return [
    ...returns.ticks.map(
      ({ at, text: label }) =>
        `<path d="M${x0} ${y(at)}H${x1}" stroke="${GRID}"/>${text(x0 - 8, y(at) + 4, label, `${FONT} text-anchor="end"`)}`,
    ),
    ...scale.ticks
      .filter((_, i) => i % fewer === 0)
      .map(({ at, text: label }) => text(x0 + at * (x1 - x0), y0 + 18, label, `${FONT} text-anchor="middle"`)),
    `<path d="M${x0} ${y0}H${x1}" stroke="${SOFT}"/>`,
    text((x0 + x1) / 2, PANEL.height - 8, axis.name, `font-size="13" fill="${INK}" text-anchor="middle"`),
    text(0, 0, 'return', `${FONT} text-anchor="middle" transform="translate(14 ${(y0 + y1) / 2}) rotate(-90)"`),
    ...shown.map(dot),
  ]
}
